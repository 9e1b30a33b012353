"""RSL documents: which contents one names, and what it says about each use of them. States no facts.

Specification: RSL 1.0, Recommendation of 10 December 2025 with errata to 7 August 2026, sections 3.1 to 3.9, as in
reference/signals.md 5, read 2026-11-22. Elements and tokens of other namespaces are ignored; what is unknown in RSL's
own makes a grant conditional, since it may be a condition. Comma lists and payment by inference are of draft 0.9.

Documents come from strangers: one of more than 1 MiB or with a document type is refused, and nothing is loaded or
expanded; the parser itself (libxml2) refuses more than 256 levels and attributes that grow out of proportion.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from lxml import etree

from crawler.signals.normal_form import State

MAX_BYTES = 1024 * 1024
NAMESPACE = "https://rslstandard.org/rsl"
USES = ("ai-train", "ai-input", "ai-index", "search")

_AI_USES = frozenset(("ai-train", "ai-input", "ai-index"))
_COVERED = {"all": _AI_USES | {"search"}, "ai-all": _AI_USES, **{use: frozenset((use,)) for use in USES}}
_PAYMENTS = frozenset(["purchase", "subscription", "training", "crawl", "use", "contribution", "attribution", "free"])
_IN_CONTENT = frozenset(["license", "alternate", "schema", "copyright", "terms"])
_IN_LICENSE = frozenset(["permits", "prohibits", "payment", "reporting", "legal"])


class License(NamedTuple):
    """The terms of one license element, for the uses that are ours to ask about.

    Attributes:
        permits: The uses listed; None where no list limits them.
        prohibits: The uses refused.
        grants: Whether it grants anything; one that only prohibits, or whose list cannot be read, does not.
        conditional: Whether payment, a report, or who or where the user is, limits the grant.
        payments: Types of payment asked for, "other" for unknown ones.
        flags: What is odd about it.
        malformed: Statements that try to reserve and are not valid: reason and text.
    """

    permits: frozenset[str] | None
    prohibits: frozenset[str]
    grants: bool
    conditional: bool
    payments: tuple[str, ...]
    flags: tuple[str, ...]
    malformed: tuple[tuple[str, str], ...]


class Content(NamedTuple):
    """A content element: an address pattern as written (None without one) and the licenses for what it matches."""

    url: str | None
    server: str
    conditional: bool
    licenses: tuple[License, ...]
    flags: tuple[str, ...]

    def says(self, use: str) -> State:
        """What the licenses together say: a prohibition beats a permission, a list permits only what it lists."""
        if any(use in one.prohibits for one in self.licenses):
            return State.RESERVED
        granting = [one for one in self.licenses if one.grants and (one.permits is None or use in one.permits)]
        if granting:
            is_bound = self.conditional or any(one.conditional for one in granting)
            return State.CONDITIONAL if is_bound else State.PERMITTED
        is_listed = any(one.permits is not None for one in self.licenses)
        return State.RESERVED if is_listed else State.UNKNOWN


class Document(NamedTuple):
    """What was read. `holds_items`: it is a feed or a file's metadata, whose contents speak of what it holds itself."""

    contents: tuple[Content, ...]
    holds_items: bool = False
    flags: tuple[str, ...] = ()


def parse(body: bytes, *, comma_lists: bool = False) -> Document | None:
    """Read a document, once: equal bodies share one result. None for what is no RSL. Never raises.

    Args:
        body: The document, or a feed or XMP packet with RSL's content elements in it.
        comma_lists: Whether the lists of draft 0.9 are read, too.
    """
    if len(body) > MAX_BYTES:
        return None
    return _parse_large(body, comma_lists) if len(body) > 65_536 else _parse_small(body, comma_lists)


def _parse(body: bytes, comma_lists: bool) -> Document | None:
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.LxmlError, ValueError, LookupError):
        return None
    if root.getroottree().docinfo.internalDTD is not None:
        return None
    is_rsl = _name(root) == "rsl"
    elements = list(_children(root, "content") if is_rsl else root.iter(f"{{{NAMESPACE}}}content"))
    if not is_rsl and not elements:
        return None
    has_unknown = is_rsl and _has_unknown(root, frozenset(("content",)))
    contents = tuple(_content(element, comma_lists) for element in elements)
    return Document(contents, not is_rsl, ("unknown-element",) if has_unknown else ())


