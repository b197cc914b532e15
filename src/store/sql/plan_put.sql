INSERT INTO plan (version, hash, published_at, actor, manifest) VALUES (?1, ?2, ?3, ?4, ?5)
