SELECT day, sequence_id, step_id, what, channel_id, count FROM stat WHERE day BETWEEN ?1 AND ?2
