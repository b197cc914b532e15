INSERT INTO link (send_id, number, contact_id, url) VALUES (?1, ?2, ?3, ?4)
