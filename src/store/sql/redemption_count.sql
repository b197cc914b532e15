INSERT INTO redemption_total (offer_id, count) VALUES (?1, 1) ON CONFLICT (offer_id) DO UPDATE SET count = count + 1
