"""docs/personal-data.md: prose of ours, and tables of what the recognizers say of themselves and what was measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from crawler.pii import engines
from crawler.pii.catalog import Entry, Figure, Speed, catalog, figures, speeds

PAGE = "docs/personal-data.md"
_PROSE = Path(__file__).with_name("personal-data.md")
_SENSITIVE = Path(__file__).with_name("sensitive.md")
_NOT_MEASURED = "Not measured yet: `python -m benchmarks.pii_quality FOLDER`."
LANGUAGES: Mapping[str, str] = {
    "en": "English", "ja": "Japanese", "zh": "Chinese", "ko": "Korean", "de": "German", "fr": "French",
    "es": "Spanish", "it": "Italian", "nl": "Dutch", "pt": "Portuguese", "": "any",
}  # fmt: skip


def pages() -> dict[str, str]:
    """The one page."""
    text = _PROSE.read_text(encoding="utf-8")
    tables = {
        "identifiers": _identifiers(catalog({})),
        "engines": _engines(),
        "figures": _figures(figures()),
        "speed": _speeds(speeds()),
        "sensitive": _SENSITIVE.read_text(encoding="utf-8").splitlines() if _SENSITIVE.is_file() else (),
    }
    for name, lines in tables.items():
        text = text.replace(f"{{{{{name}}}}}", "\n".join(lines))
    return {PAGE: text}


def _identifiers(entries: Sequence[Entry]) -> Iterator[str]:
    """A row an identifier, by kind; several recognizers of one entity are several rows."""
    yield "| kind | entity | what is checked |"
    yield "|---|---|---|"
    for entry in sorted(entries, key=lambda one: (one.kind, one.entity)):
        yield f"| {entry.kind} | `{entry.entity}` | {_cell(entry.checks)} |"


def _engines() -> Iterator[str]:
    yield "| language | default | thorough |"
    yield "|---|---|---|"
    thorough = {**engines.DEFAULT, **engines.THOROUGH}
    for language in dict.fromkeys((*LANGUAGES, *thorough)):
        if language and (language in thorough or language in ("ja", "zh", "ko", "de", "fr", "es")):
            default = f"`{engines.DEFAULT[language]}`" if language in engines.DEFAULT else "none: names are not found"
            other = f"`{thorough[language]}`" if language in thorough else "none"
            yield f"| {LANGUAGES.get(language, language)} | {default} | {other} |"


def _figures(measured: Sequence[Figure]) -> Iterator[str]:
    """A table a set, each with its command."""
    if not measured:
        yield _NOT_MEASURED
    for (name, language, command, day), rows in groupby(
        measured, lambda one: (one.set, one.language, one.command, one.day)
    ):
        here = list(rows)
        notes = "".join(f"; {note}" for note in dict.fromkeys(one.note for one in here) if note)
        yield f"**{name}** ({LANGUAGES.get(language, language)}; {day}{notes}), `{command}`"
        yield ""
        yield "| label | spans | precision | recall | stock precision | stock recall | engine |"
        yield "|---|---|---|---|---|---|---|"
        yield from (_figure(one) for one in here)
        yield ""


def _figure(one: Figure) -> str:
    exact = {name: f" ({value:.3f})" for name, value in one.strict.items()}
    ours = (f"{one.overlap[name]:.3f}{exact.get(name, '')}" for name in ("p", "r"))
    theirs = (f"{one.stock[name]:.3f}" if one.stock else "" for name in ("p", "r"))
    return f"| {one.label} | {one.gold} | {' | '.join(ours)} | {' | '.join(theirs)} | {one.engine} |"


def _speeds(measured: Iterable[Speed]) -> Iterator[str]:
    """KB a second on one core, ours and Presidio's in the same run."""
    rows = list(measured)
    if not rows:
        yield _NOT_MEASURED
        return
    yield "KB of UTF-8 text a second, on one core; both in one run, so that the ratio means something on any machine."
    yield ""
    yield "| what | ours | Presidio as it comes | ratio | command |"
    yield "|---|---|---|---|---|"
    for one in rows:
        theirs = (f"{one.stock:,.0f}", f"{one.ours / one.stock:.1f}") if one.stock else ("", "")
        yield f"| {one.what} | {one.ours:,.0f} | {theirs[0]} | {theirs[1]} | `{one.command}` |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
