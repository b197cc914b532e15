SELECT at FROM suppression WHERE hash = ?1
