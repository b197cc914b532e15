UPDATE enrolment SET object_id = ?2, subject_id = ?3, step_id = ?4, step_index = ?5, wait = ?6, wait_for = ?7, due_at = ?8,
  until_at = ?9, rank = ?10, since_at = ?11, occurrence = ?12, flags = ?13, open = ?14, ended_at = ?15, ended_as = ?16,
  ended_by = ?17, ended_why = ?18, started_by = coalesce(?19, started_by), taken = ?20, worth = ?21
WHERE id = ?1
