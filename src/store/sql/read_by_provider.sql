SELECT o.id, coalesce(o.contact_id, e.contact_id), o.enrolment_id, coalesce(o.sequence_id, e.sequence_id), o.step_id, o.occurrence,
  o.kind, o.purpose, o.planned_at, o.status, o.reason, o.detail, coalesce(s.at, o.at),
  CASE WHEN s.id IS NULL THEN o.channel_id ELSE s.channel_id END,
  coalesce(s.attempts, o.attempts), coalesce(s.authorised_at, o.authorised_at), coalesce(s.because, o.because),
  s.state, s.due_at, s.epoch, s.hold
FROM outcome o LEFT JOIN enrolment e ON e.id = o.enrolment_id LEFT JOIN send s ON s.id = o.id
WHERE o.provider_ref = ?1 ORDER BY o.id
