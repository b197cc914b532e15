SELECT s.id, o.enrolment_id, coalesce(o.sequence_id, e.sequence_id), o.step_id, o.occurrence, o.object_id, o.purpose, s.state,
  s.channel_id, s.rank, s.priority, s.planned_at, s.due_at, s.at, s.attempts, s.epoch, s.authorised_at, s.flags, s.hold,
  s.recipient, s.because, s.spec
FROM send s JOIN outcome o ON o.id = s.id LEFT JOIN enrolment e ON e.id = o.enrolment_id
WHERE s.contact_id = ?1 ORDER BY s.id
