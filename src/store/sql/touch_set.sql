UPDATE touch SET has = ?2, last_in_at = ?3, last_out_at = ?4, last_agent_at = ?5, permits = ?6, recent = ?7, windows = ?8
WHERE contact_id = ?1
