UPDATE touch SET last_in_at = NULL, last_out_at = NULL, last_agent_at = NULL, permits = NULL, recent = NULL, windows = NULL
WHERE contact_id = ?1
