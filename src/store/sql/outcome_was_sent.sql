-- Messages to the person that were handed over, are under way or unknown, by runs of the sequence.
SELECT EXISTS (
  SELECT 1 FROM enrolment e JOIN outcome o ON o.enrolment_id = e.id LEFT JOIN send s ON s.id = o.id
  WHERE e.contact_id = ?1 AND e.sequence_id = ?2 AND o.kind = 1 AND (o.status IN (1, 5) OR s.state = 3)
    AND (?3 IS NULL OR coalesce(s.authorised_at, o.authorised_at) >= ?3)
)
