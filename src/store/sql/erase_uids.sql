SELECT uid FROM booking_uid WHERE booking_id IN (SELECT id FROM booking WHERE contact_id = ?1)
