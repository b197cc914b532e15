SELECT channel_id, purpose, state, basis, text_version, source_id, actor, at FROM consent WHERE contact_id = ?1 ORDER BY id
