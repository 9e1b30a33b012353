"""The package document of an EPUB as metas with expanded names. States no facts.

Specification: EPUB 3.3, 5 (package document: meta, prefix); OPF 2.0 (meta with name and content).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from xml.etree.ElementTree import Element  # the type only; foreign XML is read by defusedxml

from defusedxml.ElementTree import fromstring

_PREFIX = re.compile(r"([^\s:]+):\s+(\S+)")


@lru_cache(maxsize=2)
def metas(opf: bytes, **usual: str) -> tuple[tuple[str, str], ...] | None:
    """Name and value of each meta about the whole publication; None for what is no XML.

    Args:
        usual: Prefixes that publishers use without declaring them, and what they stand for.
    """
    try:
        root = fromstring(opf)
    except (SyntaxError, ValueError, LookupError):  # no XML, entities declared, an unknown encoding
        return None
    prefixes = {**usual, **dict(_PREFIX.findall(root.get("prefix", "")))}
    elements = (element for element in root.iter() if element.tag.rpartition("}")[2] == "meta")
    return tuple(found for element in elements for found in _meta(element, prefixes))


def _meta(element: Element, prefixes: dict[str, str]) -> Iterator[tuple[str, str]]:
    name = element.get("property") or element.get("name") or ""
    value = (element.text if "property" in element.attrib else element.get("content")) or ""
    prefix, colon, rest = name.strip().partition(":")
    if colon and prefix in prefixes and "refines" not in element.attrib:
        yield prefixes[prefix] + rest, value.strip()
