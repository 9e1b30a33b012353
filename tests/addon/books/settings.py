"""Settings of a project that is not ours, as its template makes them; the add-on is one line more."""

BOT_NAME = "books"
SPIDER_MODULES = ["books.spiders"]
NEWSPIDER_MODULE = "books.spiders"
ROBOTSTXT_OBEY = True
CONCURRENT_REQUESTS_PER_DOMAIN = 4
DOWNLOAD_DELAY = 0
RETRY_TIMES = 2
HTTPCACHE_ENABLED = True
DOWNLOADER_MIDDLEWARES = {"books.own.HeaderMiddleware": 543}
SPIDER_MIDDLEWARES = {"books.own.CountingMiddleware": 543}
ITEM_PIPELINES = {"books.own.ShelfPipeline": 300}
FEED_EXPORT_ENCODING = "utf-8"
ALLOWED_PRIVATE_NETWORKS = ["127.0.0.0/8"]  # the catalogue of the tests is on this machine
