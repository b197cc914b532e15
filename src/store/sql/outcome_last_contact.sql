-- The last marketing or service message that was handed over, is under way or unknown.
SELECT max(coalesce(s.authorised_at, o.authorised_at))
FROM enrolment e JOIN outcome o ON o.enrolment_id = e.id LEFT JOIN send s ON s.id = o.id
WHERE e.contact_id = ?1 AND o.kind = 1 AND o.purpose IN (1, 2) AND (o.status IN (1, 5) OR s.state = 3)
