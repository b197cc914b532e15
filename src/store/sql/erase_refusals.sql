DELETE FROM refusal WHERE contact_id = ?1
