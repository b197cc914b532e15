SELECT id, tags, fields FROM contact
