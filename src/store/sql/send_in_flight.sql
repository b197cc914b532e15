-- The table holds open rows only.
SELECT contact_id, id, attempts, epoch FROM send WHERE state = 3 AND epoch < ?1 ORDER BY id
