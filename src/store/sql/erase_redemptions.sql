DELETE FROM redemption WHERE contact_id = ?1
