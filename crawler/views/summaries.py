"""The summary of a crawl on a screen: what it was, what became of its URLs, why, and what happened to it since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from crawler.audit.files import REMOVED
from crawler.audit.filters import WAITING
from crawler.audit.summary import REVIEW, Summary, named
from crawler.document import Result, Stage
from crawler.views.grids import Page, Row, number, share

TOP_SITES = 20
TOP_RULES = 20  # on a terminal; elsewhere all
TOP_CHANGES = 10
STAGES = (*(stage.value for stage in Stage), "duplicates")
KEEPING = ("keep", "redact", "pseudonymize")  # effects of rules under which a page is kept
_STYLES = {
    "kept": "green",
    "dropped": "red",
    "held": "yellow",
    "failed": "magenta",
    "pending": "cyan",
    "unchanged": "green",
}
_LAST = (("  pending", Result.PENDING), ("  held for review", Result.HELD), ("  unchanged", Result.UNCHANGED),
         ("kept", Result.KEPT))  # fmt: skip
_DIGEST = 12  # characters of a digest that are shown


def show(summary: Summary, folder: Path, says: Mapping[str, str]) -> None:
    """Print the summary to standard output. `says` is the plain sentence of each rule, as far as it is known."""
    page = Page()
    _head(page, summary, folder)
    _policies(page, summary)
    for kept in (False, True):
        _rules(page, summary, says, kept=kept)
    _funnel(page, summary)
    _differences(page, summary)
    _personal_data(page, summary)
    _sites(page, summary)
    _events(page, summary)


def _head(page: Page, summary: Summary, folder: Path) -> None:
    about = summary.about
    page.line(f"Crawl {about.id or folder}" + (f", by {about.agent}" if about.agent else ""), "bold")
    page.line(f"{_state(summary)}; {summary.addresses:,} addresses, {len(summary.sites):,} sites", "", "  ")
    widest = max((len(one.id) for one in about.policies), default=0)
    for one in about.policies:
        page.line(f"{one.id:{widest}}  {one.title}, rules of {one.day}, digest {one.digest[:_DIGEST]}", "dim", "  ")
    if summary.pending and about.in_use:
        page.line(f"{summary.pending:,} pending: a process is writing into this folder", "yellow", "  ")
    elif summary.pending or not summary.is_closed:
        page.line(_how_to_go_on(summary, folder), "yellow", "  ")


def _state(summary: Summary) -> str:
    about = summary.about
    begun = f"begun {_moment(about.started)}" if about.started else "its beginning is not known"
    again = f", resumed {_times(len(about.resumed))}" if about.resumed else ""
    if about.in_use:
        return f"{begun}{again}, running now"
    if not about.finished:
        return f"{begun}{again}, not closed"
    return f"{begun}{again}, closed {_moment(about.finished)}{_lasted(about.started, about.finished)}"


def _how_to_go_on(summary: Summary, folder: Path) -> str:
    again = f"scrapy crawl web -a out={folder} --resume"
    if summary.pending:
        return f"{summary.pending:,} pending; to go on: {again}"
    return f"its last run did not come to its end; to close it: {again}"


def _policies(page: Page, summary: Summary) -> None:
    results = named(sum(summary.policies.values(), Counter()))
    rows = [
        Row(
            policy,
            (
                number(counts.total()),
                *(share(counts[result], counts.total(), _STYLES[result]) for result in results),
            ),
        )
        for policy, counts in summary.policies.items()
    ]
    page.grid("URLs by policy", ("seen", *results), rows)


def _rules(page: Page, summary: Summary, says: Mapping[str, str], *, kept: bool) -> None:
    """Rules that decided, most frequent first: those that let pages be kept, or those that did not."""
    found = [
        (rule, counts)
        for rule, counts in sorted(summary.rules.items(), key=lambda item: (-item[1].total(), item[0]))
        if (summary.texts[rule]["effect"] in KEEPING) is kept
    ]
    most = TOP_RULES if page.is_terminal else len(found)
    rows = [
        Row(
            rule,
            tuple(number(counts[policy]) for policy in summary.policies),
            (text["effect"], text["status"], ", ".join(map(str, text["citations"]))),
            says.get(rule, ""),
        )
        for rule, counts in found[:most]
        if (text := summary.texts[rule])
    ]
    title = "What kept pages rest on" if kept else "Why pages were not kept"
    page.grid(title, tuple(summary.policies), rows, ("effect", "status", "citation"))
    if len(found) > most:
        rest = sum(counts.total() for _, counts in found[most:])
        page.line(f"and {len(found) - most} rules more, which decided {rest:,} outcomes: --json has all", "dim", "  ")


def _funnel(page: Page, summary: Summary) -> None:
    """What is left after each stage."""

    def row(label: str, count: Callable[[str], int], style: str = "") -> Row:
        return Row(label, tuple(number(count(policy), style) for policy in summary.policies))

    def left(stage: str, result: Result) -> Callable[[str], int]:
        return lambda policy: summary.stages.get(stage, {}).get(policy, Counter())[result]

    known = [stage for stage in STAGES if stage in summary.stages]
    others = [stage for stage in sorted(summary.stages) if stage not in STAGES and stage != WAITING]
    rows = [row("seen", lambda policy: summary.policies[policy].total())]
    for stage in (*known, *others):
        rows += [row(f"  dropped at {stage}", left(stage, Result.DROPPED), _STYLES["dropped"])]
        rows += [row(f"  failed at {stage}", left(stage, Result.FAILED), _STYLES["failed"])]
    for label, result in _LAST:
        rows.append(row(label, lambda policy, of=result: summary.policies[policy][of], _STYLES[result]))  # type: ignore[misc]
    always = ("seen", "kept")
    shown = [each for each in rows if each.label in always or any(words for words, _ in each.cells)]
    page.grid("From seen to kept", tuple(summary.policies), shown)


def _differences(page: Page, summary: Summary) -> None:
    """Pages on which policies differ, the pair that differs most first."""
    pairs = sorted(summary.changes.items(), key=lambda item: -item[1].total())
    if not pairs:
        return
    page.title("Pages on which policies differ")
    for (left, right), found in pairs[:TOP_CHANGES]:
        changes = ", ".join(f"{before} -> {after} {count:,}" for (before, after), count in found.most_common(4))
        more = ", ..." if len(found) > 4 else ""
        page.line(f"{left} -> {right}  {found.total():,}" + (f": {changes}{more}" if changes else ""), "", "  ")
    if len(pairs) > TOP_CHANGES:
        page.line(f"and {len(pairs) - TOP_CHANGES} pairs more: --json has all", "dim", "  ")


def _personal_data(page: Page, summary: Summary) -> None:
    """What was done about each kind, and how much of each type was found."""
    rows = [
        Row(f"{kind}: {_DONE.get(treatment, treatment)}", cells)
        for kind, by_policy in sorted(summary.treatments.items())
        for treatment in sorted({name for counts in by_policy.values() for name in counts})
        for cells in [tuple(number(by_policy.get(name, Counter())[treatment]) for name in summary.policies)]
    ]
    page.grid("Personal data, kept and held pages", tuple(summary.policies), rows)
    found = sorted(summary.entities.items(), key=lambda item: (-max(item[1].values()), item[0]))
    page.grid(
        "Personal data, how many were found",
        tuple(summary.policies),
        [Row(entity, tuple(number(counts[name]) for name in summary.policies)) for entity, counts in found],
    )


_DONE = {"keep": "left as it is", "redact": "redacted", "pseudonymize": "pseudonymized"}


def _sites(page: Page, summary: Summary) -> None:
    """The sites with most URLs: how many were seen, and how many each policy kept."""
    sizes = {site: max(counts.total() for counts in found.values()) for site, found in summary.sites.items()}
    top = sorted(sizes, key=lambda site: (-sizes[site], site))[:TOP_SITES]
    rows = [
        Row(
            site or "(no host)",
            (
                number(sizes[site]),
                *(number(summary.sites[site].get(name, Counter())[Result.KEPT]) for name in summary.policies),
            ),
        )
        for site in top
    ]
    headings = ("seen", *(f"{policy} kept" for policy in summary.policies))
    page.grid(f"Sites ({len(top)} of {len(sizes)})", headings, rows)


def _events(page: Page, summary: Summary) -> None:
    lines = list(event_lines(summary))
    if lines:
        page.title("What happened to the crawl")
    for text in lines:
        page.line(text, "", "  ")


def event_lines(summary: Summary) -> Iterator[str]:
    """The events in words, oldest first, reviews counted."""
    for event in summary.told:
        yield f"{_moment(str(event.get('time', '')))}  {event_words(event)}"
    if untold := sum(n for name, n in summary.events.items() if not name.startswith(REVIEW)) - len(summary.told):
        yield f"and {untold:,} before them: they stand in the ledger"
    marks = {name.removeprefix(REVIEW).strip(): n for name, n in sorted(summary.events.items()) if name[:6] == REVIEW}
    if marks:
        told = ", ".join(f"{mark or 'no mark'} {n:,}" for mark, n in marks.items())
        yield f"reviewed {_times(sum(marks.values()))}: {told}"


def event_words(event: Mapping[str, object]) -> str:
    """One event in words; `files` is how many it names."""
    note = f": {event['note']}" if event.get("note") else ""
    files = "1 file" if event.get("files") == 1 else f"{event['files']} files" if event.get("files") else ""
    if event.get("event") == REMOVED:
        return f"bodies removed{f', {files}' if files else ''}{note}"
    return f"{event.get('event')}{note}"


def _moment(text: str) -> str:
    """A time without fraction, UTC."""
    return text[:19].replace("T", " ")


def _lasted(begun: str, ended: str) -> str:
    try:
        seconds = int((datetime.fromisoformat(ended) - datetime.fromisoformat(begun)).total_seconds())
    except (ValueError, TypeError):
        return ""
    minutes, hours = seconds // 60, seconds // 3600
    return f" ({f'{hours} h {minutes % 60} min' if hours else f'{minutes} min' if minutes else f'{seconds} s'})"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
