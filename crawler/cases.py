"""Files of test cases for readers of opt-outs: what our signals make of each, beside what the case expects.

The format is that of the project's `signal-cases.yaml` (described in docs/signals.md): publishers and auditors write
their own. A case is one address with everything a reader would have seen for it; no network is needed.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from resiliparse.parse.html import HTMLTree
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from crawler.document import Assertion, Embedded, Evidence, Fact, FactValue, Fetched, FetchError
from crawler.signals import licenses, read_all, robots
from crawler.signals.normal_form import State, normal_form
from crawler.sources.warc import MAX_HOPS
from crawler.urls import origin

NOW = datetime(2026, 11, 22, tzinfo=UTC)
AGENT = "ExampleTrainBot"

INPUT = frozenset(
    (
        *("robots_txt", "robots_b64", "robots_generate", "robots_status", "robots_error", "robots_headers"),
        *("robots_redirects", "robots_cached", "robots_origin", "other_origins", "status", "headers", "content_type"),
        *("html", "body", "redirects", "files", "xmp", "epub_opf", "c2pa", "to"),
    )
)

# The cases' flags, and the facts that say the same: name, and the values that do (none given: any).
FLAGS: Mapping[str, tuple[tuple[str, tuple[FactValue, ...]], ...]] = {
    "robots-unreachable": (("robots.unreachable-because", ()),),
    "robots-forbidden": (("robots.status", (401, 403)),),
    "robots-stale": (("robots.flag", ("stale",)),),
    "robots-redirect-limit": (("robots.flag", ("too-many-redirects",)),),
    "robots-html": (("robots.flag", ("html-body",)),),
    "framework-token-blocked": (("robots.flag", ("scrapy-group",)),),
    "bom": (("robots.flag", ("bom",)),),
    "malformed-rule": (("robots.flag", ("malformed-rule",)), ("content-usage.flag", ("malformed-rule",))),
    "malformed-user-agent": (("robots.flag", ("malformed-user-agent",)),),
    "malformed-reservation": (("malformed-reservation", ()),),
    "malformed-signal": (("malformed-reservation", ()), ("rsl.malformed", ())),
    "meta-in-body": (("robots-meta.in-body", ()),),
    "not-json": (("tdm-file.unread", ("not-json",)),),
    "conflict": (("conflict", ()),),
    "licence-and-reservation": (("license-and-reservation", ()),),
    "licence-unreadable": (("rsl.unread", ()),),
    "licence-scope-ambiguous": (("rsl.flag", ("licence-scope-ambiguous",)),),
    "legacy-syntax": (("rsl.flag", ("legacy-syntax",)),),
    "duplicate-key": (("content-usage.flag", ("duplicate-key",)),),
    "legacy-label": (("content-usage.flag", ("legacy-label",)),),
    "orphan-line": (("content-usage.flag", ("orphan-line",)), ("content-signal.flag", ("orphan-line",))),
    "policy-text-only": (("content-signal.flag", ("policy-text-only",)),),
    "not-text": (("ai-txt.flag", ("not-text",)), ("trust-txt.flag", ("not-text",))),
    "see-terms": (("plus.flag", ("see-terms",)),),
    "natural-language-reservation": (("terms-reservation", ()),),
    "signal-on-redirect": (),  # said of hops, see `Case.flags`
}
_FETCH = {"allowed": "allowed", "not-recorded": "allowed", "disallowed": "disallowed", "unreachable": "disallowed"}
_VENDOR = {"no-training": "reserved"}
_ACCESS = {"license-required": "licence-required"}
_REMARKS = ("reader", "because", "why")  # of an alternative, beside what it reads
_USES = ("train-ai", "search", "ai-input", "tdm", "embedded-images", "train-nongenerative", "proxy-train-ai")


class CasesError(Exception):
    """A file of cases that cannot be used; the message says where and what to mend."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one case.

    Attributes:
        id: The case's.
        agrees: Whether what we read is what the case expects.
        through: The reader of the alternative that agrees, where the main expectation does not; else "".
        differences: "train-ai: reserved expected, unknown read", one each; none where it agrees.
    """

    id: str
    agrees: bool
    through: str = ""
    differences: tuple[str, ...] = ()


def run(path: Path) -> Iterator[Finding]:
    """Read every case of a file; one that cannot be read disagrees, and says why.

    Raises:
        CasesError: The file cannot be read, or is none of this format.
    """
    sheet = _load(path)
    for number, case in enumerate(sheet["cases"], 1):
        name = str(case.get("id", f"case {number}")) if isinstance(case, dict) else f"case {number}"
        try:
            yield check(case, sheet.get("agent", AGENT))
        except KeyError as error:
            yield _unreadable(name, f"it lacks {error}")
        except (TypeError, ValueError, AttributeError, ArithmeticError) as error:
            yield _unreadable(name, str(error) or type(error).__name__)


def _unreadable(name: str, why: str) -> Finding:
    return Finding(name, agrees=False, differences=(f"cannot be read: {why}",))


def check(case: Mapping[str, Any], agent: str = AGENT) -> Finding:
    """Read one case. Raises KeyError, TypeError, ValueError, AttributeError, ArithmeticError where it is malformed."""
    if unknown := sorted(set(case["input"]) - INPUT):
        raise ValueError(f"unknown input {', '.join(unknown)}; known are {', '.join(sorted(INPUT))}")
    reading = read(case, agent)
    differences = tuple(_differences(reading, case["expect"]))
    if not differences:
        return Finding(case["id"], agrees=True)
    for alternative in case.get("alternatives", ()):
        other = {key: value for key, value in alternative.items() if key not in _REMARKS}
        if not list(_differences(reading, {**case["expect"], **other})):
            return Finding(case["id"], agrees=True, through=str(alternative.get("reader", "another reader")))
    return Finding(case["id"], agrees=False, differences=differences)


@dataclass(frozen=True, slots=True)
class Reading:
    """What we read of a case: stated facts with the normal form, and those of the hops before the page."""

    facts: tuple[Fact, ...]
    hops: tuple[tuple[Fact, ...], ...] = ()

    def says(self, key: str) -> object:
        """Our answer in the words of the cases."""
        if key in _USES:
            return self._first(key) or "unknown"
        return _ANSWERS[key](self)

    @property
    def flags(self) -> frozenset[str]:
        """Every flag of the cases that holds."""
        held = {
            flag
            for flag, facts in FLAGS.items()
            if any(f.name == name and (not values or f.value in values) for name, values in facts for f in self.facts)
        }
        reserved_on_the_way = any(
            fact.name in _USES and fact.value == State.RESERVED.name.lower() for hop in self.hops for fact in hop
        )
        return frozenset(held | ({"signal-on-redirect"} if reserved_on_the_way else set()))

    @property
    def places(self) -> frozenset[str]:
        """Where anything was read."""
        return frozenset(place for fact in self.facts for place in fact.where.split("; "))

    def values(self, name: str) -> list[FactValue]:
        """All values of a fact."""
        return [fact.value for fact in self.facts if fact.name == name]

    def _first(self, name: str) -> object:
        return next(iter(self.values(name)), None)

    def _fetch(self) -> object:
        return _FETCH.get(str(self._first("robots")), "allowed")

    def _index(self) -> object:
        words = {str(word) for name in ("x-robots-tag", "robots-meta") for word in self.values(name)}
        return "no" if words & {"noindex", "none"} else None

    def _vendor(self) -> object:
        said = {
            fact.name.removeprefix("vendor."): _VENDOR.get(str(fact.value), fact.value)
            for fact in self.facts
            if fact.name.startswith("vendor.")
        }
        return said or None

    def _license_of_images(self) -> object:
        found = licenses.recognize(str(self._first("license.embedded") or ""))
        return (found.spdx if found else self._first("license.embedded")) or None

    def _license_terms(self) -> object:
        license_, classes = str(self._first("license") or ""), self.values("license.class")
        return {
            "attribution": "-BY" in license_,
            "commercial": "noncommercial" not in classes,
            "derivatives": "noderivs" not in classes,
            "share-alike": "-SA" in license_,
        }

    def _access(self) -> object:
        found = str(self._first("access") or "open")
        return None if found == "open" else _ACCESS.get(found, found)

    def _number(self, name: str) -> object:
        found = str(self._first(name) or "")
        return int(found) if found.isdigit() else found or None


_ANSWERS: Mapping[str, Callable[[Reading], object]] = {
    "fetch": Reading._fetch,
    "index": Reading._index,
    "vendor": Reading._vendor,
    "licence": lambda reading: reading._first("license"),
    "licence-terms": Reading._license_terms,
    "embedded-images-licence": Reading._license_of_images,
    "policy": lambda reading: reading._first("tdm-policy"),
    "access": Reading._access,
    "price": lambda reading: reading._first("access.price"),
    "retry-after": lambda reading: reading._number("access.retry-after"),
    "crawl-delay": lambda reading: reading._number("robots.crawl-delay"),
}


def read(case: Mapping[str, Any], agent: str = AGENT) -> Reading:
    """Our reading of a case. Where robots.txt refuses the address, nothing but site files is read."""
    evidence = evidence_of(case, agent)
    gate = read_all(_without_page(evidence))
    refused = any(fact.name == "robots" and _FETCH.get(str(fact.value)) == "disallowed" for fact in gate)
    stated = gate if refused else read_all(evidence)
    hops = tuple(_merged(read_all(evidence_of({**case, "input": hop}, agent))) for hop in _hops(case))
    return Reading(_merged(stated), () if refused else hops)


def evidence_of(case: Mapping[str, Any], agent: str = AGENT) -> Evidence:
    """The evidence that a case describes."""
    given, url = case["input"], str(case["url"])
    headers = [(str(name), str(value)) for name, value in given.get("headers", ())]
    if "content_type" in given:
        headers.append(("Content-Type", str(given["content_type"])))
    content = str(given.get("html", given.get("body", "")))
    page = Fetched(url, int(given.get("status", 200)), tuple(headers), content.encode(), NOW)
    html = HTMLTree.parse(content) if "html" in given else None
    return Evidence(url, str(case.get("agent", agent)), dict(_site(given, url)), page, html, _embedded(given))


def _without_page(evidence: Evidence) -> Evidence:
    return Evidence(evidence.url, evidence.agent, evidence.site)


def _merged(stated: tuple[Fact, ...]) -> tuple[Fact, ...]:
    return (*stated, *normal_form(stated))


def _hops(case: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for hop in case["input"].get("redirects", ()):
        yield {key: value for key, value in hop.items() if key != "to"}


def _embedded(given: Mapping[str, Any]) -> Embedded | None:
    if not {"xmp", "epub_opf", "c2pa"} & set(given):
        return None
    return Embedded(
        (str(given["xmp"]).encode(),) if "xmp" in given else (),
        str(given.get("epub_opf", "")).encode(),
        tuple(Assertion(one["label"], one["entries"], one["manifest_valid"]) for one in given.get("c2pa", ())),
    )


def _site(given: Mapping[str, Any], url: str) -> Iterator[tuple[str, Fetched]]:
    of_robots = given
    if given.get("robots_origin", origin(url)) != origin(url):
        of_robots = given.get("other_origins", {}).get(origin(url), {})
    yield robots.PATH, _robots_txt(of_robots)
    if cached := given.get("robots_cached"):
        fetched_at = NOW - timedelta(hours=cached["age_hours"])
        yield robots.LAST_GOOD, Fetched("", 200, (), str(cached["robots_txt"]).encode(), fetched_at)
    for path, file in given.get("files", {}).items():
        headers = (("Content-Type", str(file["content_type"])),) if "content_type" in file else ()
        status = int(file.get("status", 200 if "body" in file else 404))
        yield path, Fetched(origin(url) + path, status, headers, str(file.get("body", "")).encode(), NOW)


def _robots_txt(given: Mapping[str, Any]) -> Fetched:
    if "robots_error" in given:
        return Fetched("", 0, (), b"", NOW, FetchError.TIMEOUT)
    if len(given.get("robots_redirects", ())) > MAX_HOPS:
        return Fetched("", 302, (), b"", NOW, FetchError.TOO_MANY_REDIRECTS)
    if "robots_generate" in given:
        parts = given["robots_generate"]
        padding = parts["pad_line"] * (parts["pad_bytes"] // len(parts["pad_line"]))
        body = (parts["prefix"] + padding + parts["suffix"]).encode()
    elif "robots_b64" in given:
        body = base64.b64decode("".join(given["robots_b64"].split()), validate=True)
    else:
        body = str(given.get("robots_txt", "")).encode()
    has_body = bool({"robots_generate", "robots_b64", "robots_txt"} & set(given))
    return Fetched("", int(given.get("robots_status", 200 if has_body else 404)), (), body, NOW)


def _differences(reading: Reading, expected: Mapping[str, Any]) -> Iterator[str]:
    for key, value in expected.items():
        if key in ("flags", "evidence") and not isinstance(value, list):
            raise ValueError(f"{key} needs a list, found {value}")
        if key == "flags":
            for flag in sorted(set(value) - reading.flags):
                yield f"flag {flag} expected, not raised" + ("" if flag in FLAGS else " (we know no such flag)")
        elif key == "evidence":
            for place in sorted(place for place in value if not _is_named(place, reading.places)):
                yield f"evidence {place} expected, not named"
        elif key not in (*_USES, *_ANSWERS):
            raise ValueError(f"unknown expectation {key}; known are {', '.join(sorted((*_USES, *_ANSWERS)))}")
        elif not _agrees(said := reading.says(key), value):
            yield f"{key}: {value} expected, {said} read"


def _agrees(said: object, expected: object) -> bool:
    """Whether we say what is expected; of several things at once (vendor, licence-terms) at least those."""
    if isinstance(expected, dict):
        return isinstance(said, dict) and expected.items() <= said.items()
    return said == expected


def _is_named(place: str, places: frozenset[str]) -> bool:
    """Whether we name the place; "last" is the last line of its file, whichever that is."""
    if place.endswith(":last"):
        return any(known.startswith(place.removesuffix("last") + "L") for known in places)
    return place in places


def _load(path: Path) -> dict[str, Any]:
    try:
        sheet = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CasesError(f"{path}: cannot be read ({error.strerror})") from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise CasesError(f"{path}: no valid YAML ({str(error).splitlines()[0]})") from error
    if not isinstance(sheet, dict) or not isinstance(sheet.get("cases"), list):
        raise CasesError(f"{path}: no file of cases: it needs a list 'cases'; see docs/signals.md")
    if not sheet["cases"]:
        raise CasesError(f"{path}: holds no case, so nothing can agree")
    return sheet
