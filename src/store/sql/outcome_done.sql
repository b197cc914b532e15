-- What a move cancelled was not done.
SELECT step_id, occurrence FROM outcome WHERE enrolment_id = ?1 AND NOT (status = 4 AND reason = 0) ORDER BY id
