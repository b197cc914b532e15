UPDATE enrolment SET step_id = NULL, step_index = 0, wait = 9, wait_for = NULL, due_at = NULL, until_at = NULL, since_at = 0,
  occurrence = 0, flags = flags & 14, open = 0, ended_at = ?2, ended_as = 2, ended_by = NULL, ended_why = ?3
WHERE id = ?1
