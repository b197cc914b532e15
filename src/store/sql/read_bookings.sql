SELECT body FROM booking WHERE contact_id = ?1 ORDER BY id
