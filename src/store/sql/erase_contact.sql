UPDATE contact SET public_id = ?2, clinic_id = NULL, zone_id = NULL, locale_id = NULL, email = NULL, phone = NULL, name = NULL,
  score = 0, warm = 0, is_test = 0, changed_at = ?3, last_visit_at = NULL, next_booking_at = NULL, tags = NULL, fields = NULL,
  erased_at = ?3
WHERE id = ?1
