SELECT body FROM send WHERE id = ?1
