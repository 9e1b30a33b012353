"""HTML: parsed once, by lexbor through resiliparse, for signals, links, declarations and main text alike.

Why resiliparse: on the 16 real pages of ../shared/data/web_dev.warc.gz it takes 4 ms a page with parsing,
trafilatura 38 ms without and 65 to 78 ms with its metadata (`python -m benchmarks.text`), and Li et al., DataComp-LM
(arXiv 2406.11794, on text extraction), found models trained on either text equally good. Its parser follows the HTML
standard, so that a signal in a comment, a script or a template is no element.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property, lru_cache
from importlib.metadata import version
from typing import Any
from urllib.parse import urljoin, urlsplit

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import ElementNode, HTMLTree

from crawler.document import Extracted, Fetched
from crawler.text.decode import decode
from crawler.text.language import detect

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
SNIFF_BYTES = 1024
LOOKS_LIKE_HTML = re.compile(
    rb"^\s*(<!--.*?-->\s*)*<(!doctype html|html|head|body|title|meta|script|div|p|h1|table)\b", re.I | re.S
)
BLANK_LINES = re.compile(r"\n{3,}")
MOST_LINKS = 10_000
ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")

# Where a page declares its date and author, strongest first (Open Graph, Dublin Core, HTML standard).
DATE_METAS = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date",
    "dcterms.date",
    "dc.date.created",
    "dcterms.created",
    "date",
    "pubdate",
    "parsely-pub-date",
)
AUTHOR_METAS = ("author", "dc.creator", "dcterms.creator", "parsely-author")
TITLE_METAS = ("og:title", "dc.title", "dcterms.title")


def is_html(page: Fetched) -> bool:
    """Whether the page is HTML: by its media type or, where none is given, by its first bytes (MIME Sniffing)."""
    declared = next(iter(page.header("content-type")), "").split(";")[0].strip().lower()
    if declared:
        return declared in HTML_TYPES
    return LOOKS_LIKE_HTML.match(page.body[:SNIFF_BYTES]) is not None


def parse(page: Fetched) -> Page | None:
    """Parse a page; None when it is no HTML. The parser takes any; it raises for want of memory, and the page fails."""
    if not is_html(page) or not page.body:
        return None
    tree = HTMLTree.parse(_source(page))
    return Page(page, tree) if tree.document else None


class Page:
    """A parsed page: `tree` for the signals, the rest for the judge. Everything is read when first asked for."""

    def __init__(self, page: Fetched, tree: HTMLTree) -> None:
        assert tree.document is not None  # parse() makes no page without one
        self.url = page.url
        self._page = page
        self.tree = tree
        self._document = tree.document

    @property
    def source(self) -> str:
        """The page as it was written."""
        return _source(self._page)

    def extract(self) -> Extracted:
        """Main text and declarations. The text is "" when the page has none."""
        text = extract_plain_text(
            self.tree, main_content=True, preserve_formatting=True, comments=False, alt_texts=False, links=False
        )
        text = BLANK_LINES.sub("\n\n", text.replace("\u00a0", " ")).strip()
        return replace(self.declared(), text=text, language=detect(text), engine=engine())

    def declared(self) -> Extracted:
        """What the page says of itself, without its text."""
        return Extracted(
            text="",
            title=self._title(),
            language_declared=self._language(),
            date=self._date(),
            author=self._author(),
            types=tuple(dict.fromkeys(self._types())),
        )

    def links(self) -> tuple[str, ...]:
        """Absolute http(s) addresses of `a` and `area` elements in document order, once each, without fragment.

        Links marked rel=nofollow are left out, and all of them when a robots meta says nofollow or none.
        """
        if self._nofollow:
            return ()
        found = dict.fromkeys(self._addresses())
        return tuple(found)[:MOST_LINKS]

    def _select(self, selector: str) -> list[ElementNode]:
        """The matching elements. The slice matters: a collection is live, and each step of a loop over it searches
        the document again (40 s for the 1,462 links of a page of 1 MB)."""
        return list(self._document.query_selector_all(selector)[:])

    def _addresses(self) -> Iterator[str]:
        base = self._base()
        for element in self._select("a[href], area[href]"):
            if "nofollow" in (element.getattr("rel") or "").lower().split():
                continue
            try:
                address = urljoin(base, (element.getattr("href") or "").strip()).split("#", 1)[0]
                parts = urlsplit(address)
            except ValueError:
                continue
            if parts.scheme in ("http", "https") and parts.hostname:
                yield address

    def _base(self) -> str:
        base = self._document.query_selector("base[href]")
        try:
            return urljoin(self.url, (base.getattr("href") or "").strip()) if base else self.url
        except ValueError:
            return self.url

    @cached_property
    def _nofollow(self) -> bool:
        words = re.split(r"[\s,]+", " ".join(self._metas.get("robots", [])).lower())
        return "nofollow" in words or "none" in words

    @cached_property
    def _metas(self) -> dict[str, list[str]]:
        """Contents of the meta elements by lower-case name or property, in document order."""
        found: dict[str, list[str]] = {}
        for element in self._select("meta[content]"):
            name = (element.getattr("name") or element.getattr("property") or "").strip().lower()
            if name:
                found.setdefault(name, []).append((element.getattr("content") or "").strip())
        return found

    @cached_property
    def _json_ld(self) -> list[dict[str, Any]]:
        """The objects of the page's JSON-LD, outermost and @graph members; what does not parse is left out."""
        found: list[dict[str, Any]] = []
        for element in self._select('script[type="application/ld+json"]'):
            try:
                value = json.loads(element.text or "", strict=False)
            except (ValueError, RecursionError):
                continue
            for node in value if isinstance(value, list) else [value]:
                if isinstance(node, dict):
                    graph = node.get("@graph")
                    members = graph if isinstance(graph, list) else [node]
                    found.extend(member for member in members if isinstance(member, dict))
        return found

    def _types(self) -> Iterator[str]:
        """What the page says it is, by JSON-LD and by the microdata of its outermost elements."""
        for node in self._json_ld:
            yield from _type_names(node.get("@type"))
        for element in self._select("html[itemtype], body[itemtype], main[itemtype], article[itemtype]"):
            yield from _type_names((element.getattr("itemtype") or "").split())

    def _meta(self, names: tuple[str, ...]) -> str:
        return next((value for name in names for value in self._metas.get(name, ()) if value), "")

    def _declared(self, key: str) -> Any:
        return next((node[key] for node in self._json_ld if node.get(key)), None)

    def _title(self) -> str:
        title = self._meta(TITLE_METAS) or self.tree.title or ""
        return " ".join(title.split())[:500]

    def _language(self) -> str:
        root = self._document.query_selector("html")
        return ((root.getattr("lang") if root else "") or "").strip().lower()[:35]

    def _date(self) -> str:
        candidates = [str(self._declared("datePublished") or ""), self._meta(DATE_METAS)]
        time = self._document.query_selector("article time[datetime], time[itemprop=datePublished]")
        candidates.append((time.getattr("datetime") or "") if time else "")
        return next((match[0] for text in candidates if (match := ISO_DATE.search(text))), "")

    def _author(self) -> str:
        names = [_name(self._declared("author")), self._meta(AUTHOR_METAS)]
        author = next((name for name in names if name and not name.startswith(("http:", "https:"))), "")
        return " ".join(author.split())[:200]


def _source(page: Fetched) -> str:
    return decode(page.body, next(iter(page.header("content-type")), ""))


def _type_names(value: Any) -> Iterator[str]:
    """The names in an @type: one or a list, with or without their namespace."""
    for each in value if isinstance(value, list) else (value,):
        if isinstance(each, str) and (name := re.split(r"[/:#]", each.strip())[-1]):
            yield name[:40]


def _name(value: Any) -> str:
    """The name in a schema.org Person, Organization, list of them, or plain text."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_name, value)))
    if isinstance(value, dict):
        value = value.get("name")
        return _name(value) if isinstance(value, list) else value if isinstance(value, str) else ""
    return value if isinstance(value, str) else ""


@lru_cache(maxsize=1)
def engine() -> str:
    """Name and version of what extracts the text, for the record."""
    return f"resiliparse {version('resiliparse')}"
