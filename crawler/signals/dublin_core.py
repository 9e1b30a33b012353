"""States the rights that Dublin Core metas declare: licenses by address or identifier, and statements in prose.

Specification: DCMI Metadata Terms (2020) and DC-HTML (2008): rights, license, accessRights under the prefixes "DC."
and "DCTERMS."; read 2026-11-22. Prose is stated and never merged.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawler.document import Evidence, Fact
from crawler.signals import licenses
from crawler.signals._markup import base_address, collect, resolve

WHERE = ("HTML meta DC.rights, dcterms.license, dcterms.accessRights",)
NEEDS: tuple[str, ...] = ()
FACTS = ("license.link", "license.spdx", "dublin-core.rights", "dublin-core.access-rights")
SPECIFICATION = "DCMI Metadata Terms 2020, DC-HTML 2008, read 2026-11-22"

_PREFIXES = ("dc.", "dcterms.")
_RIGHTS = frozenset(("rights", "rights.license", "license"))  # "DC.rights.license" is the older qualified form


def read(evidence: Evidence) -> Iterator[Fact]:
    """State a license where the value names one, else the statement, as `dublin-core.rights`; in page order.

    Yields:
        `license.link` for an address, `license.spdx` for an identifier, `dublin-core.access-rights` for who may see
        the page. A meta in the body may be anybody's and says nothing.
    """
    if evidence.page is None or evidence.html is None:
        return
    markup = collect(evidence.html)
    base = base_address(markup, evidence.url)
    for meta in markup.metas:
        prefix = next((prefix for prefix in _PREFIXES if meta.name.startswith(prefix)), None)
        if prefix is None or not meta.in_head or not meta.content:
            continue
        term = meta.name.removeprefix(prefix)
        if term == "accessrights":
            yield Fact("dublin-core.access-rights", meta.content[:200], meta.where, meta.quote)
        elif term in _RIGHTS:
            yield Fact(*license_or(meta.content, base, "dublin-core.rights"), meta.where, meta.quote)


def license_or(text: str, base: str, otherwise: str) -> tuple[str, str]:
    """Name and value of the fact that a declared value makes: an address, an identifier, or prose."""
    if text.startswith(("http://", "https://", "//")) and (address := resolve(base, text)) and " " not in text:
        return "license.link", address
    if licenses.of_expression(text):
        return "license.spdx", " ".join(text.split())[:200]
    return otherwise, text[:200]
