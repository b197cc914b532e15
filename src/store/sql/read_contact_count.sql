SELECT count(*) FROM contact
