-- Messages that fell due and are not out yet, by step.
SELECT coalesce(o.sequence_id, e.sequence_id), o.step_id, s.channel_id, s.flags & 2 <> 0 AS prepared, count(*)
FROM send s JOIN outcome o ON o.id = s.id LEFT JOIN enrolment e ON e.id = o.enrolment_id
WHERE coalesce(o.sequence_id, e.sequence_id) IS NOT NULL
GROUP BY 1, 2, 3, 4