_parse_small = lru_cache(maxsize=128)(_parse)
_parse_large = lru_cache(maxsize=4)(_parse)


def _content(element: etree._Element, comma_lists: bool) -> Content:
    licenses = tuple(_license(child, comma_lists) for child in _children(element, "license"))
    server = (element.get("server") or "").strip()
    flags = [flag for license_ in licenses for flag in license_.flags]
    flags += [] if licenses else ["no-license"]
    has_unknown = _has_unknown(element, _IN_CONTENT)
    flags += ["unknown-element"] if has_unknown else []
    url = element.get("url")
    is_bound = bool(server) or has_unknown or (element.get("encrypted") or "").strip() == "true"
    return Content(None if url is None else url.strip(), server, is_bound, licenses, tuple(dict.fromkeys(flags)))


def _license(element: etree._Element, comma_lists: bool) -> License:
    permits = [_list(child, comma_lists) for child in _children(element, "permits")]
    prohibits = [_list(child, comma_lists) for child in _children(element, "prohibits")]
    payments = [(child.get("type") or "").strip() for child in _children(element, "payment")]
    usage = [listed for listed in permits if listed.type in ("usage", "")]
    readable = [listed.uses for listed in usage if listed.uses is not None]
    is_limited = any(listed.type not in ("usage", "") for listed in permits + prohibits)
    has_unknown = _has_unknown(element, _IN_LICENSE)
    must_report = next(_children(element, "reporting"), None) is not None
    flags = [flag for listed in permits + prohibits for flag in listed.flags]
    flags += ["legacy-syntax"] if "inference" in payments else []
    flags += ["repeated-list"] if _repeats(permits) or _repeats(prohibits) else []
    flags += ["unknown-element"] if has_unknown else []
    return License(
        permits=frozenset[str]().union(*readable) if readable else None,
        prohibits=frozenset[str]().union(*(listed.uses or () for listed in prohibits)),
        grants=bool(permits or payments) and len(readable) == len(usage),
        conditional=is_limited or has_unknown or must_report or any(payment != "free" for payment in payments),
        payments=tuple(payment if payment in _PAYMENTS else "other" for payment in payments),
        flags=tuple(flags),
        malformed=tuple((listed.flags[0], listed.text[:200]) for listed in prohibits if listed.flags),
    )


class _List(NamedTuple):
    """A permits or prohibits element; `uses` is None where it lists no uses that can be read."""

    type: str  # "usage", "user", "geo", "" where it is missing
    uses: frozenset[str] | None
    flags: tuple[str, ...]
    text: str


def _list(element: etree._Element, comma_lists: bool) -> _List:
    type_ = (element.get("type") or "").strip()
    text = " ".join([element.text or "", *(child.tail or "" for child in element)]).strip()
    if type_ != "usage":
        return _List(type_, None, () if type_ else ("no-type",), text)
    if "," in text and not comma_lists:
        return _List(type_, None, ("legacy-syntax",), text)
    tokens = [token for token in text.replace(",", " ").split() if ":" not in token]  # a prefix: another vocabulary
    uses = frozenset[str]().union(*(_COVERED.get(token, ()) for token in tokens))
    is_unknown = any(token not in _COVERED for token in tokens)
    return _List(type_, uses, ("unknown-usage",) if is_unknown else (), text)


def _repeats(lists: Sequence[_List]) -> bool:
    """Whether two lists are of one type (section 3.5 allows one)."""
    return len({listed.type for listed in lists}) < len(lists)


def _has_unknown(element: etree._Element, known: frozenset[str]) -> bool:
    """Whether it holds an element of RSL's namespace that RSL does not know there."""
    return any(_name(child) not in known | {""} for child in element)


def _children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return element.iterchildren(f"{{{NAMESPACE}}}{name}")


def _name(element: etree._Element) -> str:
    """The name of an element of RSL's; "" for those of others."""
    tag = element.tag if isinstance(element.tag, str) else ""
    return tag.removeprefix(f"{{{NAMESPACE}}}") if tag.startswith(f"{{{NAMESPACE}}}") else ""
