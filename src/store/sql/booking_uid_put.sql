INSERT INTO booking_uid (uid, source_id, booking_id) VALUES (?1, ?2, ?3)
ON CONFLICT (uid, source_id) DO UPDATE SET booking_id = ?3 WHERE booking_id <> ?3
