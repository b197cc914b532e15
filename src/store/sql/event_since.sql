SELECT id, at, booking_id, enrolment_id, data FROM event
WHERE contact_id = ?1 AND kind_id = ?2 AND at > ?3 ORDER BY at, id
