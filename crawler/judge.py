"""The journey of one page: signals state, each policy decides, personal data is treated; nothing else.

The same journey serves the crawl, stored evidence and engines. It reads no settings and does no I/O. Each policy asks
itself the same question (`decide`) each time there are more facts; one whose answer closes the page drops out there,
and a page that is closed for every policy costs no more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from hashlib import sha256

from crawler import media
from crawler import text as text_room
from crawler.document import (
    DUPLICATE,
    RESULT_OF_GATE,
    Decision,
    Document,
    Evidence,
    Extracted,
    Fact,
    FindPii,
    Fingerprint,
    Gate,
    Judged,
    Outcome,
    Result,
    Span,
    Stage,
    Treatment,
)
from crawler.pii import sensitive
from crawler.pii.redact import treat
from crawler.pii.shapes import PERSON
from crawler.policy.decide import KINDS_APART, decide_all, treatment_of
from crawler.policy.policy import Policy
from crawler.policy.records import Record
from crawler.signals import at_page, read_all
from crawler.signals.normal_form import FACTS as MERGED_FACTS
from crawler.signals.normal_form import normal_form, under
from crawler.text import quality
from crawler.urls import host_of

# (language, names found in a document) -> from (entity, found text) to a pseudonym
Pseudonyms = Callable[[str, Iterable[str]], Callable[[str, str], str]]

KINDS = (
    *("contact", "payment_card", "account", "ip_address", "gov_id", "business_id", "device_id", "location"),
    *("birth_date", "secret", "person_name", *sensitive.KINDS),
)
# Stated here, not by signals:
FACTS = (
    *(
        "text",
        DUPLICATE,
        *quality.FACTS,
        "pii.any",
        "pii.names-unchecked",
        "pii-entity",
        *(f"pii.{kind}" for kind in KINDS),
    ),
    *sensitive.FACTS,
)
ROBOTS_TXT = "/robots.txt"
OPEN = (Gate.KEEP, Gate.REVIEW)  # gates under which a page goes on


@dataclass(frozen=True, slots=True)
class Gated:
    """What is known before the page is: what site files stated, what each policy makes of it, where it is stored."""

    stated: tuple[Fact, ...]
    decisions: Mapping[str, Decision]
    records: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether any policy lets the page be fetched."""
        return any(decision.gate in OPEN for decision in self.decisions.values())


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges one piece of evidence under every policy.

    Attributes:
        policies: Non-empty; their ids differ.
        find_pii: Finds personal data in (text, language); never asked before a page has passed its signals.
        pseudonyms: Makes those of one document.
        names_checked: Languages (ISO 639-1) in which `find_pii` looks for names of persons.
        records: Licenses and consents that the operator holds.
        today: The day on which records must be valid.
        links: Whether the links of pages are wanted; reading them costs as much as all the rest but names.
        fingerprint: Makes that of a text, from (site, text); None: nobody wants any.
        extract: Takes the main text out of a parsed page.
    """

    policies: tuple[Policy, ...]
    find_pii: FindPii
    pseudonyms: Pseudonyms
    names_checked: Collection[str]
    records: Sequence[Record] = ()
    today: date | None = None
    links: bool = True
    fingerprint: Callable[[str, str], Fingerprint] | None = None
    extract: Callable[[text_room.Page], Extracted] = text_room.Page.extract

    def __call__(self, evidence: Evidence) -> Judged:
        """Judge evidence that is complete: the gate first, then the page if the gate lets it be used."""
        gated = self.gate(evidence)
        return self.page(evidence, gated) if gated.is_open else self.refused(evidence, gated)

    def gate(self, evidence: Evidence) -> Gated:
        """May the page be fetched? Only site files and the run are looked at."""
        stated = read_all(replace(evidence, page=None, html=None, embedded=None))
        records = tuple(sorted({*evidence.asked, *(file.record for file in evidence.site.values() if file.record)}))
        return Gated(stated, self._decide(evidence, stated, self.policies), records)

    def refused(self, evidence: Evidence, gated: Gated) -> Judged:
        """The outcome of a page that no policy lets be fetched."""
        return _Journey(self, evidence, gated).end()

    def page(self, evidence: Evidence, gated: Gated) -> Judged:
        """What becomes of a fetched page, or of an exchange that failed."""
        journey = _Journey(self, evidence, gated)
        journey.walk()
        return journey.end()

    def again(self, url: str, facts: Iterable[Fact], policy: str) -> Decision:
        """What a policy makes of the facts of a page that was judged, and of what was found out since."""
        stated = tuple(fact for fact in facts if fact.name not in MERGED_FACTS)
        policies = [each for each in self.policies if each.id == policy]
        return self._decide(Evidence(url, ""), stated, policies)[policy]

    def _decide(self, evidence: Evidence, stated: tuple[Fact, ...], policies: Iterable[Policy]) -> dict[str, Decision]:
        read = partial(under, stated)
        return decide_all(policies, read, records=self.records, url=evidence.url, today=self.today)


class _Journey:
    """One page on its way; `closed` holds the policies that have dropped out, with the stage where they did."""

    def __init__(self, judge: Judge, evidence: Evidence, gated: Gated) -> None:
        self.judge = judge
        self.evidence = page_evidence(evidence)
        self.stated = gated.stated
        self.records = gated.records
        self.decisions: dict[str, Decision] = dict(gated.decisions)
        self.closed: dict[str, Stage] = {}
        self.documents: dict[str, Document] = {}
        self.links: tuple[str, ...] = ()
        self.pii: Counter[str] = Counter()
        self.fingerprint: Fingerprint | None = None
        self.content = ""
        self._close(Stage.FETCH)

    def walk(self) -> None:
        """Go through the stages until no policy is left."""
        page = self.evidence.page
        assert page is not None
        parsed = text_room.parse(page) if page.has_content else None
        seen = replace(self.evidence, html=parsed.tree if parsed else None, embedded=media.embedded(page))
        if not self._state(read_all(seen), Stage.SIGNALS if page.has_content else Stage.FETCH):
            return
        if kind := text_room.sitemap_kind(page):
            self.links = text_room.listed(page)
            self._state([Fact("text", kind, "body")], Stage.TEXT)
            return
        if parsed and self.judge.links:
            self.links = parsed.links()
        extracted = (
            self.judge.extract(parsed) if parsed else text_room.read_plain(page) if text_room.is_plain(page) else None
        )
        if extracted is None:
            self._state([Fact("text", "unsupported-media-type", "header:content-type")], Stage.TEXT)
        elif not extracted.text:
            self._state([Fact("text", "empty", "body")], Stage.TEXT)
        elif self._state(quality.facts_of(extracted), Stage.TEXT):
            self._clean(extracted)

    def _clean(self, extracted: Extracted) -> None:
        """Find personal data once, for all policies; then let each treat it by its own table."""
        find, language = self.judge.find_pii, extracted.language
        fields = {"text": extracted.text, "title": extracted.title, "author": extracted.author}
        spans = {name: find(value, language) if value else () for name, value in fields.items()}
        spans["author"] = _byline(extracted.author)
        said = sensitive.find_in_fields(fields, language, spans, self._clues(extracted))
        spans |= said.spans
        self.pii = Counter(span.entity for found in spans.values() for span in found)
        kinds = sorted({span.kind for found in spans.values() for span in found})
        unchecked = "" if language in self.judge.names_checked else language or "unknown"
        found = (span for each in spans.values() for span in each)
        self._state((*facts_of_finds(found, unchecked), *said.facts), Stage.PERSONAL_DATA)
        license_ = next((str(fact.value) for fact in normal_form(self.stated) if fact.name == "license"), "")
        self.content = _digest(extracted, license_)
        pseudonym = self.judge.pseudonyms(language, _names(fields, spans))

        def again(clean: str) -> tuple[Span, ...]:
            return find(clean, language)

        cleaned: dict[tuple[Treatment, ...], dict[str, str]] = {}
        for policy in self._open():
            decision = self.decisions[policy.id]
            treatments = {kind: treatment_of(decision, kind) for kind in kinds}
            key = tuple(treatments.values())
            if key not in cleaned:  # policies that treat alike share one text
                cleaned[key] = {
                    name: treat(value, spans[name], partial(treatment_of, decision), pseudonym, again)
                    for name, value in fields.items()
                }
            self.documents[policy.id] = self._document(extracted, license_, cleaned[key], treatments)
        if self.documents and self.judge.fingerprint:
            self.fingerprint = self.judge.fingerprint(host_of(self.evidence.url), extracted.text)

    def _clues(self, extracted: Extracted) -> sensitive.PageClues:
        fetched_at = self.evidence.page.fetched_at if self.evidence.page else None
        return sensitive.PageClues(
            url=self.evidence.url,
            title=extracted.title,
            types=extracted.types,
            classes=self.evidence.classes,
            year=fetched_at.year if fetched_at else 0,
            names_checked=extracted.language in self.judge.names_checked,
        )

    def _document(
        self, extracted: Extracted, license_: str, clean: Mapping[str, str], treatments: Mapping[str, Treatment]
    ) -> Document:
        assert self.evidence.page is not None
        return Document(
            url=self.evidence.url,
            text=clean["text"],
            title=clean["title"],
            author=clean["author"],
            language=extracted.language or extracted.language_declared[:2],
            date=extracted.date,
            license=license_,
            pii=dict(sorted(self.pii.items())),
            treatments={kind: treatment.name.lower() for kind, treatment in treatments.items()},
            fetched_at=self.evidence.page.fetched_at,
            engine=extracted.engine,
        )

    def _open(self) -> list[Policy]:
        return [policy for policy in self.judge.policies if policy.id not in self.closed]

    def _state(self, facts: Iterable[Fact], stage: Stage) -> bool:
        """Add facts, let the policies that are left decide again; says whether any is left after it."""
        self.stated = tuple(dict.fromkeys((*self.stated, *facts)))
        self.decisions |= self.judge._decide(self.evidence, self.stated, self._open())
        self._close(stage)
        return bool(self._open())

    def _close(self, stage: Stage) -> None:
        for policy in self._open():
            if self.decisions[policy.id].gate not in OPEN:
                self.closed[policy.id] = stage

    def end(self) -> Judged:
        """One outcome a policy."""
        outcomes = tuple(
            Outcome(
                policy=policy.id,
                result=RESULT_OF_GATE[self.decisions[policy.id].gate],
                stage=self.closed.get(policy.id, Stage.SHARD),
                decision=self.decisions[policy.id],
                document=None if policy.id in self.closed else self.documents.get(policy.id),
            )
            for policy in self.judge.policies
        )
        assert all(o.document for o in outcomes if o.result in (Result.KEPT, Result.HELD))
        return Judged(
            url=self.evidence.url,
            outcomes=outcomes,
            facts=(*self.stated, *normal_form(self.stated)),
            links=self.links,
            site_records=self.records,
            pii=dict(sorted(self.pii.items())),
            fingerprint=self.fingerprint,
            content=self.content,
        )


def facts_of_finds(spans: Iterable[Span], unchecked: str) -> Iterator[Fact]:
    """What finds of personal data state; `unchecked` is the language in which no names are looked for, "" for none."""
    found = list(spans)
    kinds = sorted({span.kind for span in found})
    yield from (Fact(f"pii.{kind}", True, "text") for kind in kinds)
    yield from (Fact("pii-entity", entity, "text") for entity in sorted({span.entity for span in found}))
    if set(kinds) - KINDS_APART:
        yield Fact("pii.any", True, "text")
    if unchecked:
        yield Fact("pii.names-unchecked", True, "text", unchecked)


def page_evidence(evidence: Evidence) -> Evidence:
    """The evidence that a page is judged on: most site files have said all they have to say at the gate."""
    return replace(evidence, site=at_page(evidence))


def _digest(extracted: Extracted, license_: str) -> str:
    """By what the same content is known again, whatever is around it on the page, and whatever treatments ask for."""
    parts = (extracted.text, extracted.title, extracted.author, extracted.date, extracted.language, license_)
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _byline(author: str) -> tuple[Span, ...]:
    """A declared author is a name by its place; no model need agree."""
    return (Span(0, len(author), "PERSON", "person_name", 1.0, "format"),) if author else ()


def _names(fields: Mapping[str, str], spans: Mapping[str, Iterable[Span]]) -> Iterator[str]:
    """The names in all fields, so that one person has one pseudonym in them."""
    return (fields[name][span.start : span.end] for name in fields for span in spans[name] if span.entity == PERSON)
