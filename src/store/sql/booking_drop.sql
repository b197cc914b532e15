DELETE FROM booking WHERE id = ?1
