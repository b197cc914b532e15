SELECT id FROM contact WHERE id > ?1 ORDER BY id LIMIT ?2
