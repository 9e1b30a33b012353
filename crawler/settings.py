"""Scrapy settings of the crawl. Each line that differs from Scrapy's default says why."""

BOT_NAME = "usufruct"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
COMMANDS_MODULE = "crawler.commands"

# Ours ----------------------------------------------------------------------------------------------------------------
CONTACT = ""  # a page or mailbox where publishers reach the operator; -a contact= wins
CONTACT_REQUIRED = True  # False: one page may be looked at without (scrapy signals read); a crawl must have one
ALLOWED_PRIVATE_NETWORKS: list[str] = []  # e.g. ["127.0.0.0/8"]; everything that is not public is refused otherwise
OPT_OUT_REGISTRIES: dict[str, str] = {}  # name: "file:PATH" or a function's dotted path (crawler/registries.py); none
CRAWL_DELAY_MAX = 30.0  # seconds; a longer Crawl-delay counts as this long
RETRY_AFTER_MAX = 120.0  # seconds; asked to wait longer, we leave the page for another crawl (failed)
POSTPONE_TIMES = 2  # how often a page waits for robots.txt or a 429/503 to change before it is failed
POSTPONE_DELAY = 10.0  # seconds, where the server names no time
POSTPONED_MAX = 10_000  # pages waiting at once; bounds memory
CONNECTION_IDLE = 5  # seconds that an idle connection is kept
SITE_FILE_TIMEOUT = 15.0  # seconds
SITE_FILE_MAXSIZE = 512 * 1024  # bytes; what comes after is left unread (RFC 9309 section 2.5 asks for 500 KiB)
PII_NAMES = True  # look for names of persons; off: recorded as "names not checked"
PII_TIER = "default"  # or "thorough": the best engine for names that is installed, whatever it costs
# PII_ENGINE_<LANGUAGE> = "<engine>[:<model>]", for example PII_ENGINE_EN = "spacy:en_core_web_trf"; "none" for no names
PSEUDONYMS = "natural"  # a name for a name; or "token": [PERSON-3f9a1c2b7d]
# File of the key; empty: one a crawl, under the user's state folder, never in the output; "throwaway": in memory only
PSEUDONYM_KEY = ""
RESUME = False  # go on with the crawl in `out`, as --resume does; False: a folder in use is refused
LEDGER_KEY = ""  # PEM file of the key that signs the ledger, made on first use; empty: one under the state folder
TEXT_ENGINE = "resiliparse"  # what takes the main text out of HTML; or "trafilatura" (extra), ten times slower
WORKERS = 0  # processes that judge pages; 0: one a core
WORKER_TIMEOUT = 60.0  # seconds for one page; then the worker is killed and the page is failed
WORKER_MEMORY = 4_096  # MiB of a worker; a page that needs more is failed; 0: no limit
WORKER_PAGES = 5_000  # a worker is replaced after so many pages, so that no leak grows
FRONTIER_MAX = 2_000  # addresses under way in memory; further links wait on the disk, further seeds in their file
# Several processes, one frontier (docs/cluster.md, extra `redis`): redis://HOST:6379/0, rediss://..., unix:///path?db=0;
# empty: REDIS_URL, and off where that is empty, too; "none": publish what a segment has, take nothing
FRONTIER_REDIS = ""
FRONTIER_NAME = ""  # which crawl; the same for all its processes, each with an `-a out=` of its own
FRONTIER_LEASE = 60.0  # seconds without a sign of life, after which the others take over what a process had
REDIS_URL = ""  # as scrapy-redis reads it; used where FRONTIER_NAME is given
REDIS_PARAMS: dict[str, object] = {}  # further parameters of the connection, as there
REVISIT_ALL = False  # whether every known page (-a known=) is due; False: by its age, as the next three say
REVISIT_FIRST = 0.0  # seconds until a known page that was seen once is visited again; 0: in the next run
REVISIT_LEAST = 0.0  # however often it changes
REVISIT_MOST = 30 * 86_400.0  # however long it stays as it is; for so long an opt-out inside a page may be unseen
PROGRESS_SECONDS = 10.0  # between two lines of progress where there is no terminal
METRICS_TEXTFILE = ""  # file of figures for Prometheus (docs/watching.md), written while the crawl runs and at its end
METRICS_SECONDS = 15.0  # between two writings
METRICS_LISTEN = ""  # "127.0.0.1:9410": answer /metrics and /health there while the crawl runs
METRICS_LABELS: dict[str, str] = {}  # added to every figure, e.g. {"collection": "news"}: whose they are
HEALTH_SILENT_MINUTES = 10.0  # /health: so long without an outcome while addresses are pending is not healthy
HEALTH_DISK_MIB = 512  # /health: nor is less room than this where the crawl is written
LOG_LINES = "text"  # or "json": one JSON object a line
LOG_FIELDS: dict[str, str] = {}  # added to every JSON line, e.g. {"job": "news", "run": "20261123T030000Z"}

