-- Sequences of a published plan.
SELECT name_id FROM plan_object WHERE kind = 1 AND id IN (SELECT value FROM json_each(?1))
