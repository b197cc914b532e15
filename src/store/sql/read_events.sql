SELECT id, kind_id, at, booking_id, delivery_id, enrolment_id, data FROM event
WHERE contact_id = ?1 ORDER BY id
