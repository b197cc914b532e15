-- What is under way ends with its answer; its bytes are not needed again.
UPDATE send SET recipient = NULL, because = NULL, content_hash = NULL, body = NULL WHERE contact_id = ?1
