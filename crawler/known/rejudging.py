"""What is stored of known pages decided again under other policies, or other versions of them: nothing is fetched.

Each page gets a line: unchanged where the record that stands is what the policy asks for; dropped by its rule; failed
where a text would be needed that does not stand, or a site file that nobody has asked for. Such a page is due at once,
so that the next crawl with the book asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from crawler import stored_rules
from crawler.arguments import Judging, all_facts
from crawler.audit.pages import StoredPage
from crawler.collection import Collection
from crawler.document import Outcome, Result, Stage
from crawler.known.book import Book, Page
from crawler.known.stored_facts import facts_of
from crawler.known.visiting import Again, Visiting
from crawler.policy.policy import Policy
from crawler.policy.read import PolicyError
from crawler.redecide import Assumptions, not_asked

BATCH = 200


@dataclass(slots=True)
class Rejudged:
    """What was done.

    Attributes:
        pages: How many were decided again.
        needed: Of these, how many need a visit.
        unnamed: Known pages whose address holds an identifier: they wait until a link leads to them.
        unread: Known pages whose facts are not at hand.
    """

    pages: int = 0
    needed: int = 0
    unnamed: int = 0
    unread: int = 0

    def lines(self) -> Iterator[str]:
        """What was done, for the console."""
        yield f"{self.pages} known pages were judged by what is stored; nothing was fetched"
        if self.needed:
            yield f"{self.needed} of them need a text or a site file that is not stored: the next crawl asks for it"
        if self.unnamed:
            yield f"{self.unnamed} more have an identifier in their address: they wait until a link leads to them"
        if self.unread:
            yield f"{self.unread} more were left out: their facts are not at hand"


class Store:
    """The known pages as what is stored tells them, for one run's policies.

    Args:
        visiting: The book in the hands of the crawl.
        judging: Its policies, and what they may look at besides.
        today: The day on which licenses and consents must be valid.
    """

    def __init__(self, visiting: Visiting, judging: Judging, today: date) -> None:
        self._visiting, self._judging, self._today = visiting, judging, today
        self._lacks = lru_cache(maxsize=1_024)(self._look)

    @property
    def book(self) -> Book:
        """The book."""
        return self._visiting.book

    def outdated(self) -> Iterator[Page]:
        """Known pages that were last decided under another version of a policy, or never under it."""
        policies = self._judging.policies
        asked = ", ".join(["(?, ?)"] * len(policies))
        same = f"(SELECT COUNT(*) FROM stand WHERE stand.name = page.name AND (policy, digest) IN (VALUES {asked}))"
        values = (word for policy in policies for word in (policy.id, policy.digest))
        return self._pages(f"{same} < {len(policies)}", *values)

    def all(self) -> Iterator[Page]:
        """Every known page with an address."""
        return self._pages("1")

    def again(self, page: Page) -> Again | None:
        """What the policies make of it; None where its address or its facts are not at hand."""
        facts = facts_of(self.book, page)
        if not facts or page.url is None or page.facts_crawl is None:
            return None
        judging = self._judging
        assumed = Assumptions(
            run=judging.run_of(page.url),
            classes=judging.classes_of,
            records=judging.records,
            today=self._today,
        )
        stated = assumed.of(StoredPage(page.name.hex(), page.url, facts, bool(page.looked)))
        made = self._visiting.decide(page.url, page, stated, assumed)
        return _unsure(made) if self._lacks(page.facts_crawl) else made

    def _pages(self, where: str, *values: object) -> Iterator[Page]:
        """In the order in which their facts lie."""
        last: tuple[int, str, int] = (-1, "", -1)
        place = "(facts_crawl, facts_file, facts_first)"
        while rows := self.book.run(
            "SELECT name, facts_crawl, facts_file, facts_first FROM page WHERE url IS NOT NULL "
            f"AND {place} > (?, ?, ?) AND {where} ORDER BY facts_crawl, facts_file, facts_first LIMIT ?",
            *last, *values, BATCH,
        ).fetchall():  # fmt: skip
            for name, *_ in rows:
                page = self.book.page(name)
                if page is not None:
                    yield page
            last = tuple(rows[-1][1:])

    def _look(self, number: int) -> bool:
        """Whether the policies want site files that a crawl did not ask for."""
        crawl = self.book.crawl(number)
        return bool(crawl is None or crawl.folder is None or not_asked(self._judging.policies, _policies(crawl.folder)))


def _policies(folder: Path) -> tuple[Policy, ...]:
    """The policies that a crawl judged by; none where it does not say, as if it had asked for nothing."""
    try:
        return stored_rules.load(folder, stored_rules.run_of(folder), all_facts()).policies
    except PolicyError:
        return ()


def rejudge(collection: Collection) -> Rejudged:
    """Decide every known page again, and record it. Raises WriteError."""
    assert collection.known is not None
    store, done = Store(collection.known.visiting, collection.judging, collection.today), Rejudged()
    done.unnamed = int(store.book.value("SELECT COUNT(*) FROM page WHERE url IS NULL") or 0)
    for page in store.all():
        made = store.again(page)
        if made is None:
            done.unread += 1
            continue
        done.pages += 1
        done.needed += not made.is_whole
        collection.record(made.judged)
    return done


def _unsure(made: Again) -> Again:
    """What would be taken is not, as long as files are not read that a policy wants to see."""
    outcomes = tuple(map(_failed, made.judged.outcomes))
    is_whole = made.is_whole and outcomes == made.judged.outcomes
    return replace(made, judged=replace(made.judged, outcomes=outcomes), is_whole=is_whole)


def _failed(outcome: Outcome) -> Outcome:
    if outcome.result is not Result.UNCHANGED:
        return outcome
    return replace(outcome, result=Result.FAILED, stage=Stage.FETCH, stands=None)
