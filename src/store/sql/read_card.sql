SELECT id, public_id, name, email, phone, clinic_id, is_test, created_at FROM contact
WHERE id = ?1 AND erased_at IS NULL
