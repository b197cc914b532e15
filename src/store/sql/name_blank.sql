-- Its number is never given again: other connections may still know it by the old name.
UPDATE name SET text = 'erased:' || id WHERE id = ?1
