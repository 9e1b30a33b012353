"""What a page as a whole is like, whom its statements are about and who published them; by evidence only."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from crawler.document import Fact, Span
from crawler.pii.sensitive.lexicon import PAGE
from crawler.pii.sensitive.sentences import Reader
from crawler.pii.sensitive.statements import Statement

FACTS = ("page.persons", "page.contact-density", "page.published-by", "page.class")
MANY, FEW = 6, 2  # different names: 1, 2 to 5, 6 and more
DENSE, DENSE_PER = 5, 400  # contacts: at least so many, and one for so many characters
SHORT = 1_500  # characters of a page on which one statement is what the page is about
_WORD = 40  # characters of what makes a page one of a kind
OFTEN = 3  # statements of one person on a longer page

_PUBLIC_HOST = re.compile(
    r"(?:^|\.)(?:gov|mil|gob|gouv|gc|go|gov|lg|admin)\.(?:[a-z]{2})$|(?:^|\.)(?:gov|mil)$|(?:^|\.)europa\.eu$"
    r"|(?:^|\.)(?:bund|bundestag|bundesregierung)\.de$|(?:^|\.)admin\.ch$|(?:^|\.)nhs\.uk$"
)
_NEWS = re.compile(r"NewsArticle$|^ReportageNewsArticle|^NewsMediaOrganization$")
_FORUM = re.compile(r"^(?:DiscussionForumPosting|QAPage|SocialMediaPosting|Conversation)$")
_PROFILE = re.compile(r"^ProfilePage$")
_FORUM_PATH = re.compile(r"/(?:forums?|threads?|viewtopic|showthread|boards?|discussion|community|bbs|t/)", re.I)
_PROFILE_PATH = re.compile(r"/(?:profiles?|users?|members?|@[\w.-]+|people|about-me)(?:/|$|\?|\.)", re.I)


@dataclass(frozen=True, slots=True)
class PageClues:
    """What is known about a page besides its text.

    Attributes:
        url: Its address.
        title: Its title.
        types: Names of schema.org types that it declares for itself.
        classes: What the operator's lists say of its source ("news", ...).
        year: The year when it was fetched; 0 when that is not known.
        names_checked: Whether names of persons were looked for; if not, how many there are is not known.
    """

    url: str = ""
    title: str = ""
    types: Collection[str] = ()
    classes: Collection[str] = ()
    year: int = 0
    names_checked: bool = True


def published_by(by_self: bool, page: PageClues) -> str:
    """Who published what is said: press or a public body by evidence, else the writer of himself, else other."""
    return _publisher(page) or ("self" if by_self else "other")


def subject(said: Sequence[Statement], text: str, page: PageClues) -> str:
    """Whether the page is about the person of whom something sensitive is said: page, or mention.

    It is where the title names the person, where the page is short, where one person is spoken of often, and on a
    profile. Several fields of one record count as one statement.
    """
    title = page.title.casefold()
    if any(each.name and each.name.casefold() in title for each in said) or "profile" in classes(page, None):
        return "page"
    per_person = Counter(each.name for each in said)
    often = max(len({(each.start, each.end) for each in said if each.name == name}) for name in per_person)
    return "page" if often >= OFTEN or (len(text) <= SHORT and len(per_person) == 1) else "mention"


def whole(
    text: str, spans: Sequence[Span], page: PageClues, reader: Reader | None = None, said: Sequence[Statement] = ()
) -> Iterator[Fact]:
    """Facts about the page: how many persons and contacts, who published, of which class it is."""
    names = {text[span.start : span.end] for span in spans if span.entity == "PERSON"}
    if names or page.names_checked:
        yield Fact("page.persons", _how_many(len(names)), "text")
    contacts = sum(span.kind == "contact" for span in spans)
    if contacts:
        dense = contacts >= DENSE and contacts * DENSE_PER >= len(text)
        yield Fact("page.contact-density", "high" if dense else "low", "text")
    if spans:
        yield Fact("page.published-by", _publisher(page) or "other", "page")
    found = classes(page, reader)
    if "forum" in found and any(each.about == "health" for each in said):
        found.append("health-forum")
    for name in sorted(found):
        yield Fact("page.class", name, "page")


def classes(page: PageClues, reader: Reader | None) -> list[str]:
    """What kind of page it is, by declared types, the address and, with a reader, by words; [] when nothing says so."""
    found = {kind for kind, words in (_page_words(reader) if reader else {}).items() if _several(words)}
    if any(_NEWS.search(name) for name in page.types) or "news" in page.classes:
        found.add("news")
    if any(_PROFILE.search(name) for name in page.types) or _PROFILE_PATH.search(page.url):
        found.add("profile")
    if any(_FORUM.search(name) for name in page.types) or _FORUM_PATH.search(page.url):
        found.add("forum")
    if "dating" in page.classes:
        found.add("dating")
    return sorted(found)


def _page_words(reader: Reader) -> Mapping[str, Counter[str]]:
    """Words that make a page one of a kind: kind -> how often each stands in it."""
    found: dict[str, Counter[str]] = {}
    for at, word in reader.hits:
        for term in reader.words.terms[word]:
            if term.about == PAGE and any(
                match.start() <= at < match.end()
                for match in term.regex.finditer(reader.text, max(0, at - _WORD), at + _WORD)
            ):
                found.setdefault(term.how, Counter())[term.entry] += 1
    return found


def _several(words: Counter[str]) -> bool:
    """Whether three words stand in the text, at least two of them different."""
    return sum(words.values()) >= OFTEN and len(words) >= FEW


def _publisher(page: PageClues) -> str:
    host = page.url.partition("://")[2].partition("/")[0].partition(":")[0].lower()
    if _PUBLIC_HOST.search(host):
        return "public-body"
    return "press" if any(_NEWS.search(name) for name in page.types) or "news" in page.classes else ""


def _how_many(names: int) -> str:
    return "many" if names >= MANY else "few" if names >= FEW else "one" if names else "none"
