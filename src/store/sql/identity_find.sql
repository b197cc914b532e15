SELECT contact_id FROM identity WHERE kind = ?1 AND value = ?2 AND (?3 = 0 OR clinic_id IN (?3, 0))
ORDER BY clinic_id <> ?3, contact_id LIMIT 1
