SELECT manifest FROM plan WHERE version = ?1
