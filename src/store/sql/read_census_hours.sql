-- Who is where, without anybody's data: times are whole hours. A run that is due for another reason keeps its own moment.
SELECT sequence_id, step_id, flags & 16 <> 0 AS past, wait, object_id, coalesce(until_at, due_at) / 3600000 AS due,
  since_at / 3600000 AS since, entered_at / 3600000 AS entered, count(*)
FROM enrolment WHERE ended_at IS NULL
GROUP BY sequence_id, step_id, past, wait, object_id, due, since, entered
