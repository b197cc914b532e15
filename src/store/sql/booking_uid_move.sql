UPDATE booking_uid SET booking_id = ?2 WHERE booking_id = ?1
