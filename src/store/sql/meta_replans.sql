SELECT key, value FROM meta WHERE key >= 'replan:' AND key < 'replan;'
