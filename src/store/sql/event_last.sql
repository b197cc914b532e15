SELECT max(at) FROM event WHERE contact_id = ?1 AND kind_id = ?2
