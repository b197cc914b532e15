SELECT what, sum(count) FROM stat GROUP BY what
