SELECT offer_id, count(*) FROM redemption WHERE contact_id = ?1 GROUP BY offer_id
