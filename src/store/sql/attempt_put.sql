INSERT INTO attempt (outcome_id, number, at, result_id, detail) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (outcome_id, number) DO UPDATE SET at = ?3, result_id = ?4, detail = ?5
