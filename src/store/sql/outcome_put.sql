INSERT INTO outcome (id, enrolment_id, contact_id, sequence_id, step_id, occurrence, object_id, kind, purpose, planned_at,
  status, reason, detail, at, channel_id, attempts, authorised_at, provider_ref, because)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
