SELECT count(*) FROM watch WHERE due_at <= ?1
