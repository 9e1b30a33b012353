"""Text and names -> what is said of persons that laws call sensitive, of children, and of people in a public role.

Words of a lexicon near a person, never understanding: the record may say "terms of this category near a person", and
never "none present". What is stated, and how it is found:

    pii.sensitive           a term of a class in one sentence with a person it can be said of (`statements`), or a
                            labeled field ("Religion: ...") among fields about a person (`fields`)
    sensitive.class         the classes of these statements
    sensitive.subject       page: the page is about that person (`about`); mention: said in passing
    sensitive.published-by  self, press, public-body or other, by evidence only (`about`)
    pii.minor, minor.under  an age below 18 or a school class, said of a person (`minors`); each age it is under
    pii.public_figure       a name with the word of a public office right beside it (`figures`)
    page.persons, page.contact-density, page.published-by, page.class     what the page as a whole is like (`about`)

The lexicon is `words/<language>.csv`, described in `lexicon`. A language without one is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from crawler.document import Fact, Span
from crawler.pii.sensitive import about
from crawler.pii.sensitive.about import PageClues
from crawler.pii.sensitive.fields import fields
from crawler.pii.sensitive.figures import with_figures
from crawler.pii.sensitive.lexicon import LANGUAGES, lexicon
from crawler.pii.sensitive.minors import Minor, minors
from crawler.pii.sensitive.sentences import Reader
from crawler.pii.sensitive.statements import Statement, statements

__all__ = ["FACTS", "KINDS", "LANGUAGES", "InFields", "PageClues", "SensitiveFinds", "find", "find_in_fields"]

KINDS = ("sensitive", "minor", "public_figure")  # kinds of spans that are made here
FACTS = ("sensitive.class", "sensitive.subject", "sensitive.published-by", "minor.under", *about.FACTS)
PERSON, SENSITIVE, MINOR = "PERSON", "SENSITIVE", "MINOR"
UNDER = (13, 14, 15, 16, 18)  # the ages at which laws draw a line
MEANING = "meaning"  # the tier of these finds: words near a person
_SCORE = 0.5


@dataclass(frozen=True, slots=True)
class SensitiveFinds:
    """All spans by start, those of the finder and ours, a statement before the name it begins with; and the facts.

    A statement's span is its sentence. A child's spans are the sentence that says the age, and its name wherever it
    stands. The facts leave out `pii.<kind>`, which follow from the kinds of the spans.
    """

    spans: tuple[Span, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class InFields:
    """The same for a text and its title: the spans by field."""

    spans: Mapping[str, tuple[Span, ...]]
    facts: tuple[Fact, ...]


def find_in_fields(
    fields: Mapping[str, str], language: str, spans: Mapping[str, Sequence[Span]], page: PageClues
) -> InFields:
    """`find` in the fields "title" and "text", read as one page that begins with its title."""
    title = fields["title"] + "\n" if fields["title"] else ""
    shift = len(title)
    together = [*spans["title"], *(_moved(span, shift) for span in spans["text"])]
    found = find(title + fields["text"], language, together, page)
    in_title = tuple(span for span in found.spans if span.start < shift)
    in_text = tuple(_moved(span, -shift) for span in found.spans if span.start >= shift)
    return InFields({"title": in_title, "text": in_text}, found.facts)


def _moved(span: Span, by: int) -> Span:
    return replace(span, start=span.start + by, end=span.end + by)


def find(text: str, language: str, spans: Sequence[Span], page: PageClues) -> SensitiveFinds:
    """What is said of the persons that were found, and of the writer.

    Args:
        text: The main text of a page.
        language: ISO 639-1; without a lexicon for it only facts about the page as a whole are stated.
        spans: What was found in the text already, without overlaps.
        page: What else is known about the page.

    Raises:
        Nothing, for any text.
    """
    words = lexicon(language)
    if words is None:
        return SensitiveFinds(tuple(spans), tuple(about.whole(text, spans, page)))
    reader = Reader(text, words, spans)
    spans = with_figures(reader, spans)
    reader.name(spans)
    said = [*statements(reader), *fields(reader)] if reader.has_people else [*fields(reader)]
    children = list(minors(reader, page.year)) if reader.has_people else []
    ours = {*_of_statements(said), *_of_children(children, reader)}
    ordered = sorted([*ours, *spans], key=lambda span: (span.start, -span.end, span.tier != MEANING))
    facts = [*_facts(said, children, text, page), *about.whole(text, spans, page, reader, said)]
    return SensitiveFinds(tuple(ordered), tuple(facts))


def _facts(said: Sequence[Statement], children: Sequence[Minor], text: str, page: PageClues) -> Iterator[Fact]:
    for name in sorted({each.about for each in said}):
        yield Fact("sensitive.class", name, "text")
    if said:
        yield Fact("sensitive.subject", about.subject(said, text, page), "text")
    for by in sorted({about.published_by(each.by_self, page) for each in said}):
        yield Fact("sensitive.published-by", by, "text")
    for age in UNDER:
        if any(child.age < age for child in children):
            yield Fact("minor.under", age, "text")


def _of_statements(said: Sequence[Statement]) -> Iterator[Span]:
    for each in said:
        yield Span(each.start, each.end, SENSITIVE, "sensitive", _SCORE, MEANING)


def _of_children(children: Sequence[Minor], reader: Reader) -> Iterator[Span]:
    names = {child.name for child in children} - {""}
    for child in children:
        yield Span(child.start, child.end, MINOR, "minor", _SCORE, MEANING)
    for span in reader.persons:
        if reader.text[span.start : span.end] in names:
            yield Span(span.start, span.end, MINOR, "minor", _SCORE, MEANING)
