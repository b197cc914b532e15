DELETE FROM link WHERE send_id = ?1
