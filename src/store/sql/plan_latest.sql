SELECT version, hash, manifest FROM plan ORDER BY version DESC LIMIT 1
