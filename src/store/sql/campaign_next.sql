SELECT min(next_at) FROM campaign WHERE standing = 0
