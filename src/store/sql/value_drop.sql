DELETE FROM contact_value WHERE contact_id = ?1
