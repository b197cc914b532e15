UPDATE send SET content_hash = ?2, body = ?3 WHERE id = ?1
