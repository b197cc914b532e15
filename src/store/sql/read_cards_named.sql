-- By a part of the name. A scan: names are not indexed by their parts.
SELECT id, public_id, name, email, phone, clinic_id, is_test, created_at FROM contact
WHERE instr(lower(name), lower(?1)) > 0 ORDER BY lower(name), id LIMIT ?2
