SELECT id, source_id, received_at, coalesce(why, '') FROM delivery WHERE state = 2 ORDER BY received_at DESC, id DESC LIMIT ?1
