SELECT DISTINCT contact_id FROM identity WHERE kind = ?1 AND value = ?2 ORDER BY contact_id
