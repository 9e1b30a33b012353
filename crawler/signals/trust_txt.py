"""States whether trust.txt, where publishers name the associations they belong to, allows training on the site.

Specification: JournalList, trust.txt with the attribute of 4 April 2024, as in reference/signals.md 8, read 2026-11-22.
The file stands at /trust.txt, else at /.well-known/trust.txt. Lines are `name=value`, `#` opens a comment.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawler.document import Evidence, Fact, Fetched

PATH = "/trust.txt"
FALLBACK = "/.well-known/trust.txt"

WHERE = ("/trust.txt, else /.well-known/trust.txt",)
NEEDS = (PATH,)
FACTS = ("trust-txt.datatrainingallowed", "trust-txt.flag")
SPECIFICATION = "trust.txt, JournalList, attribute of 4 April 2024, read 2026-11-22"

_ATTRIBUTE = "datatrainingallowed"
_MAX_BYTES = 1024 * 1024


def read(evidence: Evidence) -> Iterator[Fact]:
    """State what the file in use says, "yes" or "no".

    Yields:
        `trust-txt.datatrainingallowed`, "no" where the attribute stands several times and not always says yes; then
        `trust-txt.flag`: "repeated", "unknown-value", or "not-text" for a web page in place of the file.
    """
    for path in (PATH, FALLBACK):
        file = evidence.site.get(path)
        if file is None or not file.has_content:
            continue
        if _is_usable(file):
            yield from _of_file(file.body[:_MAX_BYTES], f"file:{path[1:]}")
            return
        yield Fact("trust-txt.flag", "not-text", f"file:{path[1:]}")


def linked(evidence: Evidence) -> Iterator[str]:
    """The well-known place, where the file at the root was asked for and there is none."""
    file = evidence.site.get(PATH)
    if file is not None and not _is_usable(file):
        yield FALLBACK


def _is_usable(file: Fetched) -> bool:
    return file.has_content and not file.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _of_file(body: bytes, place: str) -> Iterator[Fact]:
    lines = body.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    stated: list[Fact] = []
    for number, line in enumerate(lines, 1):
        name, equals, rest = line.partition("#")[0].partition("=")
        if not equals or name.strip().lower() != _ATTRIBUTE:
            continue
        where, value = f"{place}:L{number}", rest.strip().lower()
        if value in ("yes", "no"):
            stated.append(Fact("trust-txt.datatrainingallowed", value, where, line.strip()[:200]))
        else:
            yield Fact("trust-txt.flag", "unknown-value", where, line.strip()[:200])
    if stated:
        yield min(stated, key=lambda fact: str(fact.value))  # "no" before "yes"
    if len(stated) > 1:
        yield Fact("trust-txt.flag", "repeated", stated[1].where, stated[1].quote)
