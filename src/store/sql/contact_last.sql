SELECT max(id) FROM contact
