-- What became of each step stays; what a provider said and what a gate read do not. A cancelled one (4) names an end.
UPDATE outcome SET because = NULL, provider_ref = NULL, detail = CASE status WHEN 4 THEN detail END
WHERE enrolment_id IN (SELECT id FROM enrolment WHERE contact_id = ?1) OR (enrolment_id IS NULL AND contact_id = ?1)
