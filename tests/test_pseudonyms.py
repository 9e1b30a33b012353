"""What is written in place of a find: of the same form, consistent, nobody's, and nothing that a policy wants gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from scrapy.settings import Settings

from crawler.document import FindPii, Span, Treatment
from crawler.pii import recognizers
from crawler.pii.presidio import build_finder, known_entities
from crawler.pii.pseudonym import KEY_BYTES, KeyFileError, Pseudonymizer, new_key
from crawler.pii.redact import treat, treated
from crawler.pii.shapes import PERSON
from crawler.pii.surrogates.words import languages, words
from crawler.pipelines import working
from crawler.working import pseudonym_key

TABLES = Path(__file__).parent / "pii"
ROWS: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("pseudonyms.yaml"))
KEY = bytes(range(KEY_BYTES))
OTHER_KEY = KEY[::-1]


@cache
def find() -> FindPii:
    return build_finder()


@pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in ROWS])
def test_what_is_written_has_the_form_of_what_was_found(row: dict[str, Any]) -> None:
    """Under any of a hundred keys; and it is never what was found."""
    ((entity, value),) = row["find"].items()
    for number in range(100):
        written = Pseudonymizer(number.to_bytes(KEY_BYTES, "big"))(entity, value, row["language"])
        assert re.fullmatch(row["written"], written), written
        assert written != value


def test_one_person_has_one_pseudonym_however_the_name_is_written() -> None:
    pseudonym = Pseudonymizer(KEY).document("en", ())
    written = {
        pseudonym(PERSON, name).casefold() for name in ("John Smith", "JOHN SMITH", "john  smith", "John Smith.")
    }
    assert len({" ".join(name.split()).rstrip(".") for name in written}) == 1
    given, surname = pseudonym(PERSON, "John Smith").split()
    assert pseudonym(PERSON, "Smith, John") == f"{surname}, {given}"
    japanese = Pseudonymizer(KEY).document("ja", ())
    assert japanese(PERSON, "山田太郎") == japanese(PERSON, "山田 太郎").replace(" ", "")


def test_other_persons_and_other_keys_have_other_pseudonyms() -> None:
    pseudonym = Pseudonymizer(KEY)
    assert pseudonym(PERSON, "John Smith", "en") != pseudonym(PERSON, "Jon Smith", "en")
    assert pseudonym(PERSON, "John Smith", "en") != Pseudonymizer(OTHER_KEY)(PERSON, "John Smith", "en")


def test_a_part_of_a_name_has_the_part_of_its_pseudonym() -> None:
    """A surname, a given name, or an initial and a surname, where one person of the document alone has them."""
    pseudonym = Pseudonymizer(KEY).document("en", ["John Smith", "JOHN SMITH's", "Smith", "Jane Doe"])
    given, surname = pseudonym(PERSON, "John Smith").split()
    assert pseudonym(PERSON, "Smith") == surname
    assert pseudonym(PERSON, "John") == given
    assert pseudonym(PERSON, "J. Smith") == f"{given[0]}. {surname}"
    assert pseudonym(PERSON, "Mr. Smith") == f"Mr. {surname}"
    assert pseudonym(PERSON, "Doe") == pseudonym(PERSON, "Jane Doe").split()[1]
    japanese = Pseudonymizer(KEY).document("ja", ["長谷川博"])
    assert japanese(PERSON, "長谷川博").startswith(japanese(PERSON, "長谷川"))


def test_a_surname_of_two_persons_is_neither_of_them() -> None:
    pseudonym = Pseudonymizer(KEY).document("en", ["John Smith", "Jane Smith"])
    surnames = {pseudonym(PERSON, name).split()[1] for name in ("John Smith", "Jane Smith")}
    assert len(surnames) == 2
    assert pseudonym(PERSON, "Smith") not in surnames


def test_english_names_are_many_and_next_to_no_two_persons_share_one() -> None:
    lists = words("en")
    assert len(lists["given"]) * len(lists["surnames"]) >= 100_000
    written = {
        Pseudonymizer(KEY)(PERSON, f"Person{chr(97 + n // 26)}{chr(97 + n % 26)} Smith", "en") for n in range(676)
    }
    assert len(written) > 670


@pytest.mark.parametrize("language", sorted(languages()))
def test_the_words_of_a_language_are_in_its_script_and_no_two_are_the_same(language: str) -> None:
    script = {"ja": "[ぁ-ゖァ-ヺー一-鿿]+", "zh": "[一-鿿]+", "ko": "[가-힣]+", "ru": "[А-Яа-яё]+"}
    for name, listed in words(language).items():
        if isinstance(listed, tuple) and name != "streets":
            assert len(set(listed)) == len(listed), name
            assert all(re.fullmatch(script.get(language, "[A-Za-zÀ-ɏ]+"), word) for word in listed), name


def test_a_number_with_a_wrong_check_digit_is_found_by_no_recognizer() -> None:
    """Whatever is written in place of a number with check digits, alone it is no identifier of any country."""
    for value, entity in checked():
        written = Pseudonymizer(KEY)(entity, value)
        if not written.startswith("["):
            assert find()(written, "") == (), (entity, value, written)


def test_a_key_that_is_thrown_away_is_another_each_time() -> None:
    assert len({new_key() for _ in range(9)}) == 9
    assert {len(new_key())} == {KEY_BYTES}


def test_a_crawl_that_throws_its_key_away_writes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    settings = Settings()
    settings.setmodule("crawler.settings")
    settings.set("PSEUDONYM_KEY", "throwaway")
    assert pseudonym_key(working(settings), "first") != pseudonym_key(working(settings), "first")
    assert list(tmp_path.iterdir()) == []
    settings.set("PSEUDONYM_KEY", "")
    assert pseudonym_key(working(settings), "first") == pseudonym_key(working(settings), "first")
    assert [path.name for path in tmp_path.rglob("*.key")] == ["first.key"]


def test_tokens_can_be_asked_for_and_nothing_else() -> None:
    assert re.fullmatch(r"\[PERSON-[0-9a-f]{10}\]", Pseudonymizer(KEY, "token")(PERSON, "John Smith", "en"))
    with pytest.raises(KeyFileError, match="natural, token"):
        Pseudonymizer(KEY, "tokens")


def test_a_pseudonym_that_reads_as_something_else_is_redacted() -> None:
    """Beside words that were meant for something else, a number may become another kind of number."""
    text, ways = "call 490154203237518", {"device_id": Treatment.PSEUDONYMIZE, "contact": Treatment.REDACT}
    spans = (Span(5, 20, "IMEI", "device_id", 1, "checked"),)
    phone = Span(5, 20, "PHONE_NUMBER", "contact", 1, "format")
    assert treat(text, spans, ways.__getitem__, Pseudonymizer(KEY), lambda clean: (phone,)) == "call [IMEI]"
    assert treat(text, spans, ways.__getitem__, Pseudonymizer(KEY), lambda clean: ()) != "call [IMEI]"


def test_what_redaction_leaves_says_nothing_of_the_value() -> None:
    """The same for every value: only what it was stays."""
    for value in ("a@b.example", "someone.else@mail.test"):
        span = (Span(0, len(value), "EMAIL_ADDRESS", "contact", 1, "format"),)
        assert treat(value, span, lambda kind: Treatment.REDACT, Pseudonymizer(KEY)) == "[EMAIL_ADDRESS]"


# Properties

KINDS = sorted(set(known_entities().values()))
_SCRIPTS = st.text(st.sampled_from("aZ @.,\n\u3000漢字かな한글абв٣１Ａ＠é\U0001f600"), max_size=6)


def checked() -> Iterator[tuple[str, str]]:
    """Numbers that the tables find by their check digits."""
    for path in sorted(TABLES.glob("*.yaml")):
        for row in YAML(typ="safe").load(path):
            for entity, value, tier in (one for one in row.get("finds") or () if len(one) == 3):
                if tier == "checked":
                    yield value, entity


@cache
def texts() -> list[str]:
    names = set(recognizers.modules())
    paths = [path for path in sorted(TABLES.glob("*.yaml")) if path.stem in names]
    return [row["text"] for path in paths for row in YAML(typ="safe").load(path) if row["finds"]]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_of_the_kinds_that_were_redacted_nothing_is_found(data: st.DataObject) -> None:
    """Also where another kind became pseudonyms, and whatever script stands around."""
    parts = data.draw(st.lists(st.sampled_from(texts()) | _SCRIPTS, max_size=4))
    text = "\n".join(parts)
    kind = data.draw(st.sampled_from(KINDS))
    pseudonym = Pseudonymizer(KEY).document(data.draw(st.sampled_from(["", "en", "ja", "zh", "de"])), ())
    ways = {one: Treatment.PSEUDONYMIZE if one == kind else Treatment.REDACT for one in KINDS}
    spans = find()(text, "")
    clean = treat(text, spans, ways.__getitem__, pseudonym, lambda clean: find()(clean, ""))
    assert {span.kind for span in find()(clean, "")} <= {kind}


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_what_is_found_where_all_became_pseudonyms_is_what_we_wrote(data: st.DataObject) -> None:
    text = "\n".join(data.draw(st.lists(st.sampled_from(texts()) | _SCRIPTS, max_size=4)))
    pieces = list(treated(text, find()(text, ""), lambda kind: Treatment.PSEUDONYMIZE, Pseudonymizer(KEY)))
    ours, place = [], 0
    for piece, entity in pieces:
        ours += [(place, place + len(piece))] if entity else []
        place += len(piece)
    again = find()("".join(piece for piece, _ in pieces), "")
    assert all(any(span.start < end and start < span.end for start, end in ours) for span in again)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(sorted(known_entities())), st.text() | _SCRIPTS, st.sampled_from(["", "en", "ja", "zh", "ko", "es"])
)
def test_pseudonyms_raise_nothing_and_are_the_same_again(entity: str, value: str, language: str) -> None:
    written = Pseudonymizer(KEY)(entity, value, language)
    assert written == Pseudonymizer(KEY).document(language, [value])(entity, value)
    assert bool(written.strip()) or not value.strip()
