SELECT source_id, received_at, body FROM delivery WHERE id = ?1
