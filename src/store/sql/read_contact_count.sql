SELECT count(*) FROM contact WHERE erased_at IS NULL
