SELECT name_id, what, at, actor FROM campaign_order ORDER BY id
