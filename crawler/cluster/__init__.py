"""Several crawl processes, on several machines, with one frontier: kept in Redis, read and written as JSON only."""
