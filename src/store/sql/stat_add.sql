INSERT INTO stat (day, sequence_id, step_id, what, channel_id, count) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (day, sequence_id, step_id, what, channel_id) DO UPDATE SET count = count + ?6
