SELECT id, sequence_id, object_id, subject_id, step_id, step_index, wait, wait_for, due_at, until_at, entered_at, since_at,
  occurrence, flags, ended_at, ended_as, ended_by, ended_why, started_by, arms, taken, worth
FROM enrolment WHERE contact_id = ?1 AND open = 1 ORDER BY id
