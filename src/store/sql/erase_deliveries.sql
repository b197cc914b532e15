-- Deliveries that told something of one person. That they came stays, so that a repetition is known as one.
UPDATE delivery SET body = NULL, why = NULL, remarks = NULL, state = CASE state WHEN 2 THEN 1 ELSE state END
WHERE id IN (SELECT delivery_id FROM event WHERE contact_id = ?1 AND delivery_id IS NOT NULL)
