SELECT DISTINCT channel_id FROM consent WHERE contact_id = ?1 AND channel_id IS NOT NULL
