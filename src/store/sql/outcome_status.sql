SELECT status FROM outcome WHERE id = ?1
