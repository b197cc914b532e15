SELECT at, data FROM event WHERE contact_id = ?1 AND kind_id = ?2 AND at >= ?3
