"""JSON-LD scripts as nodes, each with its type, top nodes first. States no facts.

Specification: JSON-LD 1.1 as schema.org pages use it, read 2026-11-22: contexts are not expanded, names are taken as
written, since that is what publishers' markup is and what search engines read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

MEDIA_TYPES = ("ImageObject", "VideoObject", "AudioObject", "MediaObject", "Photograph", "Image", "StillImage")
_MAX_DEPTH = 4  # of lists and graphs within each other


class Node(NamedTuple):
    """A JSON-LD object that is about the page or about something on it."""

    type: str  # first type, without namespace; "" when it has none
    content: dict[str, object]


@lru_cache(maxsize=8)
def nodes(text: str) -> tuple[Node, ...] | None:
    """The top nodes of a JSON-LD script, those of @graph and mainEntity included; None when it is not JSON."""
    try:
        loaded = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    return tuple(_top_nodes(loaded, depth=0))


def children(node: Node) -> Iterator[Node]:
    """The objects that a node's properties hold, one level down."""
    for value in node.content.values():
        for item in value if isinstance(value, list) else (value,):
            if isinstance(item, dict):
                yield Node(type_of(item), item)


def is_media(node: Node) -> bool:
    """Whether a node describes an image, a film or a recording, not the page."""
    return node.type in MEDIA_TYPES


def _top_nodes(value: object, depth: int) -> Iterator[Node]:
    if isinstance(value, list):
        for item in value:
            yield from _top_nodes(item, depth + 1) if depth < _MAX_DEPTH else ()
    elif isinstance(value, dict):
        if set(value) - {"@context", "@graph"}:
            yield Node(type_of(value), value)
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _top_nodes(value.get(key), depth + 1) if depth < _MAX_DEPTH else ()


def type_of(value: dict[str, object]) -> str:
    kind = value.get("@type")
    if isinstance(kind, list):
        kind = kind[0] if kind else ""
    return local_name(kind) if isinstance(kind, str) else ""


def local_name(type_: str) -> str:
    """A type without its namespace: "Article" for "https://schema.org/Article"; "" for what is no word."""
    name = re.split(r"[/:#]", type_.strip())[-1]
    return name if re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,39}", name) else ""
