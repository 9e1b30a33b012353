"""How an address was reached: the names under which a request carries it, and the state of a crawl keeps it."""

SEED = "usufruct_seed"  # the seed that a page was reached from
DEPTH = "usufruct_depth"  # how many links away from it
HOPS = "usufruct_hops"  # how many redirects away from the address that was asked for
SITEMAP_LEVEL = "usufruct_sitemap_level"  # how many sitemaps away from the seeds
WAY = (SEED, DEPTH, HOPS, SITEMAP_LEVEL)
