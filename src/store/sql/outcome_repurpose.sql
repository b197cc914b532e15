UPDATE outcome SET purpose = ?2 WHERE id = ?1 AND status = 0
