-- What is to be done, the most pressing first.
SELECT contact_id, created_at, done_at, outcome_id, title, notes, assignee, due_at FROM task
WHERE done_at IS NULL ORDER BY due_at IS NULL, due_at, id LIMIT ?1
