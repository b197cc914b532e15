INSERT INTO task (outcome_id, contact_id, created_at, due_at, assignee, title, notes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
