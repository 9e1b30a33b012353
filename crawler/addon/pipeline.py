"""The crawl's folder, for a spider of another project: its arguments, and what is said at its end."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import CloseSpider

from crawler.addon.items import PlainItemsMiddleware
from crawler.arguments import JUDGING_ARGUMENTS, Crawling, crawling
from crawler.commands import outcome_lines
from crawler.document import FetchError, Judged, url_id
from crawler.metrics.extension import Metrics
from crawler.pipelines import CollectionPipeline
from crawler.resuming import begun

if TYPE_CHECKING:
    from collections.abc import Mapping

OWN = ("policy", "out")  # that settings may say, too: POLICY, OUT
HARMLESS = "http://127.0.0.1/"  # stands for seeds that we are not told
NO_CONTACT = (
    "usufruct: no contact is given, so only pages on this machine are fetched; set CONTACT (a mailbox, or the address "
    "of a page about the crawl), or give -a contact="
)


class PlainPipeline(CollectionPipeline):
    """Takes what a spider was given for the gate; everything else that it was given is the spider's."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.again = 0  # answers of addresses that had their line

    async def open_spider(self) -> None:
        """As always; what is wrong is said here, since no command of ours does."""
        try:
            await super().open_spider()
        except CloseSpider:
            print(f"usufruct: {self.problem}; the crawl does not start", file=sys.stderr)
            raise
        if self.collection.loopback_only:
            print(NO_CONTACT, file=sys.stderr)

    def arguments(self) -> dict[str, str]:
        """Of judging, and the contact: from the spider's own `-a`, then from the settings."""
        given = vars(self.crawler.spider)
        names = (*JUDGING_ARGUMENTS, "contact")
        told = {name: value for name in names if isinstance(value := given.get(name), str)}
        settings = self.crawler.settings
        return {name: str(value) for name in OWN if (value := settings.get(name.upper()))} | told

    def crawling(self, given: Mapping[str, str]) -> Crawling:
        """Nothing is known of seeds: they are the spider's."""
        assert self.crawler.spider is not None
        contact = given.get("contact", self.crawler.settings["CONTACT"])
        crawl = crawling({"seeds": HARMLESS, "contact": contact})
        return replace(crawl, seeds=f"spider {self.crawler.spider.name}")

    def goes_on(self, out: Path) -> bool:
        """With JOBDIR Scrapy takes its queue up again, and we the folder."""
        settings = self.crawler.settings
        return settings.getbool("RESUME") or bool(settings["JOBDIR"] and begun(out))

    def record(self, judged: Judged) -> Judged | None:
        """Once for each address."""
        if self._collection is not None and self.collection.addresses.is_decided(url_id(judged.url)):
            self.again += 1
            return judged
        return super().record(judged)

    async def close_spider(self) -> None:
        """Say what came of it, on standard error: items may go to standard output."""
        if self.is_open:
            self.collection.addresses.keeps |= self._will_go_on()
        await super().close_spider()
        if not self.is_open:
            return
        print("\n".join(self._told()), file=sys.stderr)

    def _will_go_on(self) -> bool:
        """Whether Scrapy keeps requests on the disk that never came to the gate, so that the crawl has not ended."""
        slot = self.crawler.engine._slot if self.crawler.engine else None
        return bool(self.crawler.settings["JOBDIR"]) and slot is not None and slot.scheduler.has_pending_requests()

    def _told(self) -> list[str]:
        items = self.crawler.get_spider_middleware(PlainItemsMiddleware)
        told = list(outcome_lines(self.collection))
        if items and items.withheld:
            told.append(f"{items.withheld} items of pages that no policy kept were withheld")
        if self.again:
            told.append(f"{self.again} more answers of addresses that had their line were judged, and not recorded")
        if inside := self.collection.tally.errors[FetchError.ADDRESS.value]:
            told.append(
                f"{inside} addresses were refused as not public; ALLOWED_PRIVATE_NETWORKS, and CONTACT, let more in"
            )
        metrics = self.crawler.get_extension(Metrics)
        if problem := self.problem or (metrics.problem if metrics else ""):
            told.append(f"usufruct: {problem}")
        return told
