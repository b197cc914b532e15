SELECT id, body, why, remarks FROM delivery WHERE body IS NOT NULL OR why IS NOT NULL OR remarks IS NOT NULL
