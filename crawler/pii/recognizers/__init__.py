"""One module per identifier, found by folder; a policy says where which of them matters.

A module is data and a check, and imports no engine:

    ENTITY          Presidio's name where it has one, else <country>_<name>
    KIND            contact | payment_card | account | ip_address | gov_id
    PATTERNS        (name, regular expression, score 0 to 1); bounds of `shapes`, never across a line end
    GATE            an expression that occurs wherever a pattern can match; default `shapes.DIGITS`
    CONTEXT         words that are looked for near a match, with commas between them
    NEEDS_CONTEXT   names of the patterns that count only near such a word
    REACH, AFTER    how far before and after a match such a word may stand, in characters; default 60 and 30
    NOT_AFTER       an expression; a match right after it is no find, unless a context word is near too
    STRONG          True when the check is good enough to believe a match anywhere, for example in a URL
    check(match)    True: check digits fit (tier "checked"); None: nothing to check ("format"); False: no find
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType

from crawler.pii.shapes import DIGITS, normal

REACH, AFTER = 60, 30  # characters
_CJK = re.compile(r"[^\x00-\u024f]")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to write an identifier. `weak` patterns count only near a context word."""

    regex: re.Pattern[str]
    score: float
    weak: bool


@dataclass(frozen=True, slots=True)
class Recognizer:
    """What one module says; see the words above. `context` and `not_after` are None when it says nothing."""

    entity: str
    kind: str
    patterns: tuple[Pattern, ...]
    gate: str
    context: re.Pattern[str] | None
    reach: int
    after: int
    not_after: re.Pattern[str] | None
    strong: bool
    check: Callable[[str], bool | None]


@cache
def load() -> tuple[Recognizer, ...]:
    """Every recognizer in the folder, by entity name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted((_of(import_module(f"{__name__}.{name}")) for name in names), key=lambda one: one.entity))


def _of(module: ModuleType) -> Recognizer:
    weak = frozenset(getattr(module, "NEEDS_CONTEXT", ()))
    not_after = getattr(module, "NOT_AFTER", "")
    return Recognizer(
        entity=module.ENTITY,
        kind=module.KIND,
        patterns=tuple(Pattern(re.compile(regex), score, name in weak) for name, regex, score in module.PATTERNS),
        gate=getattr(module, "GATE", DIGITS),
        context=_any_word(getattr(module, "CONTEXT", "")),
        reach=getattr(module, "REACH", REACH),
        after=getattr(module, "AFTER", AFTER),
        not_after=re.compile(not_after) if not_after else None,
        strong=getattr(module, "STRONG", False),
        check=module.check,
    )


def _any_word(listed: str) -> re.Pattern[str] | None:
    """Matches any of the words: those of alphabets as whole words with an optional plural, others anywhere.

    They are matched against normal forms, so they are brought into normal form too.
    """
    words = [word for word in normal(listed).split(", ") if word]
    whole = "|".join(re.escape(word) for word in words if not _CJK.search(word))
    parts = [re.escape(word) for word in words if _CJK.search(word)]
    if whole:
        parts.insert(0, rf"(?<![a-zà-ÿ])(?:{whole})(?:s|es)?(?![a-zà-ÿ])")
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None
