UPDATE delivery SET body = NULL, why = NULL, remarks = NULL, state = CASE state WHEN 2 THEN 1 ELSE state END WHERE id = ?1
