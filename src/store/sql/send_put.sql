INSERT INTO send (id, contact_id, state, channel_id, rank, priority, planned_at, due_at, at, attempts, epoch, authorised_at,
  flags, hold, recipient, because, spec, content_hash, body)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
