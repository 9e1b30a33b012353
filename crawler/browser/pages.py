"""The pages that only read, as HTML: overview, site, rule, address. Each function is given the index."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any, NamedTuple

from crawler.audit.fact_places import ShownFact
from crawler.audit.summary import EVERY_RESULT
from crawler.browser import charts, evidence, lookup
from crawler.browser.ledger_state import ledger_state
from crawler.browser.overview import TOP_PATTERNS, TOP_RULES, RuleRow, counted, overview, rules_of_site
from crawler.browser.policy_texts import CitationText, PolicyText, RuleText
from crawler.browser.render import render
from crawler.browser.search import rows_about
from crawler.browser.site import Site
from crawler.policy.model import RUN

MOST_EVENTS = 200
_UNITS = {1: "one second", 60: "one minute", 3_600: "one hour", 86_400: "one day"}


class Page(NamedTuple):
    """What a browser gets; `location` sends it elsewhere."""

    html: str
    status: int = 200
    location: str = ""


class RuleShown(NamedTuple):
    """A rule that decided, with its words and what it cites."""

    rule: RuleRow
    text: RuleText
    citations: tuple[CitationText, ...]


def overview_page(site: Site, database: sqlite3.Connection) -> Page:
    """The first page."""
    found = overview(database)
    ledger = ledger_state(site.path, database)
    used = {result for counts in found.policies.values() for result in EVERY_RESULT if counts.get(result)}
    closing, opening = ([_rule(site.texts, row) for row in rows] for rows in (found.closing, found.opening))
    highest = 0
    if found.moments:
        highest = max((bar.total() for bars in found.moments.bars.values() for bar in bars), default=0)
    every = dict(database.execute("SELECT pattern, pages FROM patterns"))
    html = render(
        "overview.html",
        site=site, here="/", o=found, ledger=ledger, run=site.run, used=used, charts=_charts(), highest=highest,
        texts=_texts(site, found.policies),
        closing=closing[:TOP_RULES], more_closing=closing[TOP_RULES:], opening=opening,
        differing=sum(pages for pattern, pages in every.items() if _differs(pattern)),
        more_patterns=len(every) > TOP_PATTERNS,
        pending=sum(counts["pending"] for counts in found.policies.values()),
        width_in_words=_width(found.moments.width) if found.moments else "",
        events=_events(database),
    )  # fmt: skip
    return Page(html)


def site_page(site: Site, database: sqlite3.Connection, host: str, after: int = 0) -> Page:
    """One host."""
    row = database.execute("SELECT id FROM sites WHERE host = ?", (host,)).fetchone()
    if row is None:
        return missing(site, f"No page of {host} is in this crawl.")
    counts = counted(database, "site", row[0])
    rules = [_rule(site.texts, each) for each in rules_of_site(database, row[0])]
    pages = rows_about(database, {"site": host}, after)
    return Page(
        render("site.html", site=site, here="", host=host, counts=counts, rules=rules, found=pages, charts=_charts(),
               texts=_texts(site, counts), query={"site": host})
    )  # fmt: skip


def rule_page(site: Site, database: sqlite3.Connection, name: str, after: int = 0) -> Page:
    """One rule: its words, what it cites, how often it decided, and where."""
    row = database.execute("SELECT id, effect, status, citations FROM rules WHERE name = ?", (name,)).fetchone()
    told = {policy: text for policy, text in site.texts.items() if name in text.rules}
    if row is None and not told:
        return missing(site, f"No rule {name} decided about a page of this crawl.")
    counts = counted(database, "rule", row[0]) if row else {policy: {} for policy in site.texts}
    used = {result for result in EVERY_RESULT if result != "unchanged" or any(c.get(result) for c in counts.values())}
    versions = [(policy, text.rules[name], _cited(text, name)) for policy, text in told.items()]
    pages = rows_about(database, {"rule": name}, after)
    return Page(
        render("rule.html", site=site, here="", name=name, counts=counts, versions=versions, found=pages,
               stored=row, used=used, charts=_charts(), query={"rule": name}, texts=_texts(site, counts))
    )  # fmt: skip


def url_page(site: Site, database: sqlite3.Connection, sha256: str) -> Page:
    """One address."""
    found = lookup.url(site.path, database, sha256)
    if found is None:
        return missing(site, "This crawl has no address of that name.")
    places = [place for line in found.lines for place in line.members.get("evidence", ()) if isinstance(place, str)]
    looked_at = {
        fact for line in found.lines for fact in _text(site, line.policy).rule(line.members.get("rule", "")).facts
    }
    facts = sorted(found.facts, key=lambda fact: _rank(fact, looked_at))
    shown = [(line, _shown_rule(site, line)) for line in found.lines]
    return Page(
        render("url.html", site=site, here="", found=found, shown=shown, facts=facts, looked_at=looked_at,
               records=evidence.records(found.crawl, places, found.facts), charts=_charts(),
               texts=_texts(site, [line.policy for line in found.lines]))
    )  # fmt: skip


def _rank(fact: ShownFact, looked_at: set[str]) -> int:
    """What decided stands first, then what was found; what the operator said and what is unknown stand last."""
    if fact.name.partition("@")[0] in looked_at:
        return 0
    return 3 if fact.value == "unknown" else 2 if fact.name.startswith(RUN) else 1


def missing(site: Site, says: str, status: int = 404, title: str = "Not here") -> Page:
    """A page that says what there is not, or may not be."""
    return Page(render("message.html", site=site, here="", title=title, says=says), status)


def _shown_rule(site: Site, line: lookup.UrlLine) -> tuple[RuleText, tuple[CitationText, ...]]:
    text = _text(site, line.policy)
    keys = line.members.get("citations", ())
    return text.rule(str(line.members.get("rule", ""))), tuple(text.citation(str(key)) for key in keys)


def _rule(texts: Mapping[str, PolicyText], row: RuleRow) -> RuleShown:
    """The words of a rule by the first policy under which it decided and whose text is at hand."""
    knowing = [texts[policy] for policy in row.pages if policy in texts and row.name in texts[policy].rules]
    text = knowing[0].rule(row.name) if knowing else RuleText(row.name)
    cited = (_citation(knowing, key) for key in row.citations)
    return RuleShown(row, text, tuple(cited))


def _citation(policies: Iterable[PolicyText], key: str) -> CitationText:
    return next((text.citation(key) for text in policies if key in text.citations), CitationText(key))


def _cited(text: PolicyText, name: str) -> tuple[CitationText, ...]:
    return tuple(text.citation(key) for key in text.rules[name].cite)


def _text(site: Site, policy: str) -> PolicyText:
    return site.texts.get(policy) or PolicyText(policy, "", "", "")


def _texts(site: Site, policies: Iterable[str]) -> dict[str, PolicyText]:
    """Every policy of the page; one that run.json does not name has no words."""
    return {policy: _text(site, policy) for policy in policies}


def _differs(pattern: str) -> bool:
    return len({pair.partition(":")[2] for pair in pattern.split()}) > 1


def _width(seconds: int) -> str:
    return _UNITS.get(seconds, f"{seconds:,} seconds")


def _events(database: sqlite3.Connection) -> list[dict[str, Any]]:
    """What the ledger tells besides outcomes and reviews, newest first."""
    rows = database.execute(
        "SELECT time, event, note FROM events WHERE event != 'review' ORDER BY number DESC LIMIT ?", (MOST_EVENTS,)
    )
    return [{"time": time, "event": event, "note": note} for time, event, note in rows]


def _charts() -> ModuleType:
    return charts
