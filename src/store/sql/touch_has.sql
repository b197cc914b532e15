UPDATE touch SET has = ?2 WHERE contact_id = ?1
