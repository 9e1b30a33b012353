"""The records of a page: one without its body and without identifiers, which stays; and the whole, which may not.

The one that stays proves what the page declared. Addresses of persons, cookies and tokens in its address and headers
prove nothing, so they go with the body; the ledger has the SHA-256 of the address itself.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from crawler.document import Fetched
from crawler.pii.mask import is_secret_name, mask_text, mask_url
from crawler.pii.recognizers import ip_address
from crawler.sources.warc import record_bytes

_ADDRESSES = ("location", "content-location", "refresh")
_COOKIE = re.compile(r"^([^=;]{1,200})=[^;]*")  # RFC 6265 4.1.1
_MAY_HOLD = re.compile(r"@|://|%40|[0-9][^,;]{4,}[0-9]|[0-9A-Za-z_+/=.-]{20}")
_IP = re.compile(
    r"(?<![0-9A-Za-z:.])[0-9A-Fa-f]{1,4}(?:\.[0-9]{1,3}){3}(?![0-9A-Za-z.])"
    r"|[0-9A-Fa-f:]{2,39}:[0-9A-Fa-f]{1,4}"
)


def page_record(page: Fetched, content: str = "") -> bytes:
    """The WARC record that stays: digests and length of the body, addresses and headers without identifiers."""
    return record_bytes(_without_identifiers(page), keep_body=False, content=content)


def body_record(page: Fetched) -> bytes:
    """The WARC record of the whole exchange, as it came."""
    return record_bytes(page, keep_body=True)


def _without_identifiers(page: Fetched) -> Fetched:
    return replace(page, url=mask_url(page.url), final_url=mask_url(page.final_url), headers=masked_headers(page))


def masked_headers(page: Fetched) -> tuple[tuple[str, str], ...]:
    """Its headers without identifiers, in order."""
    return tuple((name, _masked(name.lower(), value)) for name, value in page.headers)


@lru_cache(maxsize=4096)  # most headers of a site are the same on all its pages
def _masked(name: str, value: str) -> str:
    if name == "set-cookie":
        return _COOKIE.sub(r"\1=[SECRET]", value)
    if is_secret_name(name):
        return "[SECRET]"
    if name in _ADDRESSES:
        value = mask_url(value)
    return _mask_ips(mask_text(value)) if _MAY_HOLD.search(value) else value


def _mask_ips(value: str) -> str:
    def shown(found: re.Match[str]) -> str:
        return found.group() if ip_address.check(found.group()) is False else f"[{ip_address.ENTITY}]"

    return _IP.sub(shown, value)
