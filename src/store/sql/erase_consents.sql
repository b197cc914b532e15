-- What was said when stays as proof; words that came from outside do not.
UPDATE consent SET text_version = NULL,
  basis = CASE WHEN basis IN ('reply', 'link', 'import', 'event', 'provider', 'operator', 'erased') THEN basis ELSE 'event' END
WHERE contact_id = ?1
