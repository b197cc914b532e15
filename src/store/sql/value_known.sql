SELECT tags, fields FROM contact WHERE id = ?1
