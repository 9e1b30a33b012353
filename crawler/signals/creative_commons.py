"""Creative Commons addresses and identifiers: which license one names, and what kind of license that is.

Specification: creativecommons.org address forms; identifiers of the SPDX License List 3.27; read 2026-11-22.
"""

from __future__ import annotations

import re
from typing import NamedTuple

PUBLIC_DOMAIN, OPEN, NONCOMMERCIAL, NODERIVS, OTHER = (
    "public-domain",
    "open",
    "noncommercial",
    "noderivs",
    "other-terms",
)

# Ports that have an SPDX identifier; without port: 1.0, 2.0, 2.5, 3.0 and 4.0 of all six licenses have one.
_SPDX_PORTS = frozenset(
    (
        *("BY-2.5-AU", "BY-3.0-AT", "BY-3.0-AU", "BY-3.0-DE", "BY-3.0-IGO", "BY-3.0-NL", "BY-3.0-US"),
        *("BY-NC-3.0-DE", "BY-NC-ND-3.0-DE", "BY-NC-ND-3.0-IGO"),
        *("BY-NC-SA-2.0-DE", "BY-NC-SA-2.0-FR", "BY-NC-SA-2.0-UK", "BY-NC-SA-3.0-DE", "BY-NC-SA-3.0-IGO"),
        *("BY-ND-3.0-DE", "BY-SA-2.0-UK", "BY-SA-2.1-JP", "BY-SA-3.0-AT", "BY-SA-3.0-DE", "BY-SA-3.0-IGO"),
    )
)
_SPDX_VERSIONS = frozenset(("1.0", "2.0", "2.5", "3.0", "4.0"))
_ID = re.compile(r"CC-(?P<parts>BY(?:-(?:NC|ND|SA))*)-(?P<version>\d\.\d)(?:-(?P<port>[A-Z]{2,3}))?", re.IGNORECASE)
_PUBLIC_DOMAIN_IDS = {"cc0-1.0": "CC0-1.0", "cc-pddc": "CC-PDDC", "cc-pdm-1.0": "PDM-1.0", "pdm-1.0": "PDM-1.0"}
_ADDRESS = re.compile(
    r"(?:https?:)?//(?:www\.)?creativecommons\.org/"
    r"(?:licenses/(?P<parts>by(?:-(?:nc|nd|sa))*)(?:/(?P<version>\d\.\d)(?:/(?P<port>(?!deed|rdf)[a-z]{2,8})(?=[/?#]|\Z))?)?"
    r"|publicdomain/(?P<dedication>zero|mark)/1\.0|(?P<certified>licenses/publicdomain|publicdomain/certification))"
    r"(?=[/?#]|\Z)",
    re.IGNORECASE,
)


class License(NamedTuple):
    """A license that is known; `spdx` is "" where SPDX has no identifier for it, such as for this version or port."""

    spdx: str
    classes: tuple[str, ...]


def recognize(address: str) -> License | None:
    """The Creative Commons license that an address names, whatever its language or tail; None for other addresses.

    >>> recognize("http://creativecommons.org/licenses/by-nc-sa/3.0/de/deed.fr")
    License(spdx='CC-BY-NC-SA-3.0-DE', classes=('noncommercial',))
    """
    found = _ADDRESS.match(address)
    if found is None:
        return None
    if found["certified"]:
        return License("CC-PDDC", (PUBLIC_DOMAIN,))
    if found["dedication"]:  # the mark is a label, not a license
        return License("CC0-1.0" if found["dedication"].lower() == "zero" else "PDM-1.0", (PUBLIC_DOMAIN,))
    return _of_parts(found)


def of_id(name: str) -> License | None:
    """The Creative Commons license that an SPDX identifier names; None for other identifiers, and unlisted ones."""
    if known := _PUBLIC_DOMAIN_IDS.get(name.lower()):
        return License(known, (PUBLIC_DOMAIN,))
    found = _ID.fullmatch(name)
    license_ = _of_parts(found) if found else None
    return license_ if license_ and license_.spdx else None


def _of_parts(found: re.Match[str]) -> License:
    parts = set(found["parts"].upper().split("-"))
    name = "-".join(part for part in ("BY", "NC", "ND", "SA") if part in parts)
    classes = tuple(kind for part, kind in (("NC", NONCOMMERCIAL), ("ND", NODERIVS)) if part in parts)
    return License(_spdx(name, found["version"] or "", (found["port"] or "").upper()), classes or (OPEN,))


def _spdx(name: str, version: str, port: str) -> str:
    listed = f"{name}-{version}-{port}" in _SPDX_PORTS if port else version in _SPDX_VERSIONS
    if not listed or {"ND", "SA"} <= set(name.split("-")):
        return ""
    return "-".join(part for part in ("CC", name, version, port) if part)
