"""States what of an exchange was not recorded: its headers, its HTML. What stood there then can refuse nothing.

Specification: ISO 28500:2017 sections 6.4 (resource: no protocol) and 6.9 (conversion: another form of the content),
from general knowledge, not read again. Sets of texts (WET, Parquet, JSON lines) hold neither.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawler.document import HEADERS, HTML, Evidence, Fact

WHERE = ("what an archive or a set of texts left out",)
NEEDS: tuple[str, ...] = ()
FACTS = (HEADERS, HTML)
SPECIFICATION = "ours: what a stored exchange consists of"
NOT_RECORDED = "not-recorded"


def read(evidence: Evidence) -> Iterator[Fact]:
    """`headers: not-recorded`, `html: not-recorded` for a page that came without; nothing where it is all there."""
    if evidence.page is not None and evidence.page.has_content:
        yield from (Fact(part, NOT_RECORDED, "archive") for part in FACTS if part in evidence.page.unrecorded)
