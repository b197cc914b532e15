UPDATE booking SET kind = ?2, host = ?3, clinic = ?4 WHERE id = ?1
