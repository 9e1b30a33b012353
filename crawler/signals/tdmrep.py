"""States a reservation of text and data mining by TDMRep, from its file, headers and metas, from PDF and EPUB.

Specification: TDM Reservation Protocol, W3C community group, Final Report of 10 May 2024, read 2026-11-22.
Each later place replaces an earlier one (file, header, then HTML, PDF or EPUB), each property on its own; absence and
values that are neither 0 nor 1 replace nothing. In the file the first rule that matches counts, not the longest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from crawler.document import Embedded, Evidence, Fact, Fetched, FetchError
from crawler.signals import _opf as opf
from crawler.signals import _xmp as xmp
from crawler.signals._headers import placed
from crawler.signals._markup import Markup, base_address, collect, resolve
from crawler.signals._paths import Pattern, target_of
from crawler.signals.xmp import unread

PATH = "/.well-known/tdmrep.json"

# Points that are open to another reading, which a policy may ask for
_WRONG_TYPE = "wrong-type"  # an object in place of an array, true and "1" in place of 1
_DIFFERING = "differing-headers"  # one of several statements in one place reserves
_POINTS = (_WRONG_TYPE, _DIFFERING)

WHERE = (
    "/.well-known/tdmrep.json",
    "headers tdm-reservation, tdm-policy",
    "HTML meta",
    "EPUB package document",
    "XMP in PDF",
)
NEEDS = (PATH,)
FACTS = (
    "tdm-reservation",
    *(f"tdm-reservation@{point}" for point in _POINTS),
    "tdm-reservation.overridden",
    "tdm-reservation.malformed",
    "tdm-policy",
    "tdm-file.unread",
    "tdm-epub.unread",
)
SPECIFICATION = "TDMRep, W3C community group Final Report, 10 May 2024, read 2026-11-22"

_FILE = "file:.well-known/tdmrep.json"
_XMP = "http://www.w3.org/ns/tdmrep/"
_OPF = "http://www.w3.org/ns/tdmrep#"
_MEANT_AS_1 = ("true", '"1"')  # as JSON


def at_page(_: Evidence) -> tuple[str, ...]:
    """The file is read once more with the page, whose header and metas may replace it."""
    return (PATH,)


class _Said(NamedTuple):
    """A property as one place gives it."""

    value: str
    where: str
    quote: str


class _Place(NamedTuple):
    """What one place says: reservation ("0", "1"), policy address, and the reasons of what it fails to say."""

    reservation: _Said | None = None
    policy: _Said | None = None
    malformed: tuple[_Said, ...] = ()


def read(evidence: Evidence) -> Iterator[Fact]:
    """State the reservation in force and its policy, what they replaced, and what could not be read.

    Yields:
        `tdm-reservation` "0" or "1" and `tdm-policy`, an absolute address, unless the reservation is "0".
        `tdm-reservation.overridden` for values of less specific places, `tdm-reservation.malformed` with the reason
        for each statement that tries to reserve and is not valid, `tdm-reservation@<point>` where another reading of
        one comes to another value, `tdm-file.unread` and `tdm-epub.unread` with the reason for what may be there and
        could not be read. Without a page nothing is in force yet: its header or meta may replace the file.
    """
    if evidence.page is None:
        return
    yield from _unread(evidence)
    places = _places(evidence, evidence.page)
    yield from _in_force(places)
    if any(place.malformed for place in places):
        as_specified = _reservation(places)
        for point in _POINTS:
            said = _reservation(_places(evidence, evidence.page, point))
            if said and (as_specified is None or said.value != as_specified.value):
                yield Fact(f"tdm-reservation@{point}", *said)


def _places(evidence: Evidence, page: Fetched, point: str = "") -> Sequence[_Place]:
    """What each place says, the least specific first: as specified, or with the other reading of one point."""
    places = []
    fetched = evidence.site.get(PATH)
    if fetched is not None and fetched.has_content and (file := _parse(fetched.body)):
        places.append(_of_file(file, evidence.url, point))
    places.append(_of_headers(page, point))
    if evidence.html is not None:
        places.append(_of_metas(collect(evidence.html), evidence.url, point))
    if evidence.embedded is not None:
        places.append(_of_xmp(evidence.embedded, evidence.url, point))
        places.append(_of_epub(evidence.embedded, evidence.url, point))
    return places


def _reservation(places: Sequence[_Place]) -> _Said | None:
    return next((place.reservation for place in reversed(places) if place.reservation), None)


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
        for reason, where, quote in place.malformed:
            yield Fact("tdm-reservation.malformed", reason, where, quote)


def _place(reservations: Sequence[_Said], policies: Sequence[_Said], point: str) -> _Place:
    """One place from all its statements; two that differ are none."""
    if point == _WRONG_TYPE:
        reservations = [said._replace(value="1") if said.value in _MEANT_AS_1 else said for said in reservations]
    policy = policies[0] if policies else None
    reserving = [said for said in reservations if said.value == "1"]
    if {said.value for said in reservations} in ({"0"}, {"1"}):
        return _Place(reservations[0], policy)
    if reserving and point == _DIFFERING:
        return _Place(reserving[0], policy)
    lost = (said._replace(value=_reason(said.value)) for said in reservations if said.value != "0")
    return _Place(None, policy, tuple(lost))


def _reason(value: str) -> str:
    """Why a statement does not count."""
    if value == "1":
        return "differing"
    return "wrong-type" if value in ("true", "false", "null") or value.startswith(('"', "[", "{")) else "wrong-value"


def _of_headers(page: Fetched, point: str) -> _Place:
    reservations = [_Said(line.strip(), where, line[:200]) for where, line in placed(page, "tdm-reservation")]
    policies = (_Said(line, where, line[:200]) for where, line in placed(page, "tdm-policy"))
    return _place(reservations, _resolved(page.url, policies), point)


def _of_metas(markup: Markup, url: str, point: str) -> _Place:
    metas = [(meta.name, meta.in_head, _Said(meta.content, meta.where, meta.quote)) for meta in markup.metas]
    reservations = [said for name, in_head, said in metas if name == "tdm-reservation" and in_head]
    policies = (said for name, in_head, said in metas if name == "tdm-policy" and in_head)
    place = _place(reservations, _resolved(base_address(markup, url), policies), point)
    elsewhere = (said for name, in_head, said in metas if name == "tdm-reservation" and not in_head)
    place = _also_lost(place, elsewhere, "in-body")  # anybody may be able to write into the body
    properties = (meta for meta in markup.metas if meta.property_name == "tdm-reservation")
    of_rdfa = (_Said(meta.content, meta.where, meta.quote) for meta in properties)
    return _also_lost(place, of_rdfa, "in-property")  # another vocabulary


def _of_xmp(embedded: Embedded, url: str, point: str) -> _Place:
    def said(namespace: str, name: str) -> list[_Said]:
        found = xmp.values(embedded, namespace, name, f"tdm:{name}")
        return [_Said(text, where, text[:200]) for text, where in found]

    place = _place(said(_XMP, "reservation"), _resolved(url, said(_XMP, "policy")), point)
    return _also_lost(place, said(_OPF, "reservation"), "wrong-namespace")  # slash and hash are easily confused


def _of_epub(embedded: Embedded, url: str, point: str) -> _Place:
    metas = opf.metas(embedded.opf, tdm=_OPF) or ()

    def said(namespace: str, name: str) -> list[_Said]:
        found = (text for key, text in metas if key == namespace + name)
        return [_Said(text, f"epub:tdm:{name}", text[:200]) for text in found]

    place = _place(said(_OPF, "reservation"), _resolved(url, said(_OPF, "policy")), point)
    return _also_lost(place, said(_XMP, "reservation"), "wrong-namespace")


def _also_lost(place: _Place, said: Iterable[_Said], reason: str) -> _Place:
    """With what does not count in this place, whatever it says; 0 would reserve nothing anyway."""
    lost = (one._replace(value=reason) for one in said if one.value != "0")
    return place._replace(malformed=(*place.malformed, *lost))


def _resolved(base: str, policies: Iterable[_Said]) -> list[_Said]:
    """The policies that have an address, which is made absolute."""
    return [said._replace(value=address) for said in policies if (address := resolve(base, said.value))]


def _unread(evidence: Evidence) -> Iterator[Fact]:
    """What could not be read: the site's file, an EPUB's package document."""
    fetched = evidence.site.get(PATH)
    if fetched is not None and (reason := _unread_because(fetched)):
        yield Fact("tdm-file.unread", reason, f"status:tdmrep.json={fetched.status or 'error'}")
    elif fetched is not None and fetched.has_content and _parse(fetched.body) is None:
        yield Fact("tdm-file.unread", "not-json", _FILE)
    for reason in unread(evidence, "opf"):
        yield Fact("tdm-epub.unread", reason, "body")
    if evidence.embedded and evidence.embedded.opf and opf.metas(evidence.embedded.opf, tdm=_OPF) is None:
        yield Fact("tdm-epub.unread", "not-xml", "body")


def _unread_because(fetched: Fetched) -> str:
    """Why a file that may exist could not be read; "" for an answer, also one that says there is none."""
    if fetched.error is not FetchError.NONE:
        return fetched.error.value
    if fetched.status == 429:
        return "429"
    return f"{fetched.status // 100}xx" if not 200 <= fetched.status < 300 and fetched.status // 100 != 4 else ""


class _Rule(NamedTuple):
    """An element of the file; without a pattern nobody can tell what it is about."""

    quote: str
    where: str = _FILE
    pattern: Pattern | None = None
    reservation: str = ""  # "0", "1", or the wrong value as JSON; without a pattern the reason
    policy: str = ""


class _File(NamedTuple):
    """The file as parsed; one that is no array does not count, but tells what it was meant to say."""

    rules: tuple[_Rule, ...]
    is_array: bool = True


@lru_cache(maxsize=64)
def _parse(body: bytes) -> _File | None:
    """The rules of a file in its order; None when it is not JSON."""
    try:
        loaded = json.loads(body.decode("utf-8-sig"))
        if isinstance(loaded, list):
            return _File(tuple(_rule(item)._replace(where=f"{_FILE}#/{index}") for index, item in enumerate(loaded)))
        return _File(tuple(map(_rule, _meant(loaded))), is_array=False) if b"tdm" in body else _File(())
    except (ValueError, RecursionError):
        return None


def _meant(loaded: object) -> Iterator[object]:
    """The rules of a file that is one itself, or has an array of them as a member."""
    if isinstance(loaded, dict) and "tdm-reservation" not in loaded:
        for member in loaded.values():
            yield from member if isinstance(member, list) else ()
    else:
        yield loaded


def _rule(item: object) -> _Rule:
    quote = json.dumps(item)[:200]
    if not isinstance(item, dict):
        return _Rule(quote, reservation="not-an-object")
    location, value, policy = item.get("location"), item.get("tdm-reservation"), item.get("tdm-policy")
    if not isinstance(location, str) or not location:
        return _Rule(quote, reservation="no-location")
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    reservation = str(int(value == 1)) if is_number and value in (0, 1) else json.dumps(value)
    return _Rule(quote, _FILE, Pattern.written(location), reservation, policy if isinstance(policy, str) else "")


def _of_file(file: _File, url: str, point: str) -> _Place:
    if not file.is_array and point != _WRONG_TYPE:
        return _Place(malformed=(_Said("not-an-array", _FILE, ""),))
    target = target_of(url)
    lost = tuple(_Said(rule.reservation, rule.where, rule.quote) for rule in file.rules if rule.pattern is None)
    for rule in file.rules:
        if rule.pattern is not None and rule.pattern.matches(target):
            policies = [_Said(rule.policy, rule.where, rule.quote)] if rule.policy else []
            place = _place([_Said(rule.reservation, rule.where, rule.quote)], _resolved(url, policies), point)
            return place._replace(malformed=(*place.malformed, *lost))
    return _Place(malformed=lost)
