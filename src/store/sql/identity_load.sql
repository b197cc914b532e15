SELECT kind, value FROM identity WHERE contact_id = ?1 ORDER BY id
