UPDATE send SET state = ?2, channel_id = ?3, due_at = ?4, at = ?5, attempts = ?6, epoch = ?7, authorised_at = ?8, flags = ?9,
  hold = ?10, recipient = ?11, because = ?12, planned_at = ?13
WHERE id = ?1
