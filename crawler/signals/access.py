"""States whether the page could be had: status, challenge, paywall, or why the exchange failed.

Specification: RFC 9110 (status codes), RFC 6585 (429), RFC 7725 (451), Cloudflare and AWS WAF challenge headers,
schema.org isAccessibleForFree; read 2026-11-22. A barrier is no reservation, but going round it is not lawful access.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.document import Evidence, Fact, Fetched, FetchError
from crawler.signals import _jsonld as jsonld
from crawler.signals._headers import placed
from crawler.signals._markup import collect, resolve
from crawler.signals.license_links import licenses_of_header
from crawler.urls import address_of_header

WHERE = (
    "status",
    "headers (WWW-Authenticate, Retry-After, cf-mitigated, x-amzn-waf-action, crawler-price)",
    "JSON-LD isAccessibleForFree",
)
NEEDS: tuple[str, ...] = ()
FACTS = (
    "access",
    "access.license",
    "access.price",
    "access.retry-after",
    "access.refusal",
    "fetch.error",
    "redirect-to",
)
SPECIFICATION = "RFC 9110, 6585, 7725; challenge headers; schema.org isAccessibleForFree; read 2026-11-22"

_STATUS = {
    401: "login",
    402: "payment-required",
    403: "blocked",
    404: "not-found",
    407: "proxy-auth",
    410: "not-found",
    429: "rate-limited",
    451: "legal-block",
}
_CLASS_OF_STATUS = {2: "open", 3: "redirected", 4: "client-error"}
_CHALLENGE_HEADERS = {"cf-mitigated": ("challenge",), "x-amzn-waf-action": ("challenge", "captcha")}
_NOTED_HEADERS = {
    "access.price": "crawler-price",
    "access.refusal": "crawler-error",
    "access.retry-after": "retry-after",
}
_QUOTED = re.compile(r'"[^"]*"')
_LICENSE_SCHEME = re.compile(r"(?:\A|,)\s*License(?=[\s,]|\Z)", re.IGNORECASE)
_FALSE = frozenset(("false", "http://schema.org/false", "https://schema.org/false", "schema:false", "0", "no"))
# isAccessibleForFree is also said of museums and concerts; these are the names of works one reads.
_WORKS = (
    *("Article", "Posting", "Page", "WebPageElement", "WebContent", "CreativeWork", "Work", "Report", "Review"),
    *("Book", "Chapter", "Recipe", "Course", "Dataset", "Thesis", "Issue", "Volume", "Periodical", "Newspaper"),
    *("HowTo", "Guide", "Story", "Blog", "LearningResource", "Document", "Legislation", "Series", "Poem", "Comment"),
)


def read(evidence: Evidence) -> Iterator[Fact]:
    """State `access` in one word, or `fetch.error` where there was no usable answer.

    Yields:
        `where` names what was read: "status:403; header:cf-mitigated", "jsonld:NewsArticle.isAccessibleForFree".
        Beside it: where a redirect leads, the price, the wait, the refusal and the license document that the
        server names.
    """
    page = evidence.page
    if page is None:
        return
    if page.error is not FetchError.NONE or not page.status:
        yield Fact("fetch.error", page.error.value or FetchError.BROKEN.value, "fetch")
        return
    word, where = _barrier(page)
    if word == "open" and (paywall := _paywall(evidence)):
        word, where = "paywalled", paywall
    yield Fact("access", word, where)
    if word == "redirected":
        for where, location in placed(page, "location")[:1]:
            if address := resolve(page.url, address_of_header(location)):
                yield Fact("redirect-to", address, where, location[:200])
    if page.status >= 400:
        for name, header in _NOTED_HEADERS.items():
            for where, value in placed(page, header)[:1]:
                yield Fact(name, value[:200], where, value[:200])
    if page.status in (401, 402, 403):
        for where, line in placed(page, "link"):
            for address in licenses_of_header(line, page.url, "application/rsl+xml"):
                yield Fact("access.license", address, where, line[:200])


def _barrier(page: Fetched) -> tuple[str, str]:
    """The word for a status and its headers, and where they stand."""
    where = f"status:{page.status}"
    for header, values in _CHALLENGE_HEADERS.items():
        for place, value in placed(page, header):
            if value.strip().lower() in values:
                return "challenge", f"{where}; {place}"
    if page.status in (401, 403) and (place := _asks_for_license(page)):
        return "license-required", f"{where}; {place}"
    if page.status == 503 and page.header("retry-after"):
        return "rate-limited", where
    word = _STATUS.get(page.status) or _CLASS_OF_STATUS.get(page.status // 100, "server-error")
    return word, where


def _asks_for_license(page: Fetched) -> str:
    """Where an authentication scheme is License (RSL 1.0, 4.10), else ""; a word inside a quoted realm is none."""
    lines = placed(page, "www-authenticate")
    return next((place for place, line in lines if _LICENSE_SCHEME.search(_QUOTED.sub("", line))), "")


def _paywall(evidence: Evidence) -> str:
    """Where JSON-LD says that the page, or a part of it, is not free; "" where it does not."""
    if evidence.html is None:
        return ""
    for script in collect(evidence.html).json_ld:
        if "isAccessibleForFree" in script:
            for node in jsonld.nodes(script) or ():
                for each in (node, *_parts(node)):
                    if _is_work(each) and str(each.content.get("isAccessibleForFree")).strip().lower() in _FALSE:
                        return f"jsonld:{each.type}.isAccessibleForFree"
    return ""


def _parts(node: jsonld.Node) -> Iterator[jsonld.Node]:
    parts = node.content.get("hasPart") if _is_work(node) else None
    for part in parts if isinstance(parts, list) else (parts,):
        if isinstance(part, dict):
            yield jsonld.Node(jsonld.type_of(part), part)


def _is_work(node: jsonld.Node) -> bool:
    return not node.type or node.type.endswith(_WORKS)
