-- Every plan that was published, newest first.
SELECT version, hash, published_at, actor FROM plan ORDER BY version DESC
