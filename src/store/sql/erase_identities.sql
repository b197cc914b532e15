DELETE FROM identity WHERE contact_id = ?1
