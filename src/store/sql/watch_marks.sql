SELECT contact_id, mark FROM watch
WHERE trigger_id = ?1 AND contact_id > ?2 AND mark IS NOT NULL ORDER BY contact_id LIMIT ?3
