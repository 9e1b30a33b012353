"""Names in place of names: as many words, in the same script and writing, and of no gender.

A surrogate is an ordinary name, so somebody somewhere may bear it; the text does not speak of them. Who wants none of
that sets `-s PSEUDONYMS=token`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.pii.surrogates.words import latin, words

if TYPE_CHECKING:
    from crawler.pii.surrogates.draw import Draw

GIVEN, SURNAME, KEPT = "given", "surname", ""
_KANA, _KATAKANA = re.compile("[ぁ-ゖァ-ヺー々]"), re.compile("[ァ-ヺー]")
_HANGUL, _HAN, _CYRILLIC = re.compile("[가-힣]"), re.compile("[一-鿿㐀-䶿]"), re.compile("[Ѐ-ӿ]")
_LATIN = re.compile("[A-Za-zÀ-ɏḀ-ỿ]")
_ALPHABET = re.compile("[A-Za-zÀ-ɏḀ-ỿЀ-ӿ]")
_SEPARATORS = re.compile(r"([\s\u3000・·•‧=＝]+)")
_KEPT = frozenset(
    (
        *(
            "von",
            "van",
            "der",
            "den",
            "de",
            "del",
            "della",
            "di",
            "da",
            "do",
            "dos",
            "du",
            "la",
            "le",
            "ter",
            "ten",
            "zu",
        ),
        *("bin", "ibn", "al", "el", "y", "e", "af", "av", "jr", "sr", "ii", "iii", "iv", "phd", "md"),
        *("mr", "mrs", "ms", "mx", "miss", "dr", "prof", "sir", "dame", "lord", "lady", "herr", "frau", "mme", "mlle"),
        *("señor", "señora", "don", "doña", "sra", "dra", "signor", "signora"),
    )
)
_INITIALS = re.compile(r"(?:[^\W\d_]\.-?){1,4}[^\W\d_]?")
_SURNAME_FIRST = frozenset(["ja", "zh", "ko"])
_MOST_NAMESAKES = 8  # more full names with this word: nobody can tell whom it means
_BETWEEN_NAMES = re.compile(r"(\s+(?:and|und|et|&|\|)\s+|\s*[;、，/]\s*)")
_COMMA = re.compile(r"(,\s+)")
_NAMES_WITH_COMMAS = re.compile(r"\S+\s[^,]*(?:,\s+\S+\s[^,]*)+")  # two words or more on both sides: no "Smith, John"
_TWO_SURNAMES = frozenset(["es", "pt"])


@dataclass(frozen=True, slots=True)
class Part:
    """A word of a name: what was written ("" where no space parts it from the one before), what it is, its list."""

    written: str
    role: str
    listed: str = ""
    after: str = ""  # what stands between it and the next part


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart, and the language whose lists serve it."""

    language: str
    parts: tuple[Part, ...]

    @property
    def same(self) -> str:
        """Equal for two ways of writing one name: case, spaces, and "Smith, John" for "John Smith", do not count."""
        if self.language in _SURNAME_FIRST:
            return "".join(_plain(part.written) for part in self.parts)
        ordered = sorted((part for part in self.parts if part.role), key=lambda part: part.role)
        return " ".join(_plain(part.written) for part in ordered)

    @property
    def is_full(self) -> bool:
        """Whether it says more than a given name or a surname."""
        return len({part.role for part in self.parts} - {KEPT}) > 1


def parse(value: str, language: str) -> Name | None:
    """The name taken apart; None for a script that has no lists."""
    if _HANGUL.search(value):
        return Name("ko", _eastern(value, "ko"))
    if _KANA.search(value) or (_HAN.search(value) and language == "ja"):
        return Name("ja", _eastern(value, "ja"))
    if _HAN.search(value):
        return Name("zh", _eastern(value, "zh"))
    if _CYRILLIC.search(value):
        return Name("ru", tuple(_western(value, "ru")))
    if _LATIN.search(value):
        return Name(latin(language), tuple(_western(value, latin(language))))
    return None


def each(value: str) -> list[str]:
    """The names in a byline and what stands between them, in turn: "John Smith", " and ", "Jane Doe"."""
    pieces = _BETWEEN_NAMES.split(value)
    return [
        part for piece in pieces for part in (_COMMA.split(piece) if _NAMES_WITH_COMMAS.fullmatch(piece) else [piece])
    ]


def _western(value: str, language: str) -> list[Part]:
    """Given names, then the surname (two of them in Spanish and Portuguese), or the surname and a comma before."""
    pieces = _SEPARATORS.split(value)
    found, between = pieces[::2], [*pieces[1::2], ""]
    real = [at for at, word in enumerate(found) if _plain(word) not in _KEPT and _ALPHABET.search(word)]
    last = 2 if language in _TWO_SURNAMES and len(real) > 2 else 1
    comma = next((at for at in real[:-1] if found[at].endswith(",")), None)
    surnames = {at for at in real if at <= comma} if comma is not None else set(real[-last:])
    return [
        Part(word, KEPT if at not in real else SURNAME if at in surnames else GIVEN, "", gap)
        for at, (word, gap) in enumerate(zip(found, between, strict=True))
    ]


