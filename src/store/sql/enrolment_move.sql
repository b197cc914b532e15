-- An active run moved on. What says whose and about what it is stays as it is, and so do the indexes over that.
UPDATE enrolment SET object_id = ?2, step_id = ?3, step_index = ?4, wait = ?5, wait_for = ?6, due_at = ?7, until_at = ?8,
  rank = ?9, since_at = ?10, occurrence = ?11, flags = ?12, taken = ?13, worth = ?14
WHERE id = ?1
