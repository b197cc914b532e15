SELECT kind, format, body FROM plan_object WHERE id = ?1
