DELETE FROM link WHERE contact_id = ?1
