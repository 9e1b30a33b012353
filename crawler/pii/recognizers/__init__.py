"""One module per identifier, found by folder; a policy says where which of them matters.

A module is data and a check, and imports no engine:

    ENTITY          Presidio's name where it has one, else <country>_<name>
    KIND            contact | payment_card | account | ip_address | gov_id | business_id | device_id | location
                    | birth_date | secret
    PATTERNS        (name, regular expression, score 0 to 1); bounds of `shapes`, never across a line end
    GATE            an expression that occurs wherever a pattern can match; default `shapes.DIGITS`;
                    or words in small letters, of which one stands in or near every match, in any case;
                    or the fewest digits that a match can have, alone or with an expression that is near them
    CONTEXT         words that are looked for near a match, with commas between them; of capitals: only in capitals
    NEEDS_CONTEXT   names of the patterns that count only near such a word
    NEEDS_PROOF     names of the patterns that count only near such a word or if `check` says True
    REACH, AFTER    how far before and after a match such a word may stand, in characters; default 60 and 30
    NOT_AFTER       an expression; a match right after it is no find, unless a context word is near too
    STRONG          True when the check is good enough to believe a match anywhere, for example in a URL
    LENGTHS         numbers of letters and digits; a number with so many is found in any groups near a context word,
                    as in "NHS 9 4 3 4 7 6 5 9 1 9", if a pattern matches it without its spaces
    GLUED           False: no match may touch Latin letters; default True
    check(match)    True: check digits fit (tier "checked"); None: nothing to check ("format"); False: no find

What `matching` adds to every pattern that is bounded by `shapes.LEFT`, `RIGHT`, `NUMBER_LEFT` and `NUMBER_RIGHT`:

* Full-width forms are read as ASCII. Letters of Chinese, Japanese and Korean may always touch a match.
* Latin letters may touch it, as in NHS9434765919 and 123456789018abc, if a context word is near or is these letters;
  without one if `check` says True, the match has nine digits or more and the pattern is not one of NEEDS_CONTEXT.
* A text that is nothing but one match of nine digits or more needs no context word if `check` says True.
* A context word right before a match (no digit between them) makes it win against a find that has none.

`tests/pii/forms/<module>.yaml` names an example and the words that stand before it; `tests/test_pii_forms.py` makes
such numbers from it by the hundred, valid and not, and writes them in all these ways.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType

from crawler.pii.shapes import DIGITS, glued, normal

REACH, AFTER = 60, 30  # characters
PLURALS = ("s", "es", "no", "nr", "num", "number")  # what may be glued to a context word
# Start and end of a part of a text in which a match lies, in characters; whether it may be spread out by spaces there.
Place = tuple[int, int, bool]
_CJK = re.compile(r"[^\x00-\u024f]")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to write an identifier; `weak` counts only near a context word, `unproven` there or if `check` says True.

    `glued` matches wherever `regex` does and also where Latin letters touch the match.
    """

    regex: re.Pattern[str]
    glued: re.Pattern[str]
    score: float
    weak: bool
    unproven: bool


@dataclass(frozen=True, slots=True)
class Recognizer:
    """What one module says; see the words above. `context` and `not_after` are None when it says nothing.

    `hint` matches, in small letters, wherever `context` does, and is ten times as fast.
    """

    entity: str
    kind: str
    patterns: tuple[Pattern, ...]
    gate: str | tuple[str, ...] | tuple[int, str] | int
    words: tuple[str, ...]
    context: re.Pattern[str] | None
    hint: re.Pattern[str]
    reach: int
    after: int
    not_after: re.Pattern[str] | None
    lengths: tuple[int, ...]
    check: Callable[[str], bool | None]


@cache
def load() -> tuple[Recognizer, ...]:
    """Every recognizer in the folder, by entity name."""
    return tuple(sorted(map(load_one, modules()), key=lambda one: one.entity))


@cache
def load_strong() -> tuple[Recognizer, ...]:
    """Those that are beyond doubt without a context word, in the same order; the patterns of others cost their time."""
    strong = (name for name in modules() if getattr(_module(name), "STRONG", False))
    return tuple(sorted(map(load_one, strong), key=lambda one: one.entity))


def modules() -> tuple[str, ...]:
    """The names of all modules in the folder."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


@cache
def load_one(name: str) -> Recognizer:
    """The recognizer of one module."""
    return _of(_module(name))


def _module(name: str) -> ModuleType:
    return import_module(f"{__name__}.{name}")


def _of(module: ModuleType) -> Recognizer:
    weak = frozenset(getattr(module, "NEEDS_CONTEXT", ()))
    unproven = frozenset(getattr(module, "NEEDS_PROOF", ()))
    loosen = glued if getattr(module, "GLUED", True) else str
    not_after = getattr(module, "NOT_AFTER", "")
    words = _listed(getattr(module, "CONTEXT", ""))
    return Recognizer(
        entity=module.ENTITY,
        kind=module.KIND,
        patterns=tuple(
            Pattern(re.compile(regex), re.compile(loosen(regex)), score, name in weak, name in unproven)
            for name, regex, score in module.PATTERNS
        ),
        gate=getattr(module, "GATE", DIGITS),
        words=words,
        context=_any_word(words),
        hint=_any_beginning(words),
        reach=getattr(module, "REACH", REACH),
        after=getattr(module, "AFTER", AFTER),
        not_after=re.compile(not_after) if not_after else None,
        lengths=getattr(module, "LENGTHS", ()),
        check=module.check,
    )


def _listed(words: str) -> tuple[str, ...]:
    """Context words in normal form, as they are matched against texts in normal form."""
    return tuple(word for word in normal(words).split(", ") if word)


def _any_word(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """Matches any of the words: those of alphabets as whole words, also in the plural or with "no", others anywhere.

    A space in a word may be a hyphen or an underscore in the text: social_security_number. A word of capitals is
    looked for in capitals only: EIN is no "ein", SIN no "sin".
    """
    longest_first = sorted(words, key=len, reverse=True)  # "UK passport" before "passport"
    whole = "|".join(map(_in_text, (word for word in longest_first if not _CJK.search(word))))
    parts = [re.escape(word) for word in longest_first if _CJK.search(word)]
    if whole:
        parts.insert(0, rf"(?<![a-zà-ÿ])(?:{whole})(?:{'|'.join(PLURALS)})?(?![a-zà-ÿ])")
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None


def _any_beginning(words: tuple[str, ...]) -> re.Pattern[str]:
    """Matches the beginnings of the words up to a space: literals alone, which are found fast."""
    beginnings = {word.lower().partition(" ")[0] for word in words}
    return re.compile("|".join(map(re.escape, sorted(beginnings))))


def _in_text(word: str) -> str:
    expression = re.escape(word).replace(r"\ ", "[ _-]")
    return f"(?-i:{expression})" if word.isupper() else expression
