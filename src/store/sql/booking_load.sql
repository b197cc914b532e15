SELECT id, body FROM booking WHERE contact_id = ?1
