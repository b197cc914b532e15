INSERT INTO consent (contact_id, channel_id, purpose, state, basis, text_version, source_id, actor, at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
