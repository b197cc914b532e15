SELECT b.body FROM booking_uid u JOIN booking b ON b.id = u.booking_id WHERE u.uid = ?1 AND u.source_id = ?2
