-- Who is where, without anybody's data.
SELECT sequence_id, step_id, flags & 16 <> 0 AS past, wait, count(*) FROM enrolment WHERE ended_at IS NULL
GROUP BY sequence_id, step_id, past, wait
