"""Numbers that their own label refuses: a partita IVA with a wrong check digit is no German tax number either."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from crawler.document import Span
from crawler.pii.checks import letters_and_digits_of
from crawler.pii.matching import is_refused_by
from crawler.pii.recognizers import Recognizer

_KINDS = frozenset({"gov_id", "business_id", "account"})
_OTHERS = frozenset({"contact", "payment_card"})
_BARE = re.compile("[0-9]+(?: [0-9]+)*")
_HYPHENED = re.compile("[0-9]+(?:[ .-][0-9]+)*")
_SAID_OF_TELEPHONES = "JP_MY_NUMBER"
_BEFORE = re.compile(r"(?:[0-9A-Z]*[0-9][0-9A-Z]*[ .-])*[0-9A-Z]*$")
_AFTER = re.compile(r"[0-9A-Z]*(?:[ .-][0-9A-Z]*[0-9][0-9A-Z]*)*")
_LETTERS_BEFORE = re.compile("[0-9A-Z]*$")
_LONGEST = 40  # characters of an identifier before and after a find that is part of it


class Refusals:
    """Built once for a tuple of recognizers; those that say no `LENGTHS` refuse nothing."""

    def __init__(self, known: Iterable[Recognizer]) -> None:
        self._by_length = defaultdict[int, list[Recognizer]](list)
        for one in known:
            for length in one.lengths:
                self._by_length[length].append(one)

    def __call__(self, span: Span, text: str) -> bool:
        """Whether the label right before a find is of an identifier that this is not, and its own label is none.

        A find may be part of such a number: the telephone in an IBAN with a wrong check digit is none. "My number" is
        said of telephones too: before digits with hyphens it is not taken for the identifier.

        Args:
            span: A find.
            text: The text in normal form that the find lies in.
        """
        if span.kind in _KINDS or span.kind in _OTHERS:
            return any(self._is_refused(span, text, *place) for place in sorted(_places(span, text)))
        return False

    def _is_refused(self, span: Span, text: str, start: int, end: int) -> bool:
        written = text[start:end]
        if span.kind in _OTHERS and not (_HYPHENED.fullmatch(written) or (start, end) != (span.start, span.end)):
            return False
        best = span.score if span.kind in _KINDS else 0.0
        return any(
            is_refused_by(one, text, start, end, best)
            for one in self._by_length.get(len(letters_and_digits_of(written)), ())
            if one.entity != span.entity
            and (one.entity != _SAID_OF_TELEPHONES or span.kind in _KINDS or _BARE.fullmatch(written))
        )


def _places(span: Span, text: str) -> set[tuple[int, int]]:
    """The find, and the run of capitals and digits in groups that it is part of."""
    lead = text[max(span.start - _LONGEST, 0) : span.start]
    words = [span.start - len(found.group()) for found in (_BEFORE.search(lead), _LETTERS_BEFORE.search(lead)) if found]
    after = _AFTER.match(text, span.end, span.end + _LONGEST)
    end = after.end() if after else span.end
    return {(span.start, span.end), *((start, end) for start in words)}
