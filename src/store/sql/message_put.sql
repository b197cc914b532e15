INSERT INTO message (outcome_id, contact_id, channel_id, at, body) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (outcome_id) DO NOTHING
