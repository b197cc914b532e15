SELECT d.id, d.source_id, d.received_at, d.body, e.contact_id FROM delivery d
LEFT JOIN (SELECT delivery_id, min(contact_id) AS contact_id FROM event WHERE delivery_id IS NOT NULL GROUP BY delivery_id) e
  ON e.delivery_id = d.id
ORDER BY d.received_at, d.id
