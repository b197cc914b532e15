-- Names that came with the person and may be nobody else's.
SELECT clinic_id FROM contact WHERE id = ?1 AND clinic_id IS NOT NULL
UNION SELECT zone_id FROM contact WHERE id = ?1 AND zone_id IS NOT NULL
UNION SELECT locale_id FROM contact WHERE id = ?1 AND locale_id IS NOT NULL
UNION SELECT channel_id FROM consent WHERE contact_id = ?1 AND channel_id IS NOT NULL
UNION SELECT field_id FROM contact_value WHERE contact_id = ?1
UNION SELECT kind_id FROM event WHERE contact_id = ?1
