INSERT INTO plan_object (kind, name_id, hash, format, body) VALUES (?1, ?2, ?3, ?4, ?5)
