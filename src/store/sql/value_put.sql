INSERT INTO contact_value (contact_id, field_id, place, kind, text, whole, real) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
