-- The sequences of a published plan.
SELECT n.text, o.id FROM plan_object o JOIN name n ON n.id = o.name_id
WHERE o.kind = 1 AND o.id IN (SELECT value FROM json_each(?1))
