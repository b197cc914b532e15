UPDATE enrolment SET arms = ?2 WHERE id = ?1
