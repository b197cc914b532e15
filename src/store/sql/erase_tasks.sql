DELETE FROM task WHERE contact_id = ?1
