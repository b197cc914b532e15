SELECT count(*) FROM delivery WHERE state = 2
