SELECT c.clinic_id, c.zone_id, c.locale_id, c.email, c.phone, c.score, c.warm, c.is_test, c.created_at, c.last_visit_at,
  c.next_booking_at, c.tags, c.fields, t.has, t.last_in_at, t.last_out_at, t.last_agent_at, t.permits, t.recent, t.windows,
  c.erased_at
FROM contact c JOIN touch t ON t.contact_id = c.id WHERE c.id = ?1
