SELECT offer_id, count FROM redemption_total
