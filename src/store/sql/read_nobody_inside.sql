SELECT NOT EXISTS (
  SELECT 1 FROM enrolment e JOIN name n ON n.id = e.sequence_id WHERE n.text = ?1 AND e.ended_at IS NULL
)
