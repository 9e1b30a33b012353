"""Names in Japanese and Korean: tables of `tests/names/`, the words that they are read in, and missing packages."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from crawler.pii import engines, tokens
from crawler.pii.engines import LONGEST_LINE, EngineError, ReadNames
from crawler.pii.tokens import Tokenize

TABLES = Path(__file__).parent / "names"
LANGUAGES = ["ja", "ko"]
DICTIONARIES = {"ja": "sudachi", "ko": "mecab_ko"}
PACKAGES = {"ja": "sudachipy", "ko": "mecab"}
SENTENCES = {"ja": "山田太郎さんとバラク・オバマ大統領。", "ko": "김철수 씨와 버락 오바마 대통령."}
NAMES = {"ja": ["山田太郎", "バラク・オバマ"], "ko": ["김철수", "버락 오바마"]}

lines = st.lists(
    st.text(max_size=60) | st.text("山田太郎さんは、・バラク　ー김철수씨가 이Aa1.", max_size=LONGEST_LINE), max_size=4
)


@cache
def engine(language: str, name: str) -> ReadNames:
    return engines.load(language, name)


@cache
def tokenizer(language: str) -> Tokenize:
    return tokens.load(language)


def rows() -> list[Any]:
    found = []
    for language in LANGUAGES:
        for row in YAML(typ="safe").load(TABLES / f"{language}.yaml"):
            marks = [pytest.mark.xfail(reason="not learned yet", strict=True)] if row.get("missed") else []
            found.append(pytest.param(language, row, id=f"{language}: {row['id']}", marks=marks))
    return found


@pytest.mark.parametrize(("language", "row"), rows())
def test_names(language: str, row: dict[str, Any]) -> None:
    """Every table says all names that the tagger finds in a line, to the letter."""
    [names] = engine(language, "tagger")([row["text"]])
    assert [row["text"][start:end] for start, end, _ in names] == row["names"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_dictionaries(language: str) -> None:
    """The words of one name are one find of a dictionary engine, its honorific is none."""
    sentence = SENTENCES[language]
    [names] = engine(language, DICTIONARIES[language])([sentence])
    assert [sentence[start:end] for start, end, _ in names] == NAMES[language]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["tagger", "dictionary"])
@settings(deadline=None)
@given(texts=lines)
def test_engines_keep_the_contract(language: str, name: str, texts: list[str]) -> None:
    """For each line its names, in order and apart, inside of it, with a score of 0 to 1, whatever stands in it."""
    found = engine(language, DICTIONARIES[language] if name == "dictionary" else name)(texts)
    assert len(found) == len(texts)
    for text, names in zip(texts, found, strict=True):
        places = [place for start, end, _ in names for place in (start, end)]
        assert places == sorted(places)
        assert all(0 <= start < end <= len(text) and 0.0 < score <= 1.0 for start, end, score in names)


@pytest.mark.parametrize("language", LANGUAGES)
@settings(deadline=None)
@given(texts=lines)
def test_words_are_parts_of_the_line(language: str, texts: list[str]) -> None:
    """Words lie in the line in order, without overlaps; their form is what stands there."""
    for text in texts:
        words = tokenizer(language)(text)
        places = [place for start, end, _, _ in words for place in (start, end)]
        assert places == sorted(places)
        assert all(text[start:end] == form for start, end, form, _ in words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_line_decides_alone(language: str) -> None:
    """What is found in a line does not depend on the lines beside it."""
    texts = [row["text"] for row in YAML(typ="safe").load(TABLES / f"{language}.yaml")]
    read = engine(language, "tagger")
    alone = [[(start, end) for start, end, _ in read([text])[0]] for text in texts]
    assert [[(start, end) for start, end, _ in names] for names in read(texts)] == alone


def test_a_name_from_abroad_is_one_word() -> None:
    """Katakana and initials joined by a middle dot are one word; words joined by one in other letters are not."""
    words = [form for _, _, form, _ in tokenizer("ja")("ジョージ・H・W・ブッシュとM.メドレー、山田・鈴木")]
    assert words == ["ジョージ・H・W・ブッシュ", "と", "M.メドレー", "、", "山田", "・", "鈴木"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["tagger", "dictionary"])
def test_a_missing_package_is_named(language: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a package is missing, the message says what to install."""
    monkeypatch.setitem(sys.modules, PACKAGES[language], None)
    with pytest.raises(EngineError, match=r"usufruct\[names\]"):
        engines.load(language, DICTIONARIES[language] if name == "dictionary" else name)
