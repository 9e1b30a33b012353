"""What the overview counts, made from the lines once, so that no page has to."""

from __future__ import annotations

import sqlite3

from crawler.audit.filters import WAITING
from crawler.browser.schema import FIRST_WAITING
from crawler.document import Result

MOMENTS = 600  # at most so many stretches of time are told apart

_CUBE = """
INSERT INTO cube SELECT policy, site, stage, rule, outcome, COUNT(*) FROM lines
WHERE counts GROUP BY policy, site, stage, rule, outcome
"""
_MOMENTS = """
INSERT INTO moments SELECT time - time % :width, policy, outcome, COUNT(*) FROM lines
WHERE counts AND time IS NOT NULL GROUP BY 1, 2, 3
"""
# The outcomes of one URL as one word, a pair "<policy>:<outcome>" a policy, policies in their order.
_PATTERNS = """
INSERT INTO patterns SELECT pattern, COUNT(*), MIN(url) FROM (
    SELECT url, group_concat(policy || ':' || outcome, ' ') AS pattern FROM (
        SELECT url, policy, outcome FROM lines INDEXED BY lines_by_url WHERE counts ORDER BY url, policy
    ) GROUP BY url
) GROUP BY pattern
"""
_WAITING = f"""
INSERT INTO lines (number, url, site, policy, result, outcome, stage, counts)
SELECT {FIRST_WAITING} + urls.id * (SELECT MAX(id) + 1 FROM policies) + policies.id,
       urls.id, urls.site, policies.id, '{Result.PENDING}', '{Result.PENDING}', '{WAITING}', 1
FROM urls JOIN policies WHERE urls.accepted AND urls.policies < (SELECT COUNT(*) FROM policies)
    AND NOT EXISTS (SELECT 1 FROM lines WHERE lines.url = urls.id AND lines.policy = policies.id)
"""


def forget_waiting(database: sqlite3.Connection) -> None:
    """Take out the rows of URLs that had no line yet."""
    database.execute("DELETE FROM lines WHERE number >= ?", (FIRST_WAITING,))


def count(database: sqlite3.Connection) -> None:
    """Add a row for each accepted URL and policy without a line, then count everything anew."""
    database.execute(_WAITING)
    for table in ("cube", "moments", "patterns"):
        database.execute(f"DELETE FROM {table}")
    database.execute(_CUBE)
    database.execute(_MOMENTS, {"width": _width(database)})
    database.execute(_PATTERNS)


def _width(database: sqlite3.Connection) -> int:
    """Seconds in one stretch of time: a number that divides a day."""
    first, last = database.execute("SELECT MIN(time), MAX(time) FROM lines").fetchone()
    least = ((last or 0) - (first or 0)) / MOMENTS
    widths = (1, 5, 15, 60, 300, 900, 3_600, 21_600, 86_400)
    return next((width for width in widths if width >= least), widths[-1])
