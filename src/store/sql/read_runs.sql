SELECT id, contact_id, sequence_id, subject_id, entered_at, step_id, wait, wait_for, due_at, until_at, occurrence, flags, open,
  ended_at, ended_as, ended_by, ended_why, started_by, taken, worth
FROM enrolment
WHERE contact_id = ?1 ORDER BY id
