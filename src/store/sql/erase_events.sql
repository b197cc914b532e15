DELETE FROM event WHERE contact_id = ?1
