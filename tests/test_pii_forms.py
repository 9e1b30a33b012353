"""Every identifier in every way it is written: labeled, glued to letters, full-width, spaced; valid and not.

`tests/pii/forms/<module>.yaml` has `examples` and the `labels` that stand before them in text. From each example
other numbers are made by changing characters until the recognizer's check agrees (valid) or not (invalid).
`bare: false`: not found without a label; `letters: true`: letters are changed too; `spread: false`: never spaced out;
`groups: false`: never in groups of three or four.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from crawler.pii import recognizers
from crawler.pii.checks import letters_and_digits_of
from crawler.pii.identifiers import Identifiers
from crawler.pii.recognizers import Recognizer
from crawler.pii.shapes import normal
from crawler.pii.spans import without_overlaps

FORMS = Path(__file__).parent / "pii" / "forms"
MODULES = sorted(path.stem for path in FORMS.glob("*.yaml"))
LOOK_ALIKES = list(YAML(typ="safe").load(FORMS.parent / "look_alikes.yaml"))
# Modules of python-stdnum and the places and characters of numbers on which it differs with reason.
ORACLES = {
    "jp_my_number": ("jp.in_", ""),
    "jp_corporate_number": ("jp.cn", ""),
    "cn_uscc": ("cn.uscc", ""),
    "kr_rrn": ("kr.rrn", r"[0-9]{6}[5-8]"),  # of foreigners; python-stdnum has the rule of nationals only
    "in_aadhaar": ("in_.aadhaar", ""),
    "in_gstin": ("in_.gstin", ""),
    "in_voter": ("in_.epic", ""),
}
COUNT, TRIES = 7, 4000  # numbers of each example; attempts to make them
RECALL, REFUSAL = 0.98, 0.98


@cache
def all_of_them() -> Identifiers:
    return Identifiers(recognizers.load())


def found_in(text: str) -> set[tuple[str, str]]:
    """Entity and characters of every find."""
    spans = without_overlaps(all_of_them()(text))
    return {(span.entity, letters_and_digits_of(normal(text[span.start : span.end]))) for span in spans}


@cache
def forms(name: str) -> dict[str, Any]:
    return dict(YAML(typ="safe").load(FORMS / f"{name}.yaml"))


@cache
def recognizer(name: str) -> Recognizer:
    return recognizers.load_one(name)


@cache
def made(name: str, valid: bool) -> list[str]:
    """Numbers made from the examples, themselves first; the same in every run."""
    one, chance = recognizer(name), random.Random(name)
    texts: list[str] = []
    for example in map(str, forms(name)["examples"]):
        kept = [example] if valid else []
        for _ in range(TRIES):
            other = changed(example, chance, forms(name).get("letters", False), 0.15 + 0.85 * chance.random())
            if (
                len(kept) < COUNT
                and other not in kept
                and fits(one, other)
                and (one.check(other) is not False) == valid
            ):
                kept.append(other)
        texts += kept
    return texts


def changed(example: str, chance: random.Random, letters: bool, share: float) -> str:
    def other(char: str) -> str:
        if chance.random() > share:
            return char
        if char.isdigit():
            return str(chance.randrange(10))
        return chance.choice("ABCDEFGHJKLMNPRSTUVWXYZ") if letters and char.isupper() else char

    return "".join(map(other, example))


def fits(one: Recognizer, text: str) -> bool:
    return any(pattern.regex.fullmatch(text) for pattern in one.patterns)


# Ways to write a number x with a label before it


def wide(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def in_groups(x: str, size: int, gap: str) -> str:
    plain = letters_and_digits_of(x)
    return gap.join(plain[at : at + size] for at in range(0, len(plain), size))


WAYS: dict[str, Callable[[str, str], str]] = {
    "labeled": lambda label, x: f"{label} {x}",
    "with a colon": lambda label, x: f"... {label}: {x}.",
    "with a full-width colon": lambda label, x: f"{label}：{x}。",
    "glued to its label": lambda label, x: f"{label}{x}",
    "glued to Latin letters before": lambda label, x: f"{label} ID{x}",
    "glued to Latin letters after": lambda label, x: f"{label}: {x}abc",
    "glued to CJK letters": lambda label, x: f"{label}は{x}です",
    "glued to Hangul": lambda label, x: f"{label}은{x}입니다",
    "full-width": lambda label, x: f"{label}{wide(x)}",
}
APART: dict[str, Callable[[str, str], str]] = {
    "each apart": lambda label, x: f"{label} {in_groups(x, 1, ' ')}",
    "each apart, full-width": lambda label, x: f"{label}：{wide(in_groups(x, 1, '　'))}",
}
GROUPED: dict[str, Callable[[str, str], str]] = {
    "in fours": lambda label, x: f"{label}: {in_groups(x, 4, ' ')} ",
    "in threes": lambda label, x: f"{label} {in_groups(x, 3, ' ')}.",
}


def cases() -> Iterator[Any]:
    for name in MODULES:
        for way, write in ways(name).items():
            yield pytest.param(name, write, id=f"{name}: {way}")


def ways(name: str) -> dict[str, Callable[[str, str], str]]:
    if not recognizer(name).lengths or not forms(name).get("spread", True):
        return WAYS
    return WAYS | APART | (GROUPED if forms(name).get("groups", True) else {})


def missed(name: str, write: Callable[[str, str], str], numbers: list[str]) -> list[str]:
    """The texts without this entity; the labels take turns."""
    entity, labels = recognizer(name).entity, forms(name)["labels"]
    texts = [(write(labels[at % len(labels)], x), x) for at, x in enumerate(numbers)]
    return [text for text, x in texts if (entity, letters_and_digits_of(x)) not in found_in(text)]


@pytest.mark.parametrize(("name", "write"), list(cases()))
def test_valid_ones_are_found(name: str, write: Callable[[str, str], str]) -> None:
    numbers = made(name, valid=True)
    lost = missed(name, write, numbers)
    assert len(lost) <= (1 - RECALL) * len(numbers), lost[:8]


@pytest.mark.parametrize(("name", "write"), list(cases()))
def test_invalid_ones_are_refused(name: str, write: Callable[[str, str], str]) -> None:
    numbers = made(name, valid=False)
    assert len(numbers) - len(missed(name, write, numbers)) <= (1 - REFUSAL) * len(numbers)


@pytest.mark.parametrize("name", MODULES)
def test_valid_ones_are_found_bare(name: str) -> None:
    """A text that is nothing else needs no label if check digits fit."""
    one = recognizer(name)
    if forms(name).get("bare", True):
        numbers = [x for x in made(name, valid=True) if one.check(x)]
        kinds = [{entity for entity, _ in found_in(x)} for x in numbers]
        assert sum(map(bool, kinds)) >= RECALL * len(numbers)


@pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in LOOK_ALIKES])
def test_look_alikes_are_none(row: dict[str, Any]) -> None:
    """Neither alone nor in a sentence nor between letters of another script."""
    for text in (row["text"], f"See {row['text']} for more.", f"甲{row['text']}乙", f"그것은 {row['text']} 입니다"):
        assert found_in(text) == set()


@pytest.mark.parametrize("name", ORACLES)
def test_checks_are_those_of_python_stdnum(name: str) -> None:
    """What the one believes, so does the other, on numbers made from the examples."""
    oracle, others = ORACLES[name]
    is_valid = import_module(f"stdnum.{oracle}").is_valid
    for number in made(name, valid=True) + made(name, valid=False):
        plain = letters_and_digits_of(number).removeprefix("T")
        if recognizer(name).check(number) is not None and not (others and re.match(others, plain)):
            assert is_valid(plain) == recognizer(name).check(number), number


def test_residents_of_china_have_the_check_character_of_python_stdnum() -> None:
    """It also knows which counties there were in which year, which is not asked here."""
    calculated = import_module("stdnum.cn.ric").calc_check_digit
    numbers = [letters_and_digits_of(number) for number in made("cn_resident_id", valid=True)]
    assert all(number[-1] == calculated(number) for number in numbers if len(number) == 18)


def test_every_file_of_forms_is_of_a_recognizer() -> None:
    assert set(MODULES) <= set(recognizers.modules())
