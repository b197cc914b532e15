SELECT key, value FROM meta WHERE key >= 'sweep:' AND key < 'sweep;'
