"""States the license that a source file names about itself, in its SPDX line.

Specification: SPDX 2.3 annexes D and E, REUSE 3.3 (comment headers, ignored parts), read 2026-11-22. A page of HTML
is no source file: what stands in its template speaks of the template.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.document import Evidence, Fact
from crawler.signals import licenses

WHERE = ("SPDX-License-Identifier lines in source code",)
NEEDS: tuple[str, ...] = ()
FACTS = ("license.spdx", "license.spdx-unread")
SPECIFICATION = "SPDX 2.3 annexes D and E, REUSE 3.3, read 2026-11-22"

_MAX_BYTES = 256 * 1024  # the line stands at the top; snippets may stand further down
_MAX_LINES = 20
# In a comment: before it only signs of comments, or the word that opens one; a quoted string is data.
_LINE = re.compile(rb"(?i)[^\w\"'`]{0,20}(?:(?:rem|dnl)[ \t]+)?SPDX-License-Identifier:[ \t]*(?P<said>[^\r\n]{0,1000})")
_END_OF_COMMENT = re.compile(r"\s*(?:\*+/|-->|\*\)|-\}|#\}|--%?>|%>|\]\]|\"\"\"|''')\s*\Z")
_IGNORE = (b"REUSE-IgnoreStart", b"REUSE-IgnoreEnd")


def read(evidence: Evidence) -> Iterator[Fact]:
    """State `license.spdx` per line, as an expression; `license.spdx-unread` for what is no expression.

    Several lines hold together: parts of the file may come from elsewhere.
    """
    page = evidence.page
    if page is None or evidence.html is not None or not page.has_content:
        return
    body = page.body[:_MAX_BYTES]
    if b"SPDX-License-Identifier" not in body or b"\x00" in body[:1024]:
        return
    for where, line, said in _lines(body):
        expression = " ".join(_END_OF_COMMENT.sub("", said).split())
        name = "license.spdx" if licenses.classes_of(expression) else "license.spdx-unread"
        yield Fact(name, expression[:200], where, line[:200])


def _lines(body: bytes) -> Iterator[tuple[str, str, str]]:
    """Place, line and what it says, for at most the first 20 lines that are not marked to be ignored."""
    ignored, found = False, 0
    for number, line in enumerate(re.split(rb"\r\n|\r|\n", body), 1):
        if any(mark in line for mark in _IGNORE):
            ignored = _IGNORE[0] in line
        match = None if ignored else _LINE.match(line)
        if match and found < _MAX_LINES:
            found += 1
            yield f"body:L{number}", _text(line), _text(match["said"])


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "replace").strip()[:1000]
