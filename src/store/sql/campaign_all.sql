SELECT name_id, standing, launched_at, changed_at, actor, next_at, swept_to, taken_at FROM campaign
