"""A crawl under any policies: its pages decided again from their stored facts, one at a time, and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from crawler.arguments import ArgumentError, all_facts, check_names, include_bills
from crawler.asked_page import STORED_ARGUMENTS, assumptions, check_stored_run
from crawler.audit.crawl_folder import CrawlFolder, FolderError, open_crawl
from crawler.audit.pages import StoredPage, pages_of_all
from crawler.document import Result
from crawler.policy.library import STRICTEST, Library, profiles
from crawler.policy.load import build, load_all
from crawler.policy.policy import Policy
from crawler.policy.spec import parse
from crawler.redecide import UNKNOWN, Assumptions, Redecided, not_asked, redecide

OUTCOMES = (*(result.value for result in Result if result not in (Result.PENDING, Result.UNCHANGED)), UNKNOWN)


@dataclass(frozen=True, slots=True)
class Row:
    """One page and its outcomes, in the order of the policies."""

    page: StoredPage
    outcomes: tuple[Redecided, ...]

    @property
    def differs(self) -> bool:
        """Whether the policies do not all come to the same result."""
        return len({outcome.result for outcome in self.outcomes}) > 1


@dataclass(slots=True)
class Tally:
    """Counts over the rows that went by.

    Attributes:
        pages: How many.
        results: Policy -> result -> number.
        changes: Results of the first and the second policy, where they differ -> number.
        treated: Pages kept or held by both of two policies that treat personal data differently.
    """

    pages: int = 0
    results: dict[str, Counter[str]] = field(default_factory=dict)
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    treated: int = 0

    def add(self, policies: Sequence[Policy], row: Row) -> None:
        """Count one page."""
        self.pages += 1
        for policy, outcome in zip(policies, row.outcomes, strict=True):
            self.results.setdefault(policy.id, Counter())[outcome.result] += 1
        first, *others = row.outcomes
        if row.differs and others:
            self.changes[first.result, others[0].result] += 1
        elif others and any(first.decision.treatments != other.decision.treatments for other in others):
            self.treated += first.result in (Result.KEPT, Result.HELD)


@dataclass(frozen=True, slots=True)
class UnderPolicies:
    """A crawl that is to be decided again.

    Attributes:
        crawl: Where it is.
        policies: What to decide by.
        assumed: What is taken otherwise than the crawl stated it.
        own: The crawl's own policies as they stand now, as far as their names can be loaded.
    """

    crawl: CrawlFolder
    policies: tuple[Policy, ...]
    assumed: Assumptions
    own: tuple[Policy, ...] = ()

    def rows(self, tally: Tally) -> Iterator[Row]:
        """Every page under every policy, one at a time; counted on the way. Raises FactsError."""
        for page in pages_of_all(self.crawl):
            found = redecide(page, self.policies, self.assumed)
            row = Row(page, tuple(found[policy.id] for policy in self.policies))
            tally.add(self.policies, row)
            yield row

    def notes(self, tally: Tally) -> list[str]:
        """What one must know to read the numbers."""
        return [*self._changed(), *self._not_asked(), *self._not_looked_at(tally)]

    def _changed(self) -> Iterator[str]:
        judged = self.crawl.policies
        changed = [policy.id for policy in self.policies if judged.get(policy.id, policy.digest) != policy.digest]
        if changed:
            yield f"changed since this crawl was judged, and taken as it stands now: {', '.join(changed)}"

    def _not_asked(self) -> Iterator[str]:
        if self.own and (files := not_asked(self.policies, self.own)):
            yield f"this crawl did not ask for {', '.join(files)}; what stands there is not known"

    def _not_looked_at(self, tally: Tally) -> Iterator[str]:
        unknown = {name: counts[UNKNOWN] for name, counts in tally.results.items() if counts[UNKNOWN]}
        if unknown:
            told = ", ".join(f"{name} {number}" for name, number in unknown.items())
            yield (
                f"pages that no policy of this crawl let be looked at far enough: {told}; crawl them again, or judge "
                f"the evidence if bodies were kept: scrapy judge {self.crawl.path} -a policy={','.join(unknown)}"
            )


def under_policies(folder: str, specs: str, given: Mapping[str, str], today: date) -> UnderPolicies:
    """A crawl under the policies of a list with commas; "" for its own.

    Raises:
        FolderError: There is no crawl in the folder, or its run.json cannot be read.
        PolicyError, ArgumentError: A policy cannot be loaded, or does not admit the run; an argument cannot be used.
    """
    check_names(given, (*STORED_ARGUMENTS, "policy"))
    crawl = open_crawl(Path(folder))
    if crawl.run_problem:
        raise FolderError(f"{folder}/run.json: {crawl.run_problem}; it is needed to know what was judged")
    own = _own(crawl, today)
    if not specs and len(own) < len(crawl.policies):
        missing = ", ".join(sorted(set(crawl.policies) - {policy.id for policy in own}))
        raise ArgumentError(f"{missing}: not a shipped profile; name policies, or their files, with -a policy=")
    policies = load_all(specs, all_facts(), today=today, include_bills=include_bills(given)) if specs else own
    check_stored_run(crawl.segments[0], policies, given)
    return UnderPolicies(crawl, policies, assumptions(given, today), own)


def _own(crawl: CrawlFolder, today: date) -> tuple[Policy, ...]:
    library, shipped = Library(all_facts()), {*profiles(), STRICTEST}
    loadable = [name for name in crawl.policies if shipped.issuperset(parse(name).parts)]
    return tuple(build(library, name, today) for name in loadable)