# Who we are ----------------------------------------------------------------------------------------------------------
USER_AGENT = "UsufructBot/0.1"  # the operator's contact is added when the crawl starts
ROBOTSTXT_USER_AGENT = "UsufructBot"
ROBOTSTXT_OBEY = False  # Scrapy's middleware fails open and tells our ledger nothing; robots.txt is a signal here
COOKIES_ENABLED = False  # no sessions: what needs one is behind a barrier
REFERRER_POLICY = "no-referrer"

# What passes where ---------------------------------------------------------------------------------------------------
DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.PolitenessMiddleware": 555,
    "crawler.middlewares.FetchGateMiddleware": 760,  # below the proxy middleware: names may be the proxy's to resolve
    "crawler.turns.TurnMiddleware": 770,  # last before a page is asked for, first to hear what came of it
}
ITEM_PIPELINES = {"crawler.pipelines.CollectionPipeline": 300}
EXTENSIONS = {"crawler.progress.Progress": 0, "crawler.metrics.extension.Metrics": 0}
TWISTED_DNS_RESOLVER = "crawler.addresses.CheckingResolver"
REDIRECT_ENABLED = False  # each hop is an address of its own, with its own gate and its own line
METAREFRESH_ENABLED = False
COMPRESSION_ENABLED = False  # bodies are decoded by exchange.py, as stored ones are, and bounded
HTTPERROR_ALLOW_ALL = True  # every status is an outcome
RETRY_HTTP_CODES = [500, 502, 504, 522, 524, 408]  # 429 and 503 wait as the server asks
URLLENGTH_LIMIT = 0  # Scrapy drops long links without a word; normalize() refuses them with one

# Bounds --------------------------------------------------------------------------------------------------------------
DOWNLOAD_DELAY = 1.0  # seconds between two pages of a host
CONCURRENT_REQUESTS = 64  # most of them wait for their host's turn
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 32 * 1024 * 1024  # default 1 GiB; stops declared size and decompression bombs
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_VERIFY_CERTIFICATES = True  # opt-outs read over an unverified line prove little
DOWNLOAD_HANDLERS = {
    "file": None,
    "data": None,
    "ftp": None,
    "s3": None,
    "http": "crawler.handlers.ShortIdleDownloadHandler",
    "https": "crawler.handlers.ShortIdleDownloadHandler",
}
DOWNLOAD_FAIL_ON_DATALOSS = True

# Doors that Scrapy leaves open ---------------------------------------------------------------------------------------
REMOTE_CONTROL_ENABLED = False  # an HTTP server that executes code
TELNETCONSOLE_ENABLED = False

# Logs: no page text, no personal data --------------------------------------------------------------------------------
LOG_FORMATTER = "crawler.logs.QuietLogFormatter"
LOG_LEVEL = "WARNING"
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"  # the ledger says it; the log line would show the address
STATS_DUMP = False
FEED_EXPORT_ENCODING = "utf-8"
