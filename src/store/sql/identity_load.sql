SELECT kind, value, clinic_id FROM identity WHERE contact_id = ?1 ORDER BY id
