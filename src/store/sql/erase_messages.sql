DELETE FROM message WHERE contact_id = ?1
