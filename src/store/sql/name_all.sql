SELECT id, text FROM name
