"""States reservations in natural language: in small print, on pages of terms, in llms.txt, in robots.txt comments.

Specification: none. Courts differ on whether words suffice (LG Hamburg 310 O 227/23, OLG Hamburg 5 U 104/24,
Rechtbank Amsterdam ECLI:NL:RBAMS:2024:6563; reference/signals.md 12, read 2026-11-22), so this is never merged: the
sentence is evidence, and policies say what it counts.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import map_encoding_to_html5
from resiliparse.parse.html import HTMLTree

from crawler.document import Evidence, Fact, Fetched
from crawler.signals import _prose as prose
from crawler.signals._markup import collect, resolve

if TYPE_CHECKING:
    from resiliparse.parse.html.node import ElementNode

WHERE = (
    "the site's terms, where a page links to them",
    "footer and small print of the page",
    "/llms.txt and comments of robots.txt, where they are at hand",
)
NEEDS: tuple[str, ...] = ()
FACTS = ("terms-reservation", "terms.unread")
SPECIFICATION = "none; words of six languages, as in reference/signals.md 12, read 2026-11-22"

_LLMS_TXT, _ROBOTS_TXT = "/llms.txt", "/robots.txt"
_MAX_BYTES = 1_048_576  # read of one file
_HEAD, _FOOT = 32_768, 98_304  # bytes of a page in which links to terms are looked for
_ELSE_CALLED = (  # in pages that have no footer or the like; a search by parts of names takes five times as long
    '[class*="footer" i],[id*="footer" i],[class*="copyright" i],[id*="copyright" i],[class*="legal" i],'
    '[class*="disclaimer" i]'
)
_CONTENT = "main,article,h1"  # what holds one of these is no small print, whatever its class
_MAX_ELEMENTS = 12  # of small print, from each end of the page
_MAX_SMALL_PRINT = 20_000  # characters of one element

_DROPPED = frozenset("\t\r\n")  # characters that are left out of addresses (WHATWG URL, 4.4)
_PARTS_OF_TITLE = re.compile(r"\s+[|–—·:»>/-]+\s+|[|:»]")
_ENDING = re.compile(r"\.[a-z]{3,5}\Z")
_CHARSET = re.compile(rb"charset\s{0,5}=\s{0,5}[\"']?([A-Za-z0-9_-]{2,20})", re.IGNORECASE)
_LINK = re.compile(  # everything before the address, the address, everything behind it, the text
    rb"<(?:[aA]|[lL][iI][nN][kK])(\s[^<>]{0,1000}?)\b[hH][rR][eE][fF]\s{0,3}=\s{0,3}[\"']?([^\"'\s>]{1,1000})"
    rb"([^<>]{0,1000})>([^<>]{0,200})"
)
_REL = re.compile(rb"""\brel\s{0,3}=\s{0,3}["']?[^"'>]{0,100}\bterms-of-service\b""", re.IGNORECASE)


def read(evidence: Evidence) -> Iterator[Fact]:
    """State `terms-reservation` once per place, with the first sentence found there.

    `where` is "file:terms" for the site's terms, "file:llms.txt:L3", "robots.txt:L3", and "body" for the page.
    `terms.unread` says why terms that a page leads to could not be had.
    """
    for path, file in sorted(evidence.site.items()):
        if file.has_content:
            yield from _of_file(path, file)
        elif _rank_of_path(path) is not None:
            reason = file.error.value or str(file.status)
            yield Fact("terms.unread", reason, f"status:{path.rpartition('/')[2]}={file.status or 'error'}"[:500])
    if evidence.page is not None and evidence.html is not None and evidence.page.has_content:
        for sentence in _of_page(evidence.url, evidence.html):
            yield Fact("terms-reservation", True, "body", sentence)
            break


def linked(evidence: Evidence) -> Iterator[str]:
    """The site's terms, if the page links to them and no terms of this origin are at hand."""
    page = evidence.page
    if page is None or not page.has_content or any(_rank_of_path(path) is not None for path in evidence.site):
        return
    if any(_is_html(file) and not path.endswith((".txt", ".json", ".xml")) for path, file in evidence.site.items()):
        return
    links = sorted(_links_to_terms(page))
    if links:
        yield links[0][2]


def _of_file(path: str, file: Fetched) -> Iterator[Fact]:
    if path in (_LLMS_TXT, _ROBOTS_TXT):
        place = f"file:{path[1:]}" if path == _LLMS_TXT else path[1:]
        if not _is_html(file) and (found := _in_lines(file.body[:_MAX_BYTES], path == _ROBOTS_TXT)):
            yield Fact("terms-reservation", True, f"{place}:L{found[0]}", found[1])
    elif _is_html(file):
        is_named = _rank_of_path(path) is not None
        if sentence := _in_terms(file.body[:_MAX_BYTES], _declared_charset(file), is_named):
            yield Fact("terms-reservation", True, f"file:{path.removeprefix('/')}"[:500], sentence)


@lru_cache(maxsize=64)
def _in_lines(body: bytes, comments_only: bool) -> tuple[int, str] | None:
    """The first line that reserves, and its sentence; of robots.txt what stands in comments."""
    for number, line in enumerate(re.split(rb"\r\n|\r|\n", body), 1):
        said = line.partition(b"#")[2] if comments_only else line
        if said:
            for sentence in prose.find(said[: prose.MAX_TEXT].decode("utf-8", "replace")):
                return number, sentence
    return None


@lru_cache(maxsize=32)
def _in_terms(body: bytes, charset: str, is_named: bool) -> str:
    """The first sentence that reserves on a page of terms, which is one by its path or by its title; "" for none."""
    try:
        tree = HTMLTree.parse(body.decode(charset, "replace").replace("\x00", ""))
    except (ValueError, RuntimeError, LookupError):
        return ""
    return next(prose.find(_text(tree)), "") if is_named or _is_titled_terms(tree) else ""


def _of_page(url: str, tree: HTMLTree) -> Iterator[str]:
    """Sentences of the whole page if it is one of terms, else of its small print: articles only report on terms."""
    if _rank_of_path(url) is not None or _is_titled_terms(tree):
        yield from prose.find(_text(tree))
        return
    if tree.document is None:
        return
    found = collect(tree).small_print or tuple(tree.document.query_selector_all(_ELSE_CALLED)[:])
    prints: dict[str, ElementNode] = {}  # by text
    for element in (*found[:_MAX_ELEMENTS], *found[max(_MAX_ELEMENTS, len(found) - _MAX_ELEMENTS) :]):
        text = element.text or ""
        is_new = len(text) <= _MAX_SMALL_PRINT and not any(text in other for other in prints)
        if is_new and element.query_selector(_CONTENT) is None:
            prints[text] = element
    if prose.may_hold_any("\n".join(prints)):
        for text, element in prints.items():
            if prose.may_hold_any(text):
                yield from prose.find(_text(element.html))


def _text(page: HTMLTree | str) -> str:
    return str(extract_plain_text(page, main_content=False, alt_texts=False).replace("\u00a0", " "))


def _is_titled_terms(tree: HTMLTree) -> bool:
    """Whether the title, a part of it, or the first heading is a title of terms, and not a sentence about terms."""
    heading = tree.document.query_selector("h1") if tree.document else None
    texts = ((tree.title or "")[:300], (heading.text or "")[:300] if heading else "")
    return any(part.strip().lower() in _titles() for text in texts for part in (text, *_PARTS_OF_TITLE.split(text)))


def _rank_of_path(address: str) -> int | None:
    """How likely a path is the site's terms, 0 the most; None where its last part is no name of terms."""
    if _DROPPED.isdisjoint(address) and _rank_of_end(address.partition("#")[0].partition("?")[0]) is None:
        return None  # as nearly all are; to take an address apart takes ten times as long
    try:
        return _rank_of_end(urlsplit(address).path)
    except ValueError:
        return None


def _rank_of_end(path: str) -> int | None:
    last = path.rstrip("/").rpartition("/")[2].lower().replace("_", "-")
    return _paths().get(_ENDING.sub("", last) if "." in last else last)


def _links_to_terms(page: Fetched) -> Iterator[tuple[int, int, str]]:
    """Links of this host to what looks like terms: rank, number and path; the lower the better."""
    body, charset = page.body, _declared_charset(page)
    if len(body) > _HEAD + _FOOT:
        body = body[:_HEAD] + body[-_FOOT:]
    own = _host(page.url)
    for number, (before, address, behind, text) in enumerate(_LINK.findall(body)):
        rank = _rank_of_link(before + behind, address, text, charset)
        if rank is None:
            continue
        resolved = resolve(page.url, html.unescape(address.decode("latin-1")))
        if own and _host(resolved) == own:
            parts = urlsplit(resolved)
            if parts.path not in ("", "/"):
                yield rank, number, parts.path + (f"?{parts.query}" if parts.query else "")


def _rank_of_link(attributes: bytes, address: bytes, text: bytes, charset: str) -> int | None:
    """How likely a link leads to terms, the lower the more; by its relation, its text, the last part of its path."""
    if b"terms-of-service" in attributes and _REL.search(attributes):
        return -1
    if text := text.strip():
        rank = _titles().get(html.unescape(text.decode(charset, "replace")).strip().lower())
        if rank is not None:
            return rank
    return _rank_of_path(address.decode("latin-1")) if b"/" in address or b"." in address else None


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _is_html(file: Fetched) -> bool:
    declared = next(iter(file.header("content-type")), "").lower()
    return "html" in declared or (not declared and file.body[:1024].lstrip()[:1] == b"<")


def _declared_charset(file: Fetched) -> str:
    """The encoding that the header or the first bytes name, as browsers know it; else UTF-8."""
    header = next(iter(file.header("content-type")), "").encode("latin-1", "replace")
    found = _CHARSET.search(header) or _CHARSET.search(file.body[:1024])
    return str(map_encoding_to_html5(found[1].decode("ascii"))) if found else "utf-8"


@cache
def _titles() -> dict[str, int]:
    """Titles of terms in lower case, each with its rank: terms before notices."""
    return {title.lower(): rank for rank, kind in enumerate(("title", "notice")) for title in prose.words(kind)}


@cache
def _paths() -> dict[str, int]:
    return {path: rank for rank, kind in enumerate(("path", "path-of-notice")) for path in prose.words(kind)}
