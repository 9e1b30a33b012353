"""Planted personal data: what is found, and that no file of a crawl holds it.

    python -m benchmarks.planted OUT [--pages 1000] [--seed 1] [--policies jp,us,eu,cn] [--show 20]

Pages with invented data (`planted_pages`) are judged by `scrapy judge` without bodies. Then every file of the crawl,
standard output and standard error are searched for every value, as it stands, in small letters, and as digits alone.
A shard is searched for the values of its pages only, and not for kinds that its policy keeps. Recall is measured on
the same pages in this process: values that the main text, the title or the author of a page still has, and of which
four fifths of the letters and digits lie in a find.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import quote

import pyarrow.parquet as pq

from benchmarks.planted_pages import Item, Page, pages, write
from benchmarks.planted_values import kind_of
from crawler import shards
from crawler import text as text_room
from crawler.document import Fetched, Span
from crawler.pii.engines import resolve
from crawler.pii.presidio import FindPii, build_finder
from crawler.pii.shapes import normal

POLICIES = "jp,us,eu,cn"
COVERED = 0.8  # share of the letters and digits of a value that finds must cover
_GAPS = re.compile(r"(?<=[0-9])[ \-./()]{1,3}(?=[0-9])")
_FEWEST_DIGITS = 8  # of a value that is searched for as digits alone
_GRAM = 3


@dataclass(frozen=True, slots=True)
class Leak:
    """A planted value where none should be. The value is invented and may be shown."""

    file: str
    item: Item
    page: Page


@dataclass(frozen=True, slots=True)
class Sought:
    """One planted value that was searched for in what was extracted; `found_as` are the entities that touch it."""

    item: Item
    page: Page
    language: str
    covered: float
    found_as: tuple[str, ...]
    kinds: tuple[str, ...] = ()

    @property
    def is_found(self) -> bool:
        """Whether enough of it lies in finds."""
        return self.covered >= COVERED

    @property
    def is_mistaken(self) -> bool:
        """Whether it is found, but as nothing of its kind: a policy may keep what it should remove."""
        return self.is_found and kind_of(self.item.kind) not in self.kinds


# Recall


def recall(planted: Iterable[Page], find: FindPii) -> tuple[list[Sought], int]:
    """Every planted value that is in the extracted text, title or author; and how many are not."""
    sought: list[Sought] = []
    absent = 0
    for page in planted:
        fields, language = _extracted(page)
        spans = {name: find(text, language) if text else () for name, text in fields.items() if name != "author"}
        for item in page.items:
            if item.place in ("url", "header"):
                continue
            places = [(name, text.find(item.value)) for name, text in fields.items() if item.value in text]
            absent += not places
            for name, start in places[:1]:
                if name == "author":
                    sought.append(Sought(item, page, language, 1.0, ("PERSON",), ("person_name",)))
                else:
                    sought.append(Sought(item, page, language, *_covered(fields[name], start, item.value, spans[name])))
    return sought, absent


def _extracted(page: Page) -> tuple[dict[str, str], str]:
    headers = (("Content-Type", "text/html; charset=utf-8"),)
    parsed = text_room.parse(Fetched(page.url, 200, headers, page.html.encode()))
    assert parsed is not None  # it is HTML
    extracted = parsed.extract()
    return {"text": extracted.text, "title": extracted.title, "author": extracted.author}, extracted.language


def _covered(
    text: str, start: int, value: str, spans: Sequence[Span]
) -> tuple[float, tuple[str, ...], tuple[str, ...]]:
    places = [start + at for at, char in enumerate(value) if char.isalnum()]
    near = [span for span in spans if span.start < start + len(value) and start < span.end]
    inside = sum(any(span.start <= place < span.end for span in near) for place in places)
    entities, kinds = {span.entity for span in near}, {span.kind for span in near}
    return inside / len(places), tuple(sorted(entities)), tuple(sorted(kinds))


# Leaks


def judge(warc: Path, out: Path, policies: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    command = ("judge", str(warc), "-a", f"policy={policies}", "-a", f"out={out}", "-a", "bodies=none")
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *command, "-a", "fetched_by=others"],
        cwd=Path(__file__).parent.parent, env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def leaks(planted: Sequence[Page], out: Path, said: Mapping[str, str], policies: Sequence[str]) -> list[Leak]:
    """Every planted value in a file of the crawl or in what was printed."""
    found = list(_in_shards(planted, out, policies))
    everything = Searcher((page, item) for page in planted for item in page.items)
    shard_files = {path for policy in policies for path in _shards(out, policy)}
    for path in sorted(out.rglob("*")):
        if path.is_file() and path not in shard_files:
            name = str(path.relative_to(out))
            found += [Leak(name, item, page) for text in _read(path) for page, item in everything(text)]
    for name, text in said.items():
        found += [Leak(name, item, page) for page, item in everything(text)]
    return found


def _in_shards(planted: Sequence[Page], out: Path, policies: Sequence[str]) -> Iterator[Leak]:
    by_number = {_number(page.url): page for page in planted}
    for policy in policies:
        records = [(path, record) for path in _shards(out, policy) for record in shards.read(path)]
        kept = _kept(record for _, record in records)
        for path, record in records:
            page = by_number[_number(record["url"])]
            items = [(page, item) for item in page.items if kind_of(item.kind) not in kept]
            for where, item in Searcher(items)(json.dumps(record, ensure_ascii=False, default=str)):
                yield Leak(str(path.relative_to(out)), item, where)


def _kept(records: Iterable[Mapping[str, Any]]) -> set[str]:
    """The kinds that a policy never removes, by what its records say of themselves."""
    treated: dict[str, set[str]] = defaultdict(set)
    for record in records:
        said = record["metadata"]
        metadata = json.loads(said) if isinstance(said, str) else said
        for kind, treatment in json.loads(metadata["treatments"]).items():
            treated[kind].add(treatment)
    return {kind for kind, treatments in treated.items() if treatments == {"keep"}}


def _number(url: str) -> str:
    found = re.search(r"/page-([0-9]+)", url)
    return found[1] if found else ""


def _shards(out: Path, policy: str) -> list[Path]:
    return sorted(path for path in (out / policy).rglob("[0-9]*.*") if path.suffix in (".parquet", ".zst"))


def _read(path: Path) -> Iterator[str]:
    """The text of a file in parts."""
    if path.suffix == ".parquet":
        for batch in pq.ParquetFile(path).iter_batches(1000):
            for row in batch.to_pylist():
                yield json.dumps(row, ensure_ascii=False, default=str)
        return
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    text = raw.decode("utf-8", "replace")
    yield from (text[at : at + 100_000] for at in range(0, max(len(text), 1), 99_000))


class Searcher:
    """Finds any of many values in a text, in any case, percent-encoded, with its digits in other groups."""

    def __init__(self, items: Iterable[tuple[Page, Item]]) -> None:
        self._forms: dict[str, list[tuple[str, Page, Item]]] = defaultdict(list)
        for page, item in items:
            for form in {*_forms(item.value)}:
                self._forms[form[:_GRAM]].append((form, page, item))

    def __call__(self, text: str) -> Iterator[tuple[Page, Item]]:
        """The items of which a form stands in the text, each once."""
        plain = normal(text).lower()
        both = f"{plain}\n{_GAPS.sub('', plain)}"
        grams = {both[at : at + _GRAM] for at in range(len(both))}
        seen: set[int] = set()
        for gram in grams & self._forms.keys():
            for form, page, item in self._forms[gram]:
                if form in both and id(item) not in seen:
                    seen.add(id(item))
                    yield page, item


def _forms(value: str) -> Iterator[str]:
    plain = normal(value).lower()
    yield plain
    yield quote(plain)
    digits = re.sub("[^0-9]", "", plain)
    if len(digits) >= _FEWEST_DIGITS and not re.search("[^0-9 ().+/-]", plain):
        yield digits


# The report


def report(sought: Sequence[Sought], absent: int, found: Sequence[Leak], show: int) -> Iterator[str]:
    """Lines for a terminal."""
    yield f"recall {_share(sought)} of {len(sought)} values in texts, titles and authors; {absent} were not extracted"
    for name in ("language", "kind"):
        groups: dict[str, list[Sought]] = defaultdict(list)
        for one in sought:
            groups[one.page.language if name == "language" else one.item.kind].append(one)
        yield f"by {name}: " + ", ".join(f"{key} {_share(groups[key])} of {len(groups[key])}" for key in sorted(groups))
    for one in [one for one in sought if not one.is_found][:show]:
        place = f"{one.page.language}({one.language}) {one.item.kind} {one.item.place}"
        yield f"  missed {place}: {one.item.context} {one.covered:.2f} {one.found_as}"
    mistaken = [one for one in sought if one.is_mistaken]
    yield f"found as another kind: {len(mistaken)}"
    for one in mistaken[:show]:
        yield f"  {one.page.language} {one.item.kind} as {', '.join(one.found_as)}: {one.item.context}"
    counted = Counter((leak.file, leak.item.kind, leak.item.place) for leak in found)
    yield f"leaks: {len(found)}"
    yield from (f"  {file}: {count} {kind} planted in {place}" for (file, kind, place), count in counted.most_common())
    yield from (f"  {leak.file} {leak.page.language} {leak.item.kind}: {leak.item.context}" for leak in found[:show])


def _share(sought: Sequence[Sought]) -> str:
    return f"{sum(one.is_found for one in sought) / max(len(sought), 1):.4f}"


def main() -> None:
    """Plant, judge, search, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--policies", default=POLICIES)
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("--recall", action="store_true", help="recall only")
    given = parser.parse_args()
    began = monotonic()
    planted = list(pages(given.pages, given.seed))
    sought, absent = recall(planted, build_finder(engines=resolve("default", {})))
    seconds = monotonic() - began
    found: list[Leak] = []
    if not given.recall:
        given.out.mkdir(parents=True, exist_ok=True)
        write(planted, given.out / "planted.warc.gz")
        done = judge(given.out / "planted.warc.gz", given.out / "crawl", given.policies)
        print(done.stdout, done.stderr[-2000:], sep="\n")
        said = {"stdout": done.stdout, "stderr": done.stderr}
        found = leaks(planted, given.out / "crawl", said, given.policies.split(","))
    print("\n".join(report(sought, absent, found, given.show)))
    print(f"{len(planted)} pages; recall took {seconds:.0f} s, all {monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
