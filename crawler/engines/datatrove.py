"""A step for datatrove's pipelines, between reader and writer: judges each document, hands on what is kept, clean.

    pipeline = [JsonlReader("texts/"), Usufruct("eu", "judged"), JsonlWriter("clean/")]

It wants `pip install datatrove`, which this project does not bring; its API as of 0.10, read 2026-11-23.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from datatrove.data import Document, DocumentsPipeline
from datatrove.pipeline.base import PipelineStep
from scrapy.settings import Settings

from crawler import settings as our_settings
from crawler.arguments import ArgumentError, judging
from crawler.asking import Asking
from crawler.audit.read_run import RUN
from crawler.collection import Collection
from crawler.document import HEADERS, Fetched, FetchError, Judged, Result
from crawler.engines.plan import SEGMENTS
from crawler.pipelines import working
from crawler.rejudge import judge_stored
from crawler.shards.record import json_text
from crawler.sources.documents import AS_USUAL, columns_of, names_in, page_of
from crawler.text.html import LOOKS_LIKE_HTML, SNIFF_BYTES
from crawler.urls import normalize

_HTML = (("Content-Type", "text/html; charset=utf-8"),)


class Usufruct(PipelineStep):  # type: ignore[misc] # datatrove publishes no types
    """Judges documents, hands on those that are kept, with clean text and what was decided in their metadata.

    Args:
        policy: One policy, as for `-a policy=`; of several, joined by "+", the strictest answer counts.
        out: A folder; each rank leaves the folder of a crawl in `<out>/segments/`, for `scrapy audit`.
        arguments: Further arguments of judging, as for `-a`: {"purpose": "scientific-research"}.
        settings: Scrapy settings, as for `-s`: {"PII_NAMES": False}.
        html: Whether the texts are HTML, as WarcReader has them; None: looked at one by one.

    Raises:
        ArgumentError, PolicyError: Something cannot be used, said before the first document.
    """

    type = "⚖️ - JUDGE"
    name = "🌾 Usufruct"

    def __init__(
        self,
        policy: str,
        out: str,
        arguments: Mapping[str, str] | None = None,
        settings: Mapping[str, Any] | None = None,
        html: bool | None = None,
    ) -> None:
        super().__init__()
        given = {"fetched_by": "others", **(arguments or {}), "policy": policy, "out": out}
        self._fetched_by = given.pop("fetched_by")
        self._given, self._settings, self._html = given, dict(settings or {}), html
        if len(judging(given, today=datetime.now(UTC).date(), fetched_by=self._fetched_by).policies) != 1:
            raise ArgumentError(f"policy={policy}: a pipeline has one text a document; join policies by + instead of ,")

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Judge the documents of one rank; one that broke off is begun again."""
        what = judging(self._given, today=datetime.now(UTC).date(), fetched_by=self._fetched_by)
        segment = what.out / SEGMENTS / f"{rank:05d}"
        if (segment / RUN).exists():
            shutil.rmtree(segment)
        settings = Settings()
        settings.setmodule(our_settings)
        settings.update(self._settings, priority="cmdline")
        how = replace(working(settings), processes=1)
        collection = Collection(replace(what, out=segment), how, facts_of_run={"sources": [f"datatrove rank {rank}"]})
        loop = asyncio.new_event_loop()
        try:
            yield from self._judged(data or (), collection, loop)
            collection.close()
        except BaseException:
            collection.abort()
            raise
        finally:
            loop.run_until_complete(collection.workers.close())
            loop.close()

    def _judged(self, data: Any, collection: Collection, loop: asyncio.AbstractEventLoop) -> Iterator[Document]:
        loop.run_until_complete(collection.workers.warm_up())
        asking = Asking(_nothing, collection.workers.gate, collection.judging.wanted, collection.registries.answers)
        for number, document in enumerate(data):
            self.stat_update("total")
            with self.track_time():
                page = self._page(document, number)
                if not collection.accept(page.url):
                    self.stat_update("repeated")
                    continue
                known = collection.evidence_of(page.url)
                _, judged = loop.run_until_complete(judge_stored(page, known, asking, collection.workers))
                judged = collection.record(judged) or judged  # nobody shares the frontier
                self.stat_update(judged.outcomes[0].result.value)
            if judged.outcomes[0].result is Result.KEPT:
                yield _cleaned(document, judged)

    def _page(self, document: Document, number: int) -> Fetched:
        """A document as a page."""
        row = {"text": document.text, "id": document.id, "metadata": document.metadata}
        page = page_of(row, columns_of("datatrove", names_in(row), AS_USUAL), f"datatrove://{document.id}", number)
        page = replace(page, url=normalize(page.url) or page.url)
        is_html = LOOKS_LIKE_HTML.match(page.body[:SNIFF_BYTES]) if self._html is None else self._html
        return replace(page, headers=_HTML, unrecorded=(HEADERS,)) if is_html else page


def _cleaned(document: Document, judged: Judged) -> Document:
    outcome = judged.outcomes[0]
    assert outcome.document is not None
    deciding = outcome.decision.deciding
    document.text = outcome.document.text
    document.metadata |= {
        "policy": outcome.policy,
        "rule": deciding.rule if deciding else "",
        "pii": json_text(dict(outcome.document.pii)),
        "treatments": json_text(dict(outcome.document.treatments)),
        "language": outcome.document.language,
        "license": outcome.document.license,
        "text_engine": outcome.document.engine,
    }
    return document


async def _nothing(address: str) -> Fetched:
    return Fetched(address, 0, error=FetchError.NOT_RECORDED)
