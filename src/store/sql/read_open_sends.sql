SELECT state, count(*) FROM send GROUP BY state
