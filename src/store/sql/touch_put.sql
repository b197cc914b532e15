INSERT INTO touch (contact_id, has, last_in_at, last_out_at, last_agent_at, permits, recent, windows)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
