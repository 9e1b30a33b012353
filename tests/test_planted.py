"""A short form of `benchmarks.planted`: invented data in pages of seven languages is found, and no file holds it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from benchmarks.corpus import SHARED
from benchmarks.planted import POLICIES, Leak, Searcher, Sought, judge, leaks, recall
from benchmarks.planted_pages import LANGUAGES, Item, Page, pages, write
from benchmarks.planted_values import kinds
from crawler.pii.engines import resolve
from crawler.pii.presidio import build_finder

PAGES, SEED = 28, 7
RECALL, IDENTIFIERS = 0.97, 0.99  # of all values; of those that are no names
MOST_MISSED = 0.03  # share of the values that may stand in a shard, at most what recall leaves
DATA = SHARED / "data"

pytestmark = pytest.mark.skipif(not (DATA / "pii").is_dir(), reason="the gold sets are not here")


@pytest.fixture(scope="module")
def planted() -> list[Page]:
    return list(pages(PAGES, SEED))


@pytest.fixture(scope="module")
def sought(planted: list[Page]) -> list[Sought]:
    return recall(planted, build_finder(engines=resolve("default", {})))[0]


@pytest.fixture(scope="module")
def found(planted: list[Page], tmp_path_factory: pytest.TempPathFactory) -> list[Leak]:
    """What a whole run leaves behind, on the disk and in the terminal."""
    folder = tmp_path_factory.mktemp("planted")
    write(planted, folder / "pages.warc.gz")
    done = judge(folder / "pages.warc.gz", folder / "crawl", POLICIES)
    assert done.returncode == 0, done.stderr
    said = {"stdout": done.stdout, "stderr": done.stderr}
    return leaks(planted, folder / "crawl", said, POLICIES.split(","))


def share(sought: Sequence[Sought]) -> float:
    return sum(one.is_found for one in sought) / len(sought)


def test_what_was_planted_is_found(sought: list[Sought]) -> None:
    """Recall has a floor over all, and a higher one without the names of persons."""
    assert share(sought) >= RECALL
    assert share([one for one in sought if one.item.kind != "NAME"]) >= IDENTIFIERS


def test_finds_are_of_the_right_kind(sought: list[Sought]) -> None:
    """What is taken for another kind may be kept by a policy that removes its own."""
    assert sum(one.is_mistaken for one in sought) <= (1 - IDENTIFIERS) * len(sought)


def test_no_file_but_shards_holds_a_value(found: list[Leak]) -> None:
    """Not the evidence, the facts, the ledger, the frontier, run.json, nor what was printed."""
    assert [(leak.file, leak.item) for leak in found if leak.file.split("/")[0] not in POLICIES.split(",")] == []


def test_shards_hold_what_was_missed_and_nothing_more(found: list[Leak], sought: list[Sought]) -> None:
    """A value in a shard of a policy that removes its kind is one that was not found."""
    missed = {one.item for one in sought if not one.is_found or one.is_mistaken}
    assert [leak.item for leak in found if leak.item not in missed] == []
    assert len({leak.item for leak in found}) <= MOST_MISSED * len(sought)


def test_many_kinds_are_planted_in_each_language() -> None:
    """The bar asks for 20 kinds in 7 languages."""
    assert len(LANGUAGES) == 7
    assert all(len(kinds(language)) >= 18 for language in LANGUAGES)
    assert len({kind for language in LANGUAGES for kind in kinds(language)}) > 40


@pytest.mark.parametrize(
    "text",
    ["call 030 2345678 now", "call 030-234 56 78", '"phone=030%202345678"', "0302345678", "tel:(030) 2345678"],
)
def test_the_search_sees_other_ways_to_write_a_value(text: str) -> None:
    """As it stands, percent-encoded, and with its digits in other groups."""
    item = Item("PHONE", "030 2345678", "text")
    page = Page("https://h.example/de/page-1", "de", "", [item])
    assert [one for _, one in Searcher([(page, item)])(text)] == [item]


def test_the_search_does_not_see_other_values() -> None:
    item = Item("PHONE", "030 2345678", "text")
    page = Page("https://h.example/de/page-1", "de", "", [item])
    assert list(Searcher([(page, item)])("call 030 2345679, [PHONE_NUMBER] or 2345678")) == []
