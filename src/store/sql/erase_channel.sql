UPDATE consent SET channel_id = ?3 WHERE contact_id = ?1 AND channel_id = ?2
