DELETE FROM meta WHERE key >= 'sweep:' AND key < 'sweep;'
