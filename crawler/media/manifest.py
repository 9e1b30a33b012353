"""Takes what the active C2PA manifest of a file says about training and data mining.

Specification: C2PA 1.x assertion c2pa.training-mining; CAWG Training and Data Mining Assertion 1.1; see
reference/signals.md 9. The library checks signatures and hashes. It gets no network: manifests kept elsewhere are not
fetched, certificates are not asked about, identities are not resolved. Signers need not be on a trust list: what counts
is that the statement belongs to the file and that neither was changed since.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from crawler.document import Assertion

try:
    import c2pa
except ImportError:
    c2pa = None  # the extra `images` is not installed

_LABEL = re.compile(r"(?:cawg|c2pa)\.training-mining(?:\.v\d+)?")
# A manifest is a JUMBF box, in SVG an element; XMP names one that is kept elsewhere
_MARKS = (b"jumbc2pa", b"jumdc2pa", b"c2pa:manifest", b"dcterms:provenance")
_SETTINGS = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "core": {"allowed_network_hosts": [], "decode_identity_assertions": False},
}


def assertions(body: bytes, format_: str) -> tuple[tuple[Assertion, ...], str]:
    """The assertions about training and data mining, and why a manifest could not be read ("" if none)."""
    if not any(mark in body for mark in _MARKS):
        return (), ""
    if c2pa is None:
        return (), "not-installed"
    if format_ not in _formats():
        return (), "unsupported-format"
    try:
        with c2pa.Reader(format_, io.BytesIO(body), context=_context()) as reader:
            valid = reader.get_validation_state() in ("Valid", "Trusted")
            return tuple(_about_training(json.loads(reader.json()), valid)), ""
    except c2pa.C2paError as error:
        return (), _reason(error)


def _reason(error: Exception) -> str:
    """A file without manifest is nothing that could not be read."""
    kind = str(error).partition(":")[0]
    return {"ManifestNotFound": "", "Remote": "kept-elsewhere"}.get(kind, "damaged")


def _about_training(store: dict[str, Any], valid: bool) -> Iterator[Assertion]:
    active = store.get("manifests", {}).get(store.get("active_manifest"), {})
    for assertion in active.get("assertions", ()):
        if _LABEL.fullmatch(assertion["label"]):
            yield Assertion(assertion["label"], dict(_entries(assertion.get("data"))), valid)


def _entries(data: object) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Those that have the shape of one; other fields of an assertion say nothing about use."""
    entries = data.get("entries") if isinstance(data, dict) else None
    for name, fields in entries.items() if isinstance(entries, dict) else ():
        if isinstance(fields, dict):
            yield name, {key: value for key, value in fields.items() if isinstance(value, str)}


@lru_cache(maxsize=1)
def _context() -> Any:
    return c2pa.Context(settings=c2pa.Settings.from_dict(_SETTINGS))


@lru_cache(maxsize=1)
def _formats() -> frozenset[str]:
    return frozenset(c2pa.Reader.get_supported_mime_types())
