"""The Scrapy shell, item side: judged pages are recorded, then dropped where nobody may keep them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from scrapy.exceptions import CloseSpider, DropItem

from crawler import logs
from crawler.arguments import (
    CRAWLING_ARGUMENTS,
    JUDGING_ARGUMENTS,
    ArgumentError,
    Crawling,
    crawling,
    default_out,
    judging,
    mapping_of,
)
from crawler.audit.ledger import LedgerError
from crawler.audit.signing import SigningKeyError
from crawler.collection import Collection
from crawler.document import Fetched, Judged, Result
from crawler.durable import WriteError
from crawler.feed import SharedFeed
from crawler.known.intervals import Intervals
from crawler.pending import Meta
from crawler.pii.engines import EngineError, resolve
from crawler.pii.mask import mask_url
from crawler.pii.pseudonym import THROWAWAY, KeyFileError, checked_style
from crawler.policy.read import PolicyError
from crawler.resuming import begun
from crawler.sharing import Sharing, frontier_of, is_shared
from crawler.text import ENGINES, EngineMissing, extractor
from crawler.workers import WorkersError
from crawler.working import Working

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

T = TypeVar("T")
# What the operator can mend.
STOPPERS = (
    ArgumentError,
    PolicyError,
    KeyFileError,
    SigningKeyError,
    LedgerError,
    WriteError,
    WorkersError,
    EngineError,
)


class NotKeptError(DropItem):
    """No policy kept the page; why stands in the ledger."""

    def __init__(self) -> None:
        super().__init__("not kept; see the ledger", log_level="DEBUG")


class CollectionPipeline:
    """Opens the crawl's folder with the spider, records every judged page, closes the folder."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._collection: Collection | None = None
        self.problem: str = ""  # why the crawl could not go on recording, for the command
        self.sharing: Sharing | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def collection(self) -> Collection:
        """The crawl's folder; there from the first request to the last."""
        assert self._collection is not None
        return self._collection

    @property
    def is_open(self) -> bool:
        """Whether the crawl's folder was made."""
        return self._collection is not None

    async def open_spider(self) -> None:
        """Read the spider's arguments, make the folder, start the workers; what cannot be done ends the crawl."""
        try:
            await self._open()
        except STOPPERS as error:
            self.problem = str(error)
            raise CloseSpider("did not start") from error

    async def _open(self) -> None:
        settings = self.crawler.settings
        given = self.arguments()
        crawl = self.crawling(given)
        given = {"out": default_out(), **given}
        go_on = self.goes_on(Path(given["out"]))
        judge = judging(given, today=judging_day(Path(given["out"]), go_on=go_on), fetched_by="us")
        if crawl.known and is_shared(settings):
            raise ArgumentError("-a known= and a shared frontier (FRONTIER_NAME) cannot be had together; leave one out")
        self._collection = Collection(
            judge,
            working(settings, links=crawl.follow > 0),
            facts_of_run={
                "seeds": ",".join(map(mask_url, crawl.seeds.split(","))),
                "follow": crawl.follow,
                "scope": crawl.scope.value,
                "limit": crawl.limit,
                "user_agent": crawl.user_agent,
                "contact": crawl.contact,
                **({"known": given["known"]} if crawl.known else {}),
                "settings": {name: settings.get(name) for name in ("DOWNLOAD_DELAY", "DOWNLOAD_VERIFY_CERTIFICATES")},
            },
            identity=crawl.identity,
            loopback_only=not crawl.contact and settings.getbool("CONTACT_REQUIRED"),
            go_on=go_on,
            arguments=given,
            shared=frontier_of(settings, crawl.limit, begun(judge.out) if go_on else None),
            known=crawl.known,
            intervals=intervals(settings),
        )
        logs.about(crawl=self._collection.id)
        if isinstance(self._collection.feed, SharedFeed):
            self.sharing = Sharing(self.crawler, self._collection.feed, self.stop)
        await self._collection.workers.warm_up()

    def arguments(self) -> dict[str, str]:
        """What the operator gave."""
        return spider_arguments(self.crawler.spider)

    def crawling(self, given: Mapping[str, str]) -> Crawling:
        """What is fetched, and as whom. Raises ArgumentError."""
        return crawling_of(self.crawler.settings, given)

    def goes_on(self, out: Path) -> bool:
        """Whether to go on with the crawl in that folder."""
        return self.crawler.settings.getbool("RESUME")

    def process_item(self, item: Any) -> Any:
        """Record a judged page; items of other kinds pass by."""
        if not isinstance(item, Judged):
            return item
        recorded = self.record(item)
        outcomes = recorded.outcomes if recorded and not self.problem else ()
        if not any(outcome.result in (Result.KEPT, Result.HELD) for outcome in outcomes):
            raise NotKeptError
        return recorded

    def accept(self, url: str, meta: Meta, *, counts: bool, waits: bool) -> bool:
        """Take a URL into the crawl; False when it is in already, or the crawl is ending."""
        return self._written(lambda: self.collection.accept(url, meta, counts=counts, waits=waits), otherwise=False)

    def together(self, steps: Callable[[], list[T]]) -> list[T]:
        """Do what accepts addresses, so that all of them are accepted or none; [] when the crawl is ending."""

        def done() -> list[T]:
            with self.collection.feed.together():
                return steps()

        return self._written(done, otherwise=[])

    def take(self) -> tuple[str, Meta] | None:
        """The address that has waited longest; None when none waits, or the crawl is ending."""
        return self._written(self.collection.feed.take, otherwise=None)

    def store_site_file(self, file: Fetched) -> str:
        """Keep a site file as evidence; says where."""
        return self._written(lambda: self.collection.store_site_file(file), otherwise="")

    def record(self, judged: Judged) -> Judged | None:
        """Write the outcomes of one URL, and return it as it was written; None when another process has it now."""
        return self._written(lambda: self.collection.record(judged), otherwise=None)

    def shared(self, do: Callable[[SharedFeed], T], *, otherwise: T) -> T:
        """Do something with the frontier that is shared; `otherwise` where none is, or the crawl is ending."""
        feed = self.collection.feed
        return self._written(lambda: do(feed), otherwise=otherwise) if isinstance(feed, SharedFeed) else otherwise

    def _written(self, write: Callable[[], T], *, otherwise: T) -> T:
        """Write; when the disk refuses, the crawl ends, since it could account for no more. The rest is pending."""
        if self.problem:
            return otherwise
        try:
            return write()
        except WriteError as error:
            self.stop(str(error))
            return otherwise

    def stop(self, problem: str) -> None:
        """End the crawl because it can no longer record."""
        if self.problem:
            return
        self.problem = problem
        self.collection.abort()
        assert self.crawler.engine is not None
        assert self.crawler.spider is not None
        self.crawler.engine.close_spider(self.crawler.spider, "cannot record")

    async def close_spider(self) -> None:
        """Stop the workers, publish the last shards."""
        if self._collection is None:
            return
        if self.sharing:
            self.sharing.close()
        await self._collection.workers.close()
        try:
            self._collection.close()
        except WriteError as error:
            self.problem = self.problem or str(error)
            self._collection.abort()


