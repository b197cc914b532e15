DELETE FROM watch WHERE contact_id = ?1
