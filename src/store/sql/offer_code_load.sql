SELECT offer_id, code FROM offer_code WHERE contact_id = ?1
