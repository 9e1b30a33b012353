"""How well sensitive statements, children and public figures are found in sentences of our own, and how fast.

    python -m benchmarks.sensitive [--lang en] [--half tuned|held|fresh|all] [--errors] [--json]

The tables are tests/pii_sensitive/<language>.yaml: sentences with the persons marked by braces, so that names need not
be found. Rows 1, 3, 5, ... may be tuned on ("tuned"), the others not ("held"); but whoever wrote the lexicon had
written them just before, so that their figures are what it can do at best. `fresh.yaml` was written after it, in
another style; its rows 2, 4, 6, ... ("fresh") are never tuned on, and give the honest figures. A class counts once a
sentence. Speed is that of this step alone on the table's sentences as pages of 4 KB, where each line speaks of
somebody: KB of UTF-8 a second of processor time.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any

from ruamel.yaml import YAML

from crawler.document import Span
from crawler.pii.sensitive import LANGUAGES, PageClues, find

TABLES = Path(__file__).parent.parent / "tests" / "pii_sensitive"
FRESH = "fresh"
PAGE_SIZE = 4_000  # characters
_BRACES = re.compile(r"\{([^}]*)\}")
PAGE = PageClues(url="https://site.example/page", year=2026)


@dataclass(frozen=True, slots=True)
class Row:
    """One sentence: the persons in it, the classes said of them ("minor" among them), and its half of the table."""

    language: str
    text: str
    persons: tuple[Span, ...]
    says: frozenset[str]
    half: str


@dataclass(frozen=True, slots=True)
class Score:
    """Right finds, wrong finds and misses."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """1 where nothing was found."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """1 where nothing was there to be found."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def marked(text: str) -> tuple[str, tuple[Span, ...]]:
    """A sentence without its braces, and the persons that they marked."""
    parts, spans, length, place = [], [], 0, 0
    for match in _BRACES.finditer(text):
        parts += [text[place : match.start()], match[1]]
        length += match.start() - place
        spans.append(Span(length, length + len(match[1]), "PERSON", "person_name", 1.0, "model"))
        length, place = length + len(match[1]), match.end()
    return "".join([*parts, text[place:]]), tuple(spans)


def rows(languages: Collection[str] = LANGUAGES) -> Iterator[Row]:
    """Every row of the tables."""
    for language in languages:
        for number, row in enumerate(_read(language)):
            yield _row(language, row, ("tuned", "held")[number % 2])
    for number, row in enumerate(_read(FRESH)):
        if row["lang"] in languages:
            yield _row(row["lang"], row, ("tuned", FRESH)[number % 2])


def _read(table: str) -> list[Any]:
    return list(YAML(typ="safe", pure=True).load((TABLES / f"{table}.yaml").read_text("utf-8"))["rows"])


def _row(language: str, row: Any, half: str) -> Row:
    text, persons = marked(row["text"])
    return Row(language, text, persons, frozenset(row["says"]), half)


def found_in(row: Row) -> frozenset[str]:
    """The classes that are found in a sentence."""
    facts = find(row.text, row.language, row.persons, PAGE).facts
    classes = {str(fact.value) for fact in facts if fact.name == "sensitive.class"}
    return frozenset(classes | {"minor" for fact in facts if fact.name == "minor.under"})


def scores(table: Iterable[Row]) -> dict[str, Score]:
    """A score a class, and "all"."""
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    for row in table:
        found = found_in(row)
        for counter, names in ((right, found & row.says), (wrong, found - row.says), (missed, row.says - found)):
            counter.update([*names, *("all" for _ in names)])
    classes = sorted({*right, *wrong, *missed} - {"all"})
    return {name: Score(right[name], wrong[name], missed[name]) for name in [*classes, "all"]}


def speed(table: Sequence[Row]) -> float:
    """KB of UTF-8 a second, over pages made of the table's sentences."""
    pages: list[tuple[str, str, tuple[Span, ...]]] = []
    for language in sorted({row.language for row in table}):
        text, spans = "", []
        for row in [row for row in table if row.language == language] * 5:
            spans += [
                Span(s.start + len(text), s.end + len(text), s.entity, s.kind, s.score, s.tier) for s in row.persons
            ]
            text += row.text + "\n"
            if len(text) > PAGE_SIZE:
                pages.append((text, language, tuple(spans)))
                text, spans = "", []
    for text, language, persons in pages[:1]:
        find(text, language, persons, PAGE)
    begin = process_time()
    for text, language, persons in pages:
        find(text, language, persons, PAGE)
    return sum(len(text.encode()) for text, _, _ in pages) / 1000 / (process_time() - begin)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--lang", choices=LANGUAGES)
    parser.add_argument("--half", choices=("tuned", "held", FRESH, "all"), default=FRESH)
    parser.add_argument(
        "--errors", action="store_true", help="print the sentences that go wrong; not for the held half"
    )
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    languages = (asked.lang,) if asked.lang else LANGUAGES
    table = [row for row in rows(languages) if asked.half in (row.half, "all")]
    figures = {language: scores(row for row in table if row.language == language) for language in languages}
    if len(languages) > 1:
        figures["all"] = scores(table)
    if asked.json:
        shown = {
            lang: {name: (s.right, s.wrong, s.missed) for name, s in each.items()} for lang, each in figures.items()
        }
        print(json.dumps({"half": asked.half, "classes": shown, "kb_s": round(speed(table))}))
        return
    for language, each in figures.items():
        for name in each if language in ("all", asked.lang) else ("all",):
            score = each[name]
            counts = f"{score.right:4} right {score.wrong:3} wrong {score.missed:3} missed"
            print(f"{language:4}{name:16} precision {score.precision:.2f} recall {score.recall:.2f} {counts}")
    print(f"speed {speed(table):,.0f} KB/s")
    for row in table if asked.errors else ():
        if (found := found_in(row)) != row.says:
            print(row.language, sorted(row.says), "found", sorted(found), row.text)


if __name__ == "__main__":
    main()
