INSERT OR IGNORE INTO offer_code (contact_id, offer_id, code, issued_at) VALUES (?1, ?2, ?3, ?4)
