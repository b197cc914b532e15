SELECT id FROM contact WHERE id > ?1 AND erased_at IS NULL ORDER BY id LIMIT ?2
