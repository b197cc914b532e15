INSERT INTO redemption (event_id, contact_id, offer_id, code, at, value) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
