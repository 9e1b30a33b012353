"""Spans to clean text. What is treated how is the policy's word; which find is which, the finder's."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from crawler.document import Span, Treatment


def treat(
    text: str,
    spans: Iterable[Span],
    treatment_of: Callable[[str], Treatment],
    pseudonym: Callable[[str, str], str],
) -> str:
    """The text with each span kept, redacted to "[EMAIL_ADDRESS]", or replaced by a token: "[PERSON-3f9a1c2b7d]".

    Args:
        text: The text the spans were found in.
        spans: In any order; of spans that overlap the earlier, then the longer is treated, and the rest of the other.
        treatment_of: From a kind ("contact") to its treatment.
        pseudonym: From an entity and the words found to a token; see `pseudonym.Pseudonymizer`.
    """
    parts, place = [], 0
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        treatment = treatment_of(span.kind)
        start = max(span.start, place)
        if treatment is Treatment.KEEP or span.end <= start:
            continue
        found = text[start : span.end]
        parts += [
            text[place:start],
            f"[{span.entity}]" if treatment is Treatment.REDACT else pseudonym(span.entity, found),
        ]
        place = span.end
    return "".join([*parts, text[place:]])
