INSERT INTO campaign (name_id, standing, launched_at, changed_at, actor, next_at, swept_to, taken_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (name_id) DO UPDATE SET standing = ?2, launched_at = ?3, changed_at = ?4, actor = ?5, next_at = ?6, swept_to = ?7,
  taken_at = ?8
