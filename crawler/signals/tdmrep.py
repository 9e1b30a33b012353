"""States a reservation of text and data mining by TDMRep, from its file, its headers and its metas.

Specification: TDM Reservation Protocol, W3C community group, Final Report of 10 May 2024, read 2026-11-22.
Each later place replaces an earlier one (file, header, HTML), each property on its own; absence and values that are
neither 0 nor 1 replace nothing. In the file the first rule that matches counts, not the longest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from crawler.document import Evidence, Fact, Fetched, FetchError
from crawler.signals._markup import Markup, base_address, collect, resolve
from crawler.signals._paths import Pattern, target_of

PATH = "/.well-known/tdmrep.json"

NEEDS = (PATH,)
FACTS = (
    "tdm-reservation",
    "tdm-reservation.overridden",
    "tdm-reservation.malformed",
    "tdm-policy",
    "tdm-file.unread",
)
SPECIFICATION = "TDMRep, W3C community group Final Report, 10 May 2024, read 2026-11-22"

_FILE = "file:.well-known/tdmrep.json"


class _Said(NamedTuple):
    """A property as one place gives it."""

    value: str
    where: str
    quote: str


class _Place(NamedTuple):
    """What one place says: reservation ("0", "1"), policy address, what it tries to say and fails."""

    reservation: _Said | None = None
    policy: _Said | None = None
    malformed: tuple[_Said, ...] = ()


def read(evidence: Evidence) -> Iterator[Fact]:
    """State the reservation in force and its policy, what they replaced, and what could not be read.

    Yields:
        `tdm-reservation` "0" or "1" and `tdm-policy`, an absolute address, unless the reservation is "0".
        `tdm-reservation.overridden` for values of less specific places, `tdm-reservation.malformed` for each
        statement that tries to reserve and is not valid, `tdm-file.unread` with the reason where the file may
        exist and could not be read. Without a page nothing is in force yet: its header or meta may replace the file.
    """
    if evidence.page is None:
        return
    fetched = evidence.site.get(PATH)
    places = []
    if fetched is not None:
        if reason := _unread_because(fetched):
            yield Fact("tdm-file.unread", reason, f"status:tdmrep.json={fetched.status or 'error'}")
        elif 200 <= fetched.status < 300:
            rules = _parse(fetched.body)
            if rules is None:
                yield Fact("tdm-file.unread", "not-json", _FILE)
            else:
                places.append(_of_file(rules, evidence.url))
    places.append(_of_headers(evidence.page))
    if evidence.html is not None:
        places.append(_of_metas(collect(evidence.html), evidence.url))
    yield from _in_force(places)


def _in_force(places: Sequence[_Place]) -> Iterator[Fact]:
    reservations = [place.reservation for place in places if place.reservation]
    for said in reservations[:-1]:
        yield Fact("tdm-reservation.overridden", *said)
    if reservations:
        yield Fact("tdm-reservation", *reservations[-1])
    policies = [place.policy for place in places if place.policy]
    if policies and not (reservations and reservations[-1].value == "0"):
        yield Fact("tdm-policy", *policies[-1])
    for place in places:
        for _, where, quote in place.malformed:
            yield Fact("tdm-reservation.malformed", True, where, quote)


def _place(reservations: Sequence[_Said], policies: Sequence[_Said]) -> _Place:
    """One place from all its statements; two that differ are none."""
    values = {said.value for said in reservations}
    if values <= {"0", "1"} and len(values) == 1:
        return _Place(reservations[0], policies[0] if policies else None)
    return _Place(None, policies[0] if policies else None, tuple(said for said in reservations if said.value != "0"))


def _of_headers(page: Fetched) -> _Place:
    lines = page.header("tdm-reservation")
    where = "header:tdm-reservation" + ("[{}]" if len(lines) > 1 else "")
    reservations = [_Said(line.strip(), where.format(i), line[:200]) for i, line in enumerate(lines)]
    policies = [
        _Said(address, "header:tdm-policy", line[:200])
        for line in page.header("tdm-policy")
        if (address := resolve(page.url, line))
    ]
    return _place(reservations, policies)


def _of_metas(markup: Markup, url: str) -> _Place:
    reservations, policies, elsewhere = [], [], []
    for meta in markup.metas:
        if meta.name == "tdm-reservation":
            said = _Said(meta.content, meta.where, meta.quote)
            if meta.in_head:
                reservations.append(said)
            elif said.value != "0":
                elsewhere.append(said)  # anybody may be able to write into the body
        elif meta.name == "tdm-policy" and meta.in_head:
            address = resolve(base_address(markup, url), meta.content)
            policies += [_Said(address, meta.where, meta.quote)] if address else []
    place = _place(reservations, policies)
    return place._replace(malformed=(*place.malformed, *elsewhere))


def _unread_because(fetched: Fetched) -> str:
    """Why a file that may exist could not be read; "" for an answer, also one that says there is none."""
    if fetched.error is not FetchError.NONE:
        return fetched.error.value
    if fetched.status == 429:
        return "429"
    return f"{fetched.status // 100}xx" if not 200 <= fetched.status < 300 and fetched.status // 100 != 4 else ""


class _Rule(NamedTuple):
    """An element of the file; without a pattern nobody can tell what it is about."""

    where: str
    quote: str
    pattern: Pattern | None = None
    reservation: str = ""  # "0", "1", or the wrong value as JSON
    policy: str = ""


@lru_cache(maxsize=64)
def _parse(body: bytes) -> tuple[_Rule, ...] | None:
    """The rules of a file in its order; None when it is not JSON."""
    try:
        loaded = json.loads(body.decode("utf-8-sig"))
        if isinstance(loaded, list):
            return tuple(_rule(f"{_FILE}#/{index}", item) for index, item in enumerate(loaded))
    except (ValueError, RecursionError):
        return None
    return (_Rule(_FILE, ""),) if b"tdm" in body else ()


def _rule(where: str, item: object) -> _Rule:
    quote = json.dumps(item)[:200]
    location = item.get("location") if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(location, str) or not location:
        return _Rule(where, quote)
    value, policy = item.get("tdm-reservation"), item.get("tdm-policy")
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    reservation = str(int(value == 1)) if is_number and value in (0, 1) else json.dumps(value)
    return _Rule(where, quote, Pattern.written(location), reservation, policy if isinstance(policy, str) else "")


def _of_file(rules: Sequence[_Rule], url: str) -> _Place:
    target = target_of(url)
    lost = tuple(_Said("", rule.where, rule.quote) for rule in rules if rule.pattern is None)
    for rule in rules:
        if rule.pattern is not None and rule.pattern.matches(target):
            address = resolve(url, rule.policy) if rule.policy else ""
            policies = [_Said(address, rule.where, rule.quote)] if address else []
            place = _place([_Said(rule.reservation, rule.where, rule.quote)], policies)
            return place._replace(malformed=(*place.malformed, *lost))
    return _Place(malformed=lost)
