SELECT step_id, occurrence FROM outcome WHERE enrolment_id = ?1 ORDER BY id
