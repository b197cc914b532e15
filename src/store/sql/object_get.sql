SELECT kind, format, body, name_id FROM plan_object WHERE id = ?1
