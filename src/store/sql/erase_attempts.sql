DELETE FROM attempt WHERE outcome_id IN (
  SELECT id FROM outcome WHERE enrolment_id IN (SELECT id FROM enrolment WHERE contact_id = ?1)
  UNION ALL SELECT id FROM outcome WHERE enrolment_id IS NULL AND contact_id = ?1)
