SELECT at, trigger_id, sequence_id, why, because FROM refusal WHERE contact_id = ?1 ORDER BY id
