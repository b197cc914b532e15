INSERT INTO campaign_order (name_id, what, at, actor) VALUES (?1, ?2, ?3, ?4)
