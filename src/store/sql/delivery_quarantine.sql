UPDATE delivery SET state = 2, why = coalesce(why, ?2) WHERE id = ?1
