SELECT contact_id, created_at, done_at, outcome_id, title, notes, assignee, due_at FROM task
WHERE contact_id = ?1 ORDER BY id
