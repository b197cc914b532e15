UPDATE send SET rank = ?2, priority = ?3 WHERE id = ?1
