SELECT min(due_at) FROM watch
