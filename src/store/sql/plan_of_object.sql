-- What else the last plan with this object had.
SELECT p.format, p.body FROM plan_object p
WHERE p.kind = 0 AND p.id IN (
  SELECT value FROM json_each((
    SELECT manifest FROM plan WHERE EXISTS (SELECT 1 FROM json_each(plan.manifest) WHERE value = ?1)
    ORDER BY version DESC LIMIT 1
  ))
)
