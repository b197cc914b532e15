-- The first reason stays.
UPDATE delivery SET why = CASE state WHEN 2 THEN why ELSE ?2 END, state = 2 WHERE id = ?1
