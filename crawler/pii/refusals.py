"""Numbers that their own label refuses: a partita IVA with a wrong check digit is no German tax number either."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from crawler.document import Span
from crawler.pii.checks import letters_and_digits_of
from crawler.pii.matching import LABELED, is_refused_by
from crawler.pii.recognizers import Recognizer

_KINDS = frozenset({"gov_id", "business_id", "account"})
_BARE = re.compile(
    "[0-9]+(?: [0-9]+)*"
)  # a telephone number may stand behind any word, but then it is seldom written like this


class Refusals:
    """Built once for a tuple of recognizers; those that say no `LENGTHS` refuse nothing."""

    def __init__(self, known: Iterable[Recognizer]) -> None:
        self._by_length = defaultdict[int, list[Recognizer]](list)
        for one in known:
            for length in one.lengths:
                self._by_length[length].append(one)

    def __call__(self, span: Span, text: str) -> bool:
        """Whether the label right before a find that has none of its own is of an identifier that this is not.

        "My number" is said of telephones too: before bare digits it is not taken for their own.

        Args:
            span: A find.
            text: The text in normal form that the find lies in.
        """
        of_a_kind = span.kind in _KINDS and span.score < LABELED
        if not of_a_kind and (span.kind in _KINDS or not _BARE.fullmatch(text, span.start, span.end)):
            return False
        length = len(letters_and_digits_of(text[span.start : span.end]))
        return any(is_refused_by(one, text, span.start, span.end) for one in self._by_length.get(length, ()))
