-- Nobody else is given the code, which a hash of it is enough for.
UPDATE offer_code SET code = ?3 WHERE contact_id = ?1 AND offer_id = ?2
