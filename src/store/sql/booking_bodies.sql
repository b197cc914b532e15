SELECT id, body FROM booking
