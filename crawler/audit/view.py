"""The audit as a person reads it: tables on a terminal, plain columns elsewhere."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crawler.audit.line import printable
from crawler.audit.summary import RESULTS, Summary, with_seen
from crawler.document import Result

TOP_SITES = 20
_PLAIN_WIDTH = 200  # columns where there is no terminal

KEEPING = ("keep", "redact", "pseudonymize")  # effects of rules under which a page is kept

_HEADINGS = ("seen", *RESULTS)


def show(summary: Summary) -> None:
    """Print the tables of a summary to standard output."""
    terminal = sys.stdout.isatty()
    out = Console(file=sys.stdout, force_terminal=terminal, width=None if terminal else _PLAIN_WIDTH)
    tables = (
        _policies(summary),
        _rules(summary, kept=False),
        _rules(summary, kept=True),
        _stages(summary),
        _sites(summary),
    )
    for table in tables:
        if table.row_count:
            out.print(table)
            out.print()


def line(found: dict[str, Any]) -> str:
    """One found line as text."""
    rule = found.get("rule", "")
    citations = ", ".join(map(str, found.get("citations", ())))
    reason = f"{rule} ({citations})" if citations else rule
    place = found.get("shard", "") if found.get("published") else ""
    cells = (found.get("time", ""), found.get("policy", ""), found["result"], found.get("stage", ""), reason, place)
    return "  ".join(printable(str(cell)) for cell in (*cells, found.get("note", ""), found.get("url", "")) if cell)


def grouped(lines: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The same for a terminal: each address once, with its lines below it."""
    address = ""
    for found in lines:
        if found.get("url", "") != address:
            address = found.get("url", "")
            yield printable(address)
        yield "  " + line({**found, "url": "", "time": found.get("time", "")[:19].replace("T", " ")})


def _policies(summary: Summary) -> Table:
    table = _table("URLs by policy", ("policy",), _HEADINGS)
    for policy, counts in summary.policies.items():
        _row(table, policy, *with_seen(counts).values())
    return table


def _rules(summary: Summary, *, kept: bool) -> Table:
    """Rules that decided, most frequent first: those that let pages be kept, or those that did not."""
    title = "What kept pages rest on" if kept else "Why pages were not kept"
    table = _table(title, ("rule", "effect", "status", "citation"), tuple(summary.policies))
    for rule, counts in sorted(summary.rules.items(), key=lambda item: (-item[1].total(), item[0])):
        text = summary.texts[rule]
        if (text["effect"] in KEEPING) is kept:
            citations = ", ".join(map(str, text["citations"]))
            _row(table, rule, text["effect"], text["status"], citations, *(counts[name] for name in summary.policies))
    return table


def _stages(summary: Summary) -> Table:
    """At which stage pages were dropped, held or failed; `shard` is where held ones wait for review."""
    table = _table("Where pages left the journey", ("stage",), tuple(summary.policies))
    for stage, found in sorted(summary.stages.items()):
        left = [
            counts.total() - counts[Result.KEPT] for counts in (found.get(name, Counter()) for name in summary.policies)
        ]
        if any(left):
            _row(table, stage, *left)
    return table


def _sites(summary: Summary) -> Table:
    """The sites with most URLs: how many were seen, and how many each policy kept."""
    sizes = {site: max(counts.total() for counts in found.values()) for site, found in summary.sites.items()}
    top = sorted(sizes, key=lambda site: (-sizes[site], site))[:TOP_SITES]
    headings = ("seen", *(f"{policy} kept" for policy in summary.policies))
    table = _table(f"Sites ({len(top)} of {len(sizes)})", ("site",), headings)
    for site in top:
        found = summary.sites[site]
        _row(
            table,
            site or "(no host)",
            sizes[site],
            *(found.get(name, Counter())[Result.KEPT] for name in summary.policies),
        )
    return table


def _table(title: str, texts: tuple[str, ...], numbers: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD if sys.stdout.isatty() else None)
    for heading in texts:
        table.add_column(Text(heading), overflow="fold")
    for heading in numbers:
        table.add_column(Text(heading), justify="right")
    return table


def _row(table: Table, *cells: object) -> None:
    """Add a row; cells are data, never markup."""
    table.add_row(*(Text(printable(str(cell))) for cell in cells))
