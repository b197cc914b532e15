INSERT INTO identity (contact_id, kind, value) VALUES (?1, ?2, ?3)
