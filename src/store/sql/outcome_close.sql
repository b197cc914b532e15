-- A terminal outcome never changes, except unknown to sent.
UPDATE outcome SET status = ?2, reason = ?3, detail = ?4, at = ?5, channel_id = ?6, attempts = ?7, authorised_at = ?8,
  provider_ref = ?9, because = ?10, planned_at = ?11
WHERE id = ?1 AND (status = 0 OR (status = 5 AND ?2 = 1))
