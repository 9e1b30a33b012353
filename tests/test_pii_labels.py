"""Whose number it is: labels of gold sets mapped to our entities, and labels in a text that decide or refuse."""

from __future__ import annotations

import doctest
from functools import cache

import pytest

from crawler.document import FindPii
from crawler.pii import labels
from crawler.pii.presidio import build_finder, known_entities


@cache
def find() -> FindPii:
    return build_finder()


def found_in(text: str) -> list[str]:
    return [span.entity for span in find()(text, "")]


def test_the_examples_of_the_labels_are_true() -> None:
    assert doctest.testmod(labels).failed == 0


def test_every_alias_is_of_an_entity_that_is_found_and_hides_none() -> None:
    known = {*known_entities(), "PERSON", "ADDRESS"}
    assert set(labels.ENTITY_OF.values()) <= known
    assert not set(labels.ENTITY_OF) & known


@pytest.mark.parametrize("spelling", ["B-PER", "per", "first-name", "人名", "PERSON"])
def test_names_of_persons_have_many_labels(spelling: str) -> None:
    assert labels.entity_of(spelling) == "PERSON"


def test_a_label_of_a_family_counts_for_all_of_it() -> None:
    assert labels.entities_of("passport number", known_entities()) >= {"US_PASSPORT", "DE_PASSPORT", "JP_PASSPORT"}
    assert labels.entities_of("DRIVERS_LICENSE", known_entities()) >= {"US_DRIVER_LICENSE", "UK_DRIVING_LICENCE"}
    assert labels.entities_of("NOTHING", known_entities()) == frozenset()


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("UK passport 924065772", "UK_PASSPORT"),
        ("U.S. passport 924065772", "US_PASSPORT"),
        ("NHS number 943 476 5919, UTR 1955839661", "UK_NHS UK_UTR"),
        ("BSN 111222333", "NL_BSN"),
        ("SIN 130 692 544, a business number too", "CA_SIN"),
        ("Tax File Number 123 456 782", "AU_TFN"),
        ("PIS 469.52280.63-7", "BR_PIS"),
        ("CNH 58316794534", "BR_CNH"),
        ("CPF 111.444.777-35", "BR_CPF"),
    ],
)
def test_the_nearest_and_longest_label_says_whose_number_it_is(text: str, entity: str) -> None:
    assert found_in(text) == entity.split()


@pytest.mark.parametrize("text", ["P.IVA 12345671104", "CPF 44270413952", "numer PESEL 44270413952"])
def test_what_its_own_label_refuses_is_no_number_of_another_country(text: str) -> None:
    """The numbers are valid tax numbers of Germany, and nothing says that they are."""
    assert found_in(f"the number {text[-11:]} is") == ["DE_TAX_ID"]
    assert found_in(text) == []


@pytest.mark.parametrize(
    "text",
    ["ein Betrag von 12-3456789", "sin 130692544 habitantes", "nas 130692544 horas", "er nam 9663516678 mee"],
)
def test_short_names_in_capitals_are_no_words(text: str) -> None:
    assert found_in(text) == []
