"""States which license the XMP of a file names, and that its XMP could not be read.

Specification: ccREL (cc:license in XMP), Creative Commons, 2008; XMP Rights Management (xmpRights:WebStatement), Adobe
XMP Specification Part 1; see reference/signals.md 9. These are statements about ownership, not reservations.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawler.document import Evidence, Fact
from crawler.signals import creative_commons
from crawler.signals._markup import resolve
from crawler.signals._xmp import properties, values

WHERE = ("XMP inside the file",)
NEEDS: tuple[str, ...] = ()
FACTS = ("xmp.license", "xmp.unread")
SPECIFICATION = "ccREL, 2008; XMP Rights Management, Adobe XMP Specification Part 1"

_CC = "http://creativecommons.org/ns#"
_RIGHTS = "http://ns.adobe.com/xap/1.0/rights/"


def read(evidence: Evidence) -> Iterator[Fact]:
    """State `xmp.license`, an absolute address, and `xmp.unread` with the reason.

    A web statement may be any page about rights: it is stated only where it is the address of a license.
    """
    if evidence.embedded is None:
        return
    for reason in unread(evidence, "xmp"):
        yield Fact("xmp.unread", reason, "body")
    if any(properties(packet) is None for packet in evidence.embedded.xmp):
        yield Fact("xmp.unread", "not-xml", "body")
    for text, where in values(evidence.embedded, _CC, "license", "cc:license"):
        if address := resolve(evidence.url, text):
            yield Fact("xmp.license", address, where, text[:200])
    for text, where in values(evidence.embedded, _RIGHTS, "WebStatement", "xmpRights:WebStatement"):
        if creative_commons.recognize(text):
            yield Fact("xmp.license", text, where, text[:200])


def unread(evidence: Evidence, kind: str) -> Iterator[str]:
    """Why metadata of a kind ("xmp", "opf", "c2pa") could not be read."""
    for entry in evidence.embedded.unread if evidence.embedded else ():
        name, _, reason = entry.partition(": ")
        if name == kind:
            yield reason
