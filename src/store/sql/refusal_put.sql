INSERT INTO refusal (contact_id, at, trigger_id, sequence_id, why, because) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
