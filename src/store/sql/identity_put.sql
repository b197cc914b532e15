INSERT INTO identity (contact_id, kind, value, clinic_id) VALUES (?1, ?2, ?3, ?4)
