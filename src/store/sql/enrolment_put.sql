INSERT INTO enrolment (id, sequence_id, object_id, contact_id, subject_id, step_id, step_index, wait, wait_for, due_at,
  until_at, rank, entered_at, since_at, occurrence, flags, open, ended_at, ended_as, ended_by, ended_why, started_by, taken, worth)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
  ?23, ?24)
