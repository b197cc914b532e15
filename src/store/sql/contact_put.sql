INSERT INTO contact (id, public_id, clinic_id, zone_id, locale_id, email, phone, name, score, warm, is_test, created_at,
  changed_at, last_visit_at, next_booking_at, tags, fields)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
