"""A crawl under some policies, as text, CSV or JSON; counts come first for people, and rows are never all in memory."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from tempfile import TemporaryFile
from typing import IO, Any

from crawler.audit.line import printable
from crawler.policy.policy import Policy
from crawler.redecide import UNKNOWN, Redecided
from crawler.under_policies import OUTCOMES, Row, Tally, UnderPolicies
from crawler.views import Values, keys
from crawler.views.outcomes import outcome_values

_WIDEST = max(map(len, OUTCOMES))


def difference_lines(crawled: UnderPolicies) -> Iterator[str]:
    """How many pages change their outcome from the first policy to the second, then each of them."""
    tally = Tally()
    with _spooled(difference_line(row) for row in crawled.rows(tally) if row.differs) as spool:
        yield changed(tally)
        if tally.treated:
            yield f"{tally.treated} more have the same outcome with other treatments of personal data"
        yield from _counts(crawled, tally)
        yield ""
        yield from _lines(spool)


def matrix_lines(crawled: UnderPolicies, limit: int) -> Iterator[str]:
    """Totals of each policy, then the first pages with the result under each."""
    tally = Tally()
    widths = [max(len(policy.id), _WIDEST) for policy in crawled.policies]
    heading = "  ".join(f"{policy.id:{width}}" for policy, width in zip(crawled.policies, widths, strict=True))
    rows = enumerate(crawled.rows(tally))
    with _spooled(matrix_line(row, widths) for number, row in rows if number < limit) as spool:
        yield from _counts(crawled, tally)
        yield from ("", f"{heading}  page")
        yield from _lines(spool)
    if tally.pages > limit:
        yield f"and {tally.pages - limit} pages more: --limit N shows the first N, --csv and --json all"


def _counts(crawled: UnderPolicies, tally: Tally) -> Iterator[str]:
    yield from totals(crawled.policies, tally)
    yield from (f"note: {note}" for note in crawled.notes(tally))


def _spooled(lines: Iterable[str]) -> IO[str]:
    """Lines on the disk until they are printed: the counts come first, and are known last."""
    spool = TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed by the caller
    spool.writelines(printable(line) + "\n" for line in lines)
    spool.seek(0)
    return spool


def _lines(spool: IO[str]) -> Iterator[str]:
    return (line.rstrip("\n") for line in spool)


def print_csv(crawled: UnderPolicies, out: IO[str], *, differing: bool = False) -> None:
    """A line a page; those only that the policies decide differently, if so asked."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(row_heading(crawled.policies))
    rows = crawled.rows(Tally())
    writer.writerows(map(printable, row_cells(row)) for row in rows if row.differs or not differing)


def json_lines(crawled: UnderPolicies, name: str, *, differing: bool = False) -> Iterator[str]:
    """One JSON object, a row a line under `name`; the counts stand behind the rows, since they are known last."""
    tally = Tally()
    digests = {policy.id: policy.digest for policy in crawled.policies}
    yield f'{{"policies": {json.dumps(digests)},'
    yield f'"{name}": ['
    separator = ""
    for row in crawled.rows(tally):
        if row.differs or not differing:
            yield separator + json.dumps(row_values(crawled.policies, row), ensure_ascii=False)
            separator = ","
    tail = json.dumps(_tail(crawled, tally, differing), ensure_ascii=False)
    yield f"],{tail[1:]}"


def _tail(crawled: UnderPolicies, tally: Tally, differing: bool) -> Mapping[str, Any]:
    counts = {
        "pages": tally.pages,
        "totals": {policy: dict(sorted(results.items())) for policy, results in tally.results.items()},
        "notes": crawled.notes(tally),
    }
    if not differing:
        return counts
    changes = [{"from": first, "to": then, "pages": number} for (first, then), number in sorted(tally.changes.items())]
    return {**counts, "differing": tally.changes.total(), "changes": changes, "other_treatments": tally.treated}


def changed(tally: Tally) -> str:
    """The pages whose outcome differs, in one sentence.

    >>> from collections import Counter
    >>> changed(Tally(76, {}, Counter({("kept", "dropped"): 7, ("held", "dropped"): 5})))
    '12 of 76 pages differ: kept -> dropped 7, held -> dropped 5'
    """
    changes = sorted(tally.changes.items(), key=lambda item: (-item[1], item[0]))
    told = ", ".join(f"{first} -> {second} {number}" for (first, second), number in changes)
    return f"{tally.changes.total()} of {tally.pages} pages differ" + (f": {told}" if told else "")


def totals(policies: Sequence[Policy], tally: Tally) -> Iterator[str]:
    """A line a policy."""
    width = max(len(policy.id) for policy in policies)
    for policy in policies:
        counts = tally.results.get(policy.id, Counter())
        told = [f"{result} {counts[result]}" for result in OUTCOMES if result != UNKNOWN or counts[result]]
        yield f"{policy.id:{width}}  {', '.join(told)}"


def row_values(policies: Sequence[Policy], row: Row) -> Values:
    """One page and its outcomes."""
    outcomes = zip(policies, row.outcomes, strict=True)
    return {
        "url_sha256": row.page.url_sha256,
        "url": row.page.url,
        "outcomes": {policy.id: outcome_values(outcome) for policy, outcome in outcomes},
    }


def row_cells(row: Row) -> list[str]:
    """The same as cells of a table: name, address, then result and rule of each policy."""
    return [row.page.url_sha256, row.page.url, *(cell for each in row.outcomes for cell in (each.result, each.rule))]


def row_heading(policies: Sequence[Policy]) -> list[str]:
    """What stands above those cells."""
    return ["url_sha256", "url", *(cell for policy in policies for cell in (policy.id, f"{policy.id} rule"))]


def difference_line(row: Row) -> str:
    """One page of which the outcome changes, with the rule on both sides."""
    return f"{row.page.url}  {' -> '.join(f'{each.result} ({_reason(each)})' for each in row.outcomes)}"


def _reason(outcome: Redecided) -> str:
    deciding = outcome.decision.deciding
    return f"{deciding.rule} {keys(deciding.citations)}".rstrip() if deciding else "no rule"


def matrix_line(row: Row, widths: Sequence[int]) -> str:
    """One page: a result a policy, then the address."""
    cells = "  ".join(f"{each.result:{width}}" for each, width in zip(row.outcomes, widths, strict=True))
    return f"{cells}  {row.page.url}"
