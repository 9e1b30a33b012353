"""Spans to clean text. What is treated how is the policy's word; which find is which, the finder's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from crawler.document import Span, Treatment
from crawler.pii.shapes import PERSON

TreatmentOf = Callable[[str], Treatment]  # of a kind ("contact")
Piece = tuple[str, str]  # of a clean text: what stands there, and for a find of what entity it stands, "" for none


def treat(
    text: str,
    spans: Collection[Span],
    treatment_of: TreatmentOf,
    pseudonym: Callable[[str, str], str],
    find_again: Callable[[str], Iterable[Span]] | None = None,
) -> str:
    """The text with each span kept, redacted to "[EMAIL_ADDRESS]", or replaced by a pseudonym.

    Args:
        text: The text the spans were found in.
        spans: In any order; of spans that overlap the earlier, then the longer is treated, and the rest of the other.
        treatment_of: From a kind to its treatment.
        pseudonym: From an entity and the words found to what stands for them; see `pseudonym.Pseudonymizer.document`.
        find_again: The finder. With it, a pseudonym of a number that reads as something that is to be redacted, beside
            words that were meant for something else, is redacted too. Asked only if there is such a pseudonym.
    """
    pieces = list(treated(text, spans, treatment_of, pseudonym))
    natural = {span.kind for span in spans if span.entity != PERSON}
    if find_again and any(treatment_of(kind) is Treatment.PSEUDONYMIZE for kind in natural):
        wrong = [span for span in find_again(_text(pieces)) if treatment_of(span.kind) is Treatment.REDACT]
        pieces = list(_without_mistaken(pieces, wrong))
    return _text(pieces)


def treated(
    text: str, spans: Iterable[Span], treatment_of: TreatmentOf, pseudonym: Callable[[str, str], str]
) -> Iterator[Piece]:
    """The clean text in pieces."""
    place = 0
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        treatment = treatment_of(span.kind)
        start = max(span.start, place)
        if treatment is Treatment.KEEP or span.end <= start:
            continue
        yield text[place:start], ""
        redacted = treatment is Treatment.REDACT
        yield placeholder(span.entity) if redacted else pseudonym(span.entity, text[start : span.end]), span.entity
        place = span.end
    yield text[place:], ""


def placeholder(entity: str) -> str:
    """What redaction leaves: "[EMAIL_ADDRESS]"."""
    return f"[{entity}]"


def _text(pieces: Iterable[Piece]) -> str:
    return "".join(words for words, _ in pieces)


def _without_mistaken(pieces: Sequence[Piece], wrong: Sequence[Span]) -> Iterator[Piece]:
    """The pieces, with placeholders where something of ours was found."""
    place = 0
    for words, entity in pieces:
        end = place + len(words)
        mistaken = entity and any(span.start < end and place < span.end for span in wrong)
        yield (placeholder(entity) if mistaken else words), entity
        place = end