def intervals(settings: BaseSettings) -> Intervals:
    """When a known page is visited again, by the settings."""
    first, least, most = (settings.getfloat(f"REVISIT_{name}") for name in ("FIRST", "LEAST", "MOST"))
    return Intervals(first, least, most, settings.getbool("REVISIT_ALL"))


def judging_day(out: Path, *, go_on: bool) -> date:
    """The day whose rules hold: that on which the crawl was begun."""
    before = begun(out) if go_on else None
    return datetime.fromisoformat(str(before["started"])).date() if before else datetime.now(UTC).date()


def spider_arguments(spider: object) -> dict[str, str]:
    """The `-a` arguments that are ours, as any spider carries them."""
    names = (*CRAWLING_ARGUMENTS, *JUDGING_ARGUMENTS)
    return {name: str(value) for name in names if (value := getattr(spider, name, None)) is not None}


def crawling_of(settings: BaseSettings, given: Mapping[str, str]) -> Crawling:
    """The arguments of crawling, with the contact of the settings where they name none; raises ArgumentError."""
    required = settings.getbool("CONTACT_REQUIRED")
    return crawling(given, default_contact=settings["CONTACT"], contact_required=required)


def working(settings: BaseSettings, *, links: bool = False) -> Working:
    """How pages are worked on, by the settings; raises EngineError for an engine that does not exist."""
    engines, asked = name_engines(settings)
    return Working(
        processes=settings.getint("WORKERS"),
        timeout_s=settings.getfloat("WORKER_TIMEOUT"),
        pages_per_worker=settings.getint("WORKER_PAGES"),
        memory_mib=settings.getint("WORKER_MEMORY"),
        key_file=Path(settings["PSEUDONYM_KEY"]) if settings["PSEUDONYM_KEY"] else None,
        ledger_key_file=Path(settings["LEDGER_KEY"]) if settings["LEDGER_KEY"] else None,
        throw_key_away=settings["PSEUDONYM_KEY"] == THROWAWAY,
        pseudonyms=checked_style(settings["PSEUDONYMS"]),
        engines=engines,
        asked=asked,
        links=links,
        registries=mapping_of(settings, "OPT_OUT_REGISTRIES"),
        text_engine=_text_engine(settings["TEXT_ENGINE"]),
    )


def _text_engine(name: str) -> str:
    """The engine, if it is there; raises ArgumentError."""
    if name not in ENGINES:
        raise ArgumentError(f"TEXT_ENGINE={name}: unknown; allowed are {', '.join(ENGINES)}")
    try:
        extractor(name)
    except EngineMissing as error:
        raise ArgumentError(f"TEXT_ENGINE={name}: {error}") from error
    return name


def name_engines(settings: BaseSettings) -> tuple[dict[str, str], tuple[str, ...]]:
    """Which engine looks for names in which language, and for which of them the operator named it."""
    if not settings.getbool("PII_NAMES"):
        return {}, ()
    prefix = "PII_ENGINE_"
    asked = {name[len(prefix) :].lower(): str(settings[name]) for name in settings if name.startswith(prefix)}
    engines = resolve(settings["PII_TIER"], asked)
    return engines, tuple(sorted(language for language in engines if asked.get(language)))
