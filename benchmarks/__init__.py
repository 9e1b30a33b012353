"""Programs that measure the crawler against today's alternatives on the same pages in the same run (see README.md)."""
