SELECT count(*) FROM outcome WHERE status = 5
