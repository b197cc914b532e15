SELECT e.contact_id, e.at, e.data FROM event e
JOIN delivery d ON d.id = e.delivery_id JOIN name n ON n.id = d.source_id
WHERE n.text = '@links' ORDER BY e.id
