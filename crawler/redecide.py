"""Stored facts decided again, under any policy: stage by stage, as the judge took them, so that nothing else follows.

The order of a page's facts tells the stages: what site files say, then the exchange and the page, then its text, then
personal data, then whether the crawl had the text already, which is said of one policy each and counts for no other. A
policy whose answer closes the page is asked no further, exactly as in a crawl.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import pairwise

from crawler.audit.pages import StoredPage
from crawler.document import DUPLICATE, RESULT_OF_GATE, Decision, Fact, Stage
from crawler.duplicates import of_policy
from crawler.judge import OPEN
from crawler.pii import sensitive
from crawler.policy.decide import decide_all
from crawler.policy.model import PII, RUN
from crawler.policy.policy import Policy, Readings, Stated, looked_at_by, stated
from crawler.policy.records import Record
from crawler.signals import needs
from crawler.signals.normal_form import FACTS as MERGED_FACTS
from crawler.signals.normal_form import under
from crawler.text import quality

UNKNOWN = "unknown"  # beside the results: the crawl did not look far enough for this policy
CLASS = "source.class"
_ACCESS, _ERROR = "access", "fetch.error"  # one of them is the first thing that is stated of a page
_CONTENT = ("status:2", "jsonld:")  # where `access` stands when the exchange brought content
_BODY = "text"
_ENTITY = "pii-"
Views = Callable[[Readings], tuple[Fact, ...]]


@dataclass(frozen=True, slots=True)
class Redecided:
    """What a policy makes of a stored page.

    Attributes:
        result: Kept, dropped, held, failed, or `unknown`.
        stage: Where the policy closed the page; `shard` where it did not.
        decision: Why.
        facts: What was known by then, as the policy reads it, the merged facts included.
    """

    result: str
    stage: Stage
    decision: Decision
    facts: tuple[Fact, ...]

    @property
    def rule(self) -> str:
        """The deciding rule; "" when none fired."""
        return self.decision.deciding.rule if self.decision.deciding else ""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is taken otherwise than the crawl stated it, and what only the operator knows.

    Attributes:
        run: Run facts that stand in for those of the crawl: {"commercial": "no"}.
        classes: Says the source classes of an address; None leaves those of the crawl.
        records: Licenses and consents on file.
        today: The day on which they must be valid; None for each policy's own day.
        without: Facts that are taken as not stated, merged ones too.
    """

    run: Mapping[str, str] = field(default_factory=dict)
    classes: Callable[[str], Collection[str]] | None = None
    records: Sequence[Record] = ()
    today: date | None = None
    without: frozenset[Stated] = frozenset()

    def of(self, page: StoredPage) -> tuple[Fact, ...]:
        """The page's facts with what is assumed, without the merged ones, which follow from the others."""
        assumed = [Fact(RUN + name, value, "operator:run") for name, value in self.run.items()]
        if self.classes is not None:
            assumed += [Fact(CLASS, name, "operator:sources") for name in self.classes(page.url)]
        replaced = {fact.name for fact in assumed} | ({CLASS} if self.classes is not None else set())
        return (*assumed, *(f for f in page.facts if f.name not in replaced and f.name not in MERGED_FACTS))


def redecide(page: StoredPage, policies: Sequence[Policy], assumed: Assumptions) -> dict[str, Redecided]:
    """What each policy makes of a page, by its id."""
    found: dict[str, Redecided] = {}
    left = list(policies)
    for stage, known in stages(assumed.of(page)):
        if stage is Stage.DUPLICATES:
            left = [policy for policy in left if of_policy(known, policy.id)[-1].name == DUPLICATE]
        views = _views(known, assumed)
        decisions = decide_all(left, views, records=assumed.records, url=page.url, today=assumed.today)
        for policy in left:
            decision = decisions[policy.id]
            closed = decision.gate not in OPEN
            result: str = RESULT_OF_GATE[decision.gate].value
            reached = stage if closed else Stage.SHARD
            if not closed and not page.looked_for:
                result = UNKNOWN
            read = dict.fromkeys(fact for readings in policy.readings for fact in views(readings))
            found[policy.id] = Redecided(result, reached, decision, of_policy(read, policy.id))
        left = [policy for policy in left if decisions[policy.id].gate in OPEN]
        if not left:
            break
    return found


def _views(known: tuple[Fact, ...], assumed: Assumptions) -> Views:
    """The facts under each way of reading; policies that read open points alike share one."""

    @cache
    def view(readings: Readings) -> tuple[Fact, ...]:
        facts = under(known, readings)
        return tuple(f for f in facts if stated(f.name, f.value) not in assumed.without) if assumed.without else facts

    return view


def stages(known: Sequence[Fact]) -> Iterator[tuple[Stage, tuple[Fact, ...]]]:
    """The facts as they grew, stage by stage; a stage that stated nothing is left out."""
    places = [(Stage.FETCH, 0)]
    for stage, begins in _BEGINNINGS:
        place = next((place for place, fact in enumerate(known) if begins(fact)), None)
        if place is not None:
            places.append((stage, place))
    for (stage, _), (_, end) in pairwise([*places, (Stage.SHARD, len(known))]):
        yield stage, tuple(known[:end])


_BEGINNINGS: tuple[tuple[Stage, Callable[[Fact], bool]], ...] = (
    (Stage.FETCH, lambda fact: fact.name == _ERROR or (fact.name == _ACCESS and not _brought_content(fact))),
    (Stage.SIGNALS, lambda fact: fact.name == _ACCESS and _brought_content(fact)),
    (Stage.TEXT, lambda fact: fact.name == _BODY or fact.name in quality.FACTS),
    (Stage.PERSONAL_DATA, lambda fact: fact.name in sensitive.FACTS or fact.name.startswith((PII, _ENTITY))),
    (Stage.DUPLICATES, lambda fact: fact.name == DUPLICATE),
)


def begins_exchange(fact: Fact) -> bool:
    """Whether a fact is the first that is stated of the page itself."""
    return fact.name in (_ACCESS, _ERROR)


def _brought_content(access: Fact) -> bool:
    """Whether there was an answer of status 2xx, by the place of what was said of it."""
    return access.where.startswith(_CONTENT)


def not_asked(policies: Iterable[Policy], crawled: Iterable[Policy]) -> tuple[str, ...]:
    """Site files that these policies want to see and those of the crawl did not: nobody asked for them."""
    return tuple(sorted(set(needs(looked_at_by(policies))) - set(needs(looked_at_by(crawled)))))
