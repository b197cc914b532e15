DELETE FROM booking WHERE contact_id = ?1
