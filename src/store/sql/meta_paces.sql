SELECT key, value FROM meta WHERE key >= 'pace:' AND key < 'pace;'
