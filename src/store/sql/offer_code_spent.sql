SELECT EXISTS (SELECT 1 FROM offer_code WHERE offer_id = ?1 AND code = ?2)
