UPDATE contact SET clinic_id = ?2, zone_id = ?3, locale_id = ?4, email = ?5, phone = ?6, name = ?7, score = ?8, warm = ?9,
  is_test = ?10, changed_at = ?11, last_visit_at = ?12, next_booking_at = ?13, tags = ?14, fields = ?15
WHERE id = ?1
