"""What one recognizer finds in a text: patterns, check, context words; glued to letters, spread out by spaces.

The contract of a recognizer is in `recognizers`. Texts are in normal form (`shapes.normal`). No engine is needed here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from crawler.pii.checks import digits_of, weighted
from crawler.pii.recognizers import Pattern, Place, Recognizer
from crawler.pii.shapes import FILLER, is_free_after, is_free_before, is_hexadecimal

CHECKED, LABELED = 0.9, 0.94  # scores: check digits fit; a context word right before a find, at least
_STEPS, _STEP = 4, 0.01  # so much more for a context word with fewer than so many words between it and the find
_LONGEST_LABEL = 25  # characters; a longer context word is worth a little more: "UK passport" than "passport"
AROUND = 60  # characters around a place that numbers spread out by spaces may take
_BARRIERS = (FILLER, "\x1e")
_MANY = 9  # digits; fewer are believed beside letters, or as a whole text, only near a context word
_TOUCHING = 3
_DIGIT = re.compile(r"[0-9]")
_NHS = re.compile(r"[0-9]{10}|[0-9]{3} [0-9]{3} [0-9]{4}")
_WORD = re.compile(r"[^\W\d_]+")
_SAYS_NUMBER = re.compile(
    r"n|no|nr|num|numbers?|nummer|numer|num[eé]ro|número|nº|id|is|of"
    r"|番号は?|番|号码?|號碼?|码|編號|编号|字號|は|번호[는은]?|[는은]",
    re.IGNORECASE,
)
_SIGN = re.compile(r"(?i)(?<![a-z])(?:id|no|nr|n)$")  # may touch a match that begins with a letter
_RUN = re.compile(
    rf"(?<![0-9A-Za-z{FILLER}])(?<![0-9] )(?<![0-9A-Za-z][-/_.])"
    rf"[0-9A-Z]{{1,9}}(?: [0-9A-Z]{{1,9}}){{1,30}}(?![0-9A-Za-z{FILLER}]|[-_/.][0-9A-Za-z])"
)
_LETTER_GROUPS = (8, 3)  # groups of letters alone that may begin and end an identifier
_SHORTEST, _LONGEST = 7, 30  # identifiers that are looked for when spread out, in letters and digits


@dataclass(frozen=True, slots=True)
class Find:
    """One find; `labeled` says how near a context word is: 0 none, 1 near, 2 right before it, 3 and touching it."""

    start: int
    end: int
    score: float
    checked: bool
    labeled: int


def finds(one: Recognizer, text: str, places: Sequence[Place] | None = None) -> Iterator[Find]:
    """Every match of a pattern whose check does not refuse it and that has the context it needs; may overlap.

    Args:
        one: The recognizer.
        text: A text in normal form.
        places: Parts (start, end) in which matches begin, and whether they may be spread out by spaces there, as
            `gate` says; everywhere by default.
    """
    for start, end, spread in ((0, len(text), True),) if places is None else places:
        for pattern in one.patterns:
            yield from _matches(one, pattern, text, start, end)
        if spread and one.lengths and one.context:
            yield from _spread(one, text, max(start - AROUND, 0), end + AROUND)


def is_refused_by(one: Recognizer, text: str, start: int, end: int, score: float) -> bool:
    """Whether a part of a text is labeled as this identifier and has its form, and its check says no.

    Args:
        one: The recognizer whose label may stand right before the part.
        text: A text in normal form.
        start, end: The part.
        score: Of the find that is asked about; with a nearer or longer label of its own it stands.
    """
    before = _since_barrier(text[max(start - one.reach, 0) : start])
    label = _last_word(one, before)
    if label is None or _labeled(one, before, label, "") < 2 or _nearness(label, before) < _STEP * _STEPS:
        return False
    if score >= LABELED + _nearness(label, before):
        return False
    written = text[start:end]
    forms = (written, written.replace(" ", ""))
    return any(pattern.glued.fullmatch(form) and one.check(form) is False for pattern in one.patterns for form in forms)


def _matches(one: Recognizer, pattern: Pattern, text: str, place: int, stop: int) -> Iterator[Find]:
    """After a match that touches letters and is none, the search goes on inside it: AB of XAB12 may begin one."""
    while match := pattern.glued.search(text, place, stop):
        start, end = match.span()
        place = start + 1
        if end == stop < len(text):  # it may go on
            match = pattern.glued.match(text, start)
            if not match:
                continue
            end = match.end()
        exact = pattern.regex.match(text, start)
        end = exact.end() if exact else end
        find = _judged(one, pattern, text, (start, end), text[start:end], bool(exact))
        if find:
            yield find
        place = max(end if exact or find else 0, place)


def _spread(one: Recognizer, text: str, place: int, stop: int) -> Iterator[Find]:
    """Labeled identifiers with single spaces anywhere in them."""
    runs = _runs(text[place:stop])
    for length in one.lengths:
        for run_start, run_end, joined in runs.get(length, ()):
            start, end = place + run_start, place + run_end
            for pattern in one.patterns:
                if pattern.regex.fullmatch(joined):
                    find = _judged(one, pattern, text, (start, end), joined, True)
                    if find and (find.labeled or (find.checked and _is_all(text, start, end))):
                        yield find
                        break


def _judged(
    one: Recognizer, pattern: Pattern, text: str, place: tuple[int, int], written: str, exact: bool
) -> Find | None:
    start, end = place
    verdict = one.check(written)
    if verdict is False or not (exact or is_free_after(text, end)):
        return None
    before = _since_barrier(text[max(start - one.reach, 0) : start])
    label = _last_word(one, before)
    labeled = _labeled(one, before, label, text[end : end + one.after])
    if not (exact or labeled == _TOUCHING or (is_free_before(text, start) and _begins(text, start))):
        return None
    if not labeled and not (verdict and _is_all(text, start, end) and _is_no_code(written)):
        if pattern.weak or (pattern.unproven and not verdict) or (one.not_after and one.not_after.search(before)):
            return None
        if not exact and not (verdict and _glued_is_believed(text, start, end)):
            return None
    return Find(start, end, _score(pattern.score, bool(verdict), labeled, before, label), bool(verdict), labeled)


def _is_no_code(written: str) -> bool:
    """Whether it has many digits, is no round number, and no ISBN-10, whose rule is that of the UK's NHS numbers.

    Ten digits in one run or in groups of 3, 3 and 4 are no ISBN, but for those of the English language, 0 and 1.
    """
    digits = digits_of(written)
    if len(digits) < _MANY or len(set(digits)) < 3:
        return False
    is_isbn = len(digits) == 10 and weighted(digits, range(10, 0, -1)) % 11 == 0
    return not is_isbn or (digits[0] not in "01" and bool(_NHS.fullmatch(written)))


def _begins(text: str, start: int) -> bool:
    """Whether a letter at the start of a match begins a word: D123 of ID123 does not, N123 of IDN123 does."""
    first, before = text[start], text[start - 1 : start]
    if not (first.isalpha() and before.isascii() and before.isalpha()):
        return True
    return (before.islower() and first.isupper()) or bool(_SIGN.search(text, max(start - 4, 0), start))


def _glued_is_believed(text: str, start: int, end: int) -> bool:
    """Without a context word: many digits, no hyphen between letters and them, no hash."""
    enough = len(digits_of(text[start:end])) >= _MANY
    return enough and text[start - 1 : start] not in ("-", "_", "/") and not is_hexadecimal(text, start, end)


def _score(score: float, checked: bool, labeled: int, before: str, label: re.Match[str] | None) -> float:
    """A context word right before counts for more than check digits alone: several countries share 10 digits.

    Of two such words the nearer, then the longer, then the one of a number that could be checked counts for more.
    """
    if labeled >= 2 and label:
        return LABELED + _nearness(label, before) + 0.002 * checked + score / 1000
    if checked:
        return CHECKED + 0.03 * labeled + score / 1000
    return min(score + 0.3, CHECKED - 0.01) if labeled else score


def _last_word(one: Recognizer, before: str) -> re.Match[str] | None:
    """The last context word before a match."""
    if not one.context or not one.hint.search(before.lower()):
        return None
    labels = list(one.context.finditer(before))
    return labels[-1] if labels else None


def _labeled(one: Recognizer, before: str, label: re.Match[str] | None, after: str) -> int:
    """Whether a context word is near (1), right before (2) or touches the match (3)."""
    if label:
        return 1 if _DIGIT.search(before, label.end()) else _TOUCHING if label.end() == len(before) else 2
    for barrier in (*_BARRIERS, "\n"):
        after = after.partition(barrier)[0]
    return 1 if one.context and one.context.search(after) else 0


def _nearness(label: re.Match[str], before: str) -> float:
    between = [other for other in _WORD.findall(before, label.end()) if not _SAYS_NUMBER.fullmatch(other)]
    length = min(label.end() - label.start(), _LONGEST_LABEL)
    return _STEP * (max(_STEPS - len(between), 0) + 1.5 * length / _LONGEST_LABEL)


def _since_barrier(before: str) -> str:
    return before[max(before.rfind(barrier) for barrier in _BARRIERS) + 1 :]


def _is_all(text: str, start: int, end: int) -> bool:
    """Whether the text has nothing else."""
    return len(text) < 2 * _LONGEST and not text[:start].strip() and not text[end:].strip()


@lru_cache(maxsize=16)
def _runs(text: str) -> Mapping[int, list[tuple[int, int, str]]]:
    """Groups of capitals and digits with single spaces between them: start, end and characters, by their number."""
    found = defaultdict(list)
    for run in _RUN.finditer(text):
        groups = [(run.start() + part.start(), part.group()) for part in re.finditer(r"[^ ]+", run.group())]
        with_digits = [at for at, (_, group) in enumerate(groups) if _DIGIT.search(group)]
        if not with_digits:
            continue
        first, last = with_digits[0], with_digits[-1]
        for begin in range(max(first - _LETTER_GROUPS[0], 0), first + 1):
            for stop in range(last + 1, min(last + 1 + _LETTER_GROUPS[1], len(groups)) + 1):
                joined = "".join(group for _, group in groups[begin:stop])
                if stop - begin > 1 and _SHORTEST <= len(joined) <= _LONGEST:
                    place, tail = groups[stop - 1]
                    found[len(joined)].append((groups[begin][0], place + len(tail), joined))
    return found
