INSERT INTO event (id, contact_id, kind_id, at, booking_id, delivery_id, enrolment_id, data)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
