"""States the licenses that a page links to: for the page, or for one item embedded in it.

Specification: HTML Living Standard, link type "license" (4.6.7); RFC 8288 (Link header); read 2026-11-22. Links of
type application/rsl+xml belong to RSL and are left to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.document import Evidence, Fact
from crawler.signals._headers import placed
from crawler.signals._markup import base_address, collect, resolve

WHERE = ("HTML link, a, area, form with rel=license", "header Link")
NEEDS: tuple[str, ...] = ()
FACTS = ("license.link", "license.embedded")
SPECIFICATION = "HTML rel=license, RFC 8288, read 2026-11-22"

_RSL = "application/rsl+xml"
_LINK = re.compile(r"<([^<>]*)>([^<]*)")  # a link and its parameters, up to the next link
_PARAMETER = re.compile(r';\s*([a-z*-]+)\s*=\s*(?:"([^"]*)"|([^\s;,"]+))', re.IGNORECASE)


def read(evidence: Evidence) -> Iterator[Fact]:
    """State `license.link` for the page and `license.embedded` for items of it, as absolute addresses.

    An anchor in the body speaks for the page, unless it stands in a figure or in an item that is an image, a film
    or a recording.
    """
    if evidence.page is None:
        return
    for where, line in placed(evidence.page, "link"):
        for address in licenses_of_header(line, evidence.page.url):
            yield Fact("license.link", address, where, line[:200])
    if evidence.html is None:
        return
    markup = collect(evidence.html)
    base = base_address(markup, evidence.url)
    for link in markup.license_links:
        address = resolve(base, link.address) if link.address and link.type != _RSL else ""
        if address:
            yield Fact("license.embedded" if link.embedded else "license.link", address, link.where, link.address[:200])


def licenses_of_header(line: str, url: str, media_type: str = "") -> Iterator[str]:
    """Absolute addresses of a Link header line with relation "license".

    Links of RSL's media type are yielded only if asked for. A link with an anchor elsewhere speaks of something else.
    """
    for address, rest in _LINK.findall(line):
        parameters: dict[str, str] = {}
        for name, quoted, bare in _PARAMETER.findall(rest):
            parameters.setdefault(name.lower(), quoted or bare)  # the first of a name counts, RFC 8288 3.3
        type_ = parameters.get("type", "").partition(";")[0].strip().lower()
        if "license" not in parameters.get("rel", "").lower().split() or (type_ == _RSL) != (media_type == _RSL):
            continue
        elsewhere = "anchor" in parameters and resolve(url, parameters["anchor"]) != url
        if not elsewhere and (absolute := resolve(url, address)):
            yield absolute
