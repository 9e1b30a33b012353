"""XMP packets as properties, read as the RDF/XML that they are. States no facts.

Specification: Adobe XMP Specification, Part 1 (7, serialization in RDF/XML). A property may stand as
an attribute, as an element with text, with rdf:resource or with a list in it. Namespaces decide, prefixes are free.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from xml.etree.ElementTree import Element  # the type only; foreign XML is read by defusedxml

from defusedxml.ElementTree import fromstring

from crawler.document import Embedded

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_HOLDERS = (f"{_RDF}li", f"{_RDF}value")


class Value(NamedTuple):
    """A value of a property; `where` is "xmp:<name>", with an index if the file gives several that differ."""

    text: str
    where: str


def values(embedded: Embedded | None, namespace: str, name: str, shown_as: str) -> tuple[Value, ...]:
    """The different values that the packets of a file give a property, in the order found.

    Args:
        shown_as: The property's name with its usual prefix, for `where`.
    """
    packets = embedded.xmp if embedded else ()
    wanted = f"{{{namespace}}}{name}"
    found = {text: None for packet in packets for key, text in properties(packet) or () if key == wanted}
    where = f"xmp:{shown_as}" + ("[{}]" if len(found) > 1 else "")
    return tuple(Value(text, where.format(index)) for index, text in enumerate(found))


@lru_cache(maxsize=8)
def properties(packet: bytes) -> tuple[tuple[str, str], ...] | None:
    """Name ("{namespace}name") and value of each property of the file, a list item by item; None for what is no XML."""
    try:
        root = fromstring(packet)
    except (SyntaxError, ValueError, LookupError):  # no XML, entities declared, an unknown encoding
        return None
    nodes = (node for rdf in root.iter(f"{_RDF}RDF") for node in rdf)
    return tuple(found for node in nodes for found in _of_node(node))


def _of_node(node: Element) -> Iterator[tuple[str, str]]:
    for name, value in node.attrib.items():
        if not name.startswith((_RDF, _XML)) and (text := value.strip()):
            yield name, text
    for element in node:
        for text in _texts(element):
            yield element.tag, text


def _texts(element: Element) -> Iterator[str]:
    for part in element.iter():
        if part is element or part.tag in _HOLDERS:
            text = part.get(f"{_RDF}resource") or part.text or ""
            if text := text.strip():
                yield text