def _eastern(value: str, language: str) -> tuple[Part, ...]:
    """The surname first, with or without a space; foreign names as they are spoken, given name first."""
    pieces = [piece for piece in _SEPARATORS.split(value) if piece]
    found, between = pieces[::2], [*pieces[1::2], ""][: len(pieces[::2])]
    letters = sum(map(len, found))
    if _is_foreign(language, found, between, letters):
        return tuple(
            Part(word, SURNAME if at == len(found) - 1 else GIVEN, "_foreign", gap)
            for at, (word, gap) in enumerate(zip(found, between, strict=False))
        )
    kana = "_kana" if language == "ja" and not _HAN.search(value) else ""
    if len(found) == 2:
        return Part(found[0], SURNAME, kana, between[0]), Part(
            found[1], GIVEN, _length(language, len(found[1])) or kana
        )
    if letters <= (2 if language == "ja" else 1):
        return (Part(value, SURNAME, kana),)
    return Part(value, SURNAME, kana), Part("", GIVEN, _length(language, letters - 1) or kana)


def _is_foreign(language: str, found: Sequence[str], between: Sequence[str], letters: int) -> bool:
    if language == "ja":
        return all(_KATAKANA.match(word) for word in found)
    if len(found) > 2 or (language == "zh" and any(gap.strip() for gap in between)):
        return True
    return letters > 4 or (language == "ko" and letters > 3 and not (len(found) == 2 and len(found[0]) < 3))


def _length(language: str, letters: int) -> str:
    """Which list of given names has names of so many letters."""
    if language == "zh":
        return "1" if letters == 1 else "2"
    return "_short" if language == "ko" and letters == 1 else ""


def drawn(name: Name, draw: Draw) -> tuple[str, ...]:
    """A word of the lists for each part; parts that stay stay. The order in which a name is written changes nothing."""
    order = list(range(len(name.parts)))
    if name.language not in _SURNAME_FIRST:
        order.sort(key=lambda at: name.parts[at].role)
    words_of = {at: _drawn(name.parts[at], name.language, draw) for at in order if name.parts[at].role}
    return tuple(words_of.get(at, part.written) for at, part in enumerate(name.parts))


def joined(name: Name, surrogates: Sequence[str]) -> str:
    """The surrogate as the name was written: with its case, initials, spaces and commas."""
    pairs = zip(surrogates, name.parts, strict=True)
    return "".join((_written(word, part.written) if part.role else word) + part.after for word, part in pairs)


def _drawn(part: Part, language: str, draw: Draw) -> str:
    """A word of the list, not the one that it stands for."""
    lists = words(language)
    for _ in range(4):
        if language == "zh" and part.role == GIVEN and part.listed in ("1", "2"):
            word = "".join(draw.one_of(lists["characters"]) for _ in range(int(part.listed)))
        else:
            stem = "surnames" if part.role == SURNAME else "given"
            word = draw.one_of(lists.get(stem + part.listed) or lists[stem])
        if _plain(word) != _plain(part.written):
            break
    return str(word)


def _written(word: str, model: str) -> str:
    """The word in the case of the model, with its comma; for initials the word's own initial."""
    end = model[len(model.rstrip(",;:")) :]
    bare = unicodedata.normalize("NFKC", model.rstrip(",;:"))
    if "." in bare and _INITIALS.fullmatch(bare):
        return re.sub(r"[^\W\d_]", word[0], bare) + end
    if len(bare) == 1 and _LATIN.match(bare):
        return word[0] + end
    if len(bare) > 1 and bare.isupper():
        return word.upper() + end
    return (word.lower() if bare.islower() and _LATIN.match(bare) else word) + end


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold().strip(" .,;:")


class Known:
    """The full names of one document, each with its surrogate: a part of one of them gets that part's surrogate."""

    def __init__(self, named: Iterable[tuple[Name, tuple[str, ...]]]) -> None:
        self._full = {(name.language, name.same): (name, surrogates) for name, surrogates in named if name.is_full}
        self._with: dict[tuple[str, str], set[tuple[str, str]]] = {}
        for key, (name, _) in self._full.items():
            for piece in _pieces(name):
                self._with.setdefault((name.language, piece), set()).add(key)

    def part(self, name: Name) -> tuple[str, ...] | None:
        """The surrogate of a surname, a given name, or initials and a surname, if one full name alone has them."""
        longest = max((_plain(part.written) for part in name.parts if part.role), key=len, default="")
        others = self._with.get((name.language, longest), set()) - {(name.language, name.same)}
        if not 0 < len(others) <= _MOST_NAMESAKES:
            return None
        fitting = {found for key in others if (found := _within(name, *self._full[key]))}
        return fitting.pop() if len(fitting) == 1 else None


def _pieces(name: Name) -> set[str]:
    """What may be written in place of the full name: one of its words; what it begins or ends with, if it has none."""
    if name.parts[-1].written:
        return {_plain(part.written) for part in name.parts if part.role}
    whole = _plain(name.parts[0].written)
    places = range(1, len(whole)) if name.language == "ja" else range(1, 2)
    return {piece for at in places for piece in (whole[:at], whole[at:])}


def _within(name: Name, full: Name, surrogates: Sequence[str]) -> tuple[str, ...] | None:
    """The parts of a full name's surrogate that stand for this shorter name; None where it is no part of it."""
    if not full.parts[-1].written:
        at = 0 if _plain(full.parts[0].written).startswith(_plain(name.parts[0].written)) else -1
        return (surrogates[at], *[""] * (len(name.parts) - 1))
    found, place = [], 0
    for part in name.parts:
        if not part.role or not part.written:
            found.append(part.written)
            continue
        fitting = next((at for at in range(place, len(full.parts)) if _fits(part, full.parts[at])), None)
        if fitting is None:
            return None
        found.append(surrogates[fitting])
        place = fitting + 1
    return tuple(found)


def _fits(part: Part, other: Part) -> bool:
    """Whether it is the same word, or its initial."""
    written, whole = _plain(part.written), _plain(other.written)
    return bool(other.role) and (written == whole or (len(written) == 1 and whole.startswith(written)))
