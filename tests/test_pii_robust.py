"""What holds for the whole finder, whatever it is given: names and identifiers together, in every language."""

from __future__ import annotations

from functools import cache
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.pii import names
from crawler.pii.engines import LONGEST_LINE, resolve
from crawler.pii.presidio import FindPii, build_finder

LANGUAGES = ("", *sorted(resolve("default", {})))
PARTS = (
    *("Anna Schmidt", "Dr. José García", "John A. Smith", "Marie-Claire Dupont", "山田太郎", "王小明", "김민수 씨"),
    *("jane@corp.example", "+49 30 1234567", "4111 1111 1111 1111", "192.0.2.7", "SSN 219-09-9999", "@user_1"),
    *("[PERSON]", "[PERSON-3f9a1c2b7d]", "\n", " ", "\t", "\r", "\0", "\x1e", "\ue000", "\ud800", "\u202e", "İ", "ß"),
    *(
        "\u200d",
        "\u0301",
        "１２３",
        "𝟙𝟚𝟛",
        "👩",
        "said",
        "of",
        "Mr.",
        "、",
        "。",
        "・",
        "('",
        "@",
        "1",
        "a.a",
        "passport",
    ),
)
texts = st.one_of(
    st.lists(st.sampled_from(PARTS), max_size=30).map("".join),
    st.lists(st.sampled_from(PARTS), max_size=30).map(" ".join),
    st.text(st.characters(), max_size=200),  # with surrogates
)
RUNS = (
    *(
        "twitter.com/",
        "line1",
        "0x",
        "a.a@",
        "@a",
        "at dot ",
        "1 ",
        "A1 ",
        "passport ",
        "Tel. ",
        "([",
        "1-",
        "'\"",
        "ア・",
    ),
    *(
        "1 Main Street ",
        "東京都",
        "Dr. ",
        "A. ",
        "[PERSON",
        "https://a.example/",
        "name: ",
        "password=",
        "\U0001f469\u200d",
    ),
)
SIZE = 100_000  # characters
SLOWEST_S = 3.0  # usual are 0.3; a lookahead without an end took 7


@cache
def finder() -> FindPii:
    return build_finder(engines=resolve("default", {}))


@pytest.mark.parametrize("language", LANGUAGES)
@given(text=texts)
@settings(max_examples=60, deadline=None)
def test_spans_lie_in_the_text_in_order_and_share_nothing(language: str, text: str) -> None:
    """No text raises; spans are not empty, sorted, inside the text, and no two of them have a character in common."""
    place = 0
    for span in finder()(text, language):
        assert place <= span.start < span.end <= len(text)
        assert 0 < span.score <= 1
        place = span.end


@given(pages=st.lists(st.tuples(texts, st.sampled_from(LANGUAGES)), max_size=6))
@settings(max_examples=60, deadline=None)
def test_what_was_read_before_changes_nothing(pages: list[tuple[str, str]]) -> None:
    """The same finds in any order, the second time, and in a text that repeats."""
    find = finder()
    first = {page: find(*page) for page in pages}
    find._names._remembered.clear()  # type: ignore[attr-defined]  # engines take too long to be loaded anew
    for page in (*reversed(pages), *pages):
        assert find(*page) == first[page]


@pytest.mark.parametrize(
    ("language", "name", "word"),
    [
        ("en", "John Smith", "the"),
        ("de", "Thomas Müller", "der"),
        ("fr", "Jean Dupont", "le"),
        ("es", "Juan García", "el"),
    ],
)
def test_a_name_where_a_long_line_is_cut_is_found(language: str, name: str, word: str) -> None:
    """Wherever the cut falls, before, in or after the name, the finds are those of the middle of a part."""
    lost = []
    for before in range(LONGEST_LINE - 130, LONGEST_LINE + 20, 3):
        filling = (f"{word} " * LONGEST_LINE)[:before].rsplit(" ", 1)[0]
        text = f"{filling} {name} {f'{word} ' * 150}"
        start = text.index(name)
        if not any(one.start <= start and start + len(name) <= one.end for one in finder()(text, language)):
            lost.append(before)
    assert lost == []


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_one_thing_repeated_costs_no_more_than_any_text(run: str, language: str) -> None:
    """A long line of it takes less than what anything quadratic would."""
    find, text = finder(), run * (SIZE // len(run))
    find("Words.", language)
    began = process_time()
    find(text, language)
    assert process_time() - began < SLOWEST_S


def test_many_names_are_looked_for_again_in_one_go() -> None:
    """Each name is found wherever it stands as whole words, and 20,000 different ones take no longer than a text."""
    many = [f"Ann{at} Lee" for at in range(20_000)]
    text = "; ".join([*many, "Ann1 Leeds", "xAnn1 Lee"])
    began = process_time()
    found = list(names.again(text, many))
    assert [text[start:end] for start, end in found] == many
    assert process_time() - began < SLOWEST_S


def test_a_name_inside_another_word_is_no_name() -> None:
    """Neither letters before nor after; in scripts without spaces anything may stand beside it."""
    assert list(names.again("Ann Lee, Ann Leeds, Joann Lee", ["Ann Lee"])) == [(0, 7)]
    assert list(names.again("山田太郎さんと山田太郎", ["山田太郎"])) == [(0, 4), (7, 11)]
