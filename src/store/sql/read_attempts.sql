SELECT outcome_id, number, at, result_id, detail FROM attempt WHERE outcome_id = ?1 ORDER BY number
