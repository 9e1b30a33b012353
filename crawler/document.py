"""The values that travel through the rooms; see the words in README.md. Nothing here reads, decides or writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from resiliparse.parse.html import HTMLTree

FactValue = str | bool | int
HEADERS, HTML = "headers", "html"  # parts of an exchange that an archive may lack
DUPLICATE = "duplicate"  # the fact that a text was there before; `where` is "<policy>:<url_sha256 of the first>"


class FetchError(StrEnum):
    """Why an exchange has no usable answer. `NONE` says that it has one."""

    NONE = ""
    TIMEOUT = "timeout"
    REFUSED = "refused"  # connection refused or reset
    DNS = "dns"
    TLS = "tls"
    TOO_LARGE = "too-large"
    TOO_MANY_REDIRECTS = "too-many-redirects"
    ADDRESS = "address-refused"  # loopback, private or link-local, not allowed by the operator
    SCHEME = "scheme-refused"  # neither http nor https
    INVALID_URL = "invalid-url"
    BROKEN = "broken"  # any other failure of transport or of HTTP
    NOT_RECORDED = "not-recorded"  # an archive holds no such exchange
    NOT_ASKED = "not-asked"  # the gate refused it, so nothing was requested
    ASKED_TO_WAIT = "asked-to-wait"  # the host wants to be left alone for longer than we wait
    WORKER_DIED = "worker-died"
    WORKER_TIMEOUT = "worker-timeout"
    WORKER_ERROR = "worker-error"


@dataclass(frozen=True, slots=True)
class Fetched:
    """One HTTP exchange, or its failure.

    Attributes:
        url: The address asked for, as sent.
        status: HTTP status; 0 without an answer.
        headers: Name and value pairs in the order received, repeats kept; bytes decoded as Latin-1.
        body: The content after transfer and content coding were undone.
        fetched_at: UTC, with zone.
        error: Why there is no usable answer.
        final_url: Where redirects of a site file ended; "" when there were none. Pages are never
            followed here: each hop of a page is an exchange of its own.
        record: Where the exchange is stored, "<file>#<offset>"; "" when it is not.
        site_file: Whether it was fetched for what it says about pages, not to be judged itself.
        unrecorded: What whoever stored it left out of the exchange: HEADERS, HTML, or both.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    fetched_at: datetime | None = None
    error: FetchError = FetchError.NONE
    final_url: str = ""
    record: str = ""
    site_file: bool = False
    unrecorded: tuple[str, ...] = ()

    @property
    def has_content(self) -> bool:
        """Whether it brought content to judge: an answer of status 2xx."""
        return not self.error and 200 <= self.status < 300

    def header(self, name: str) -> tuple[str, ...]:
        """All values of one header, in order, the name compared without case."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key.lower() == wanted)


@dataclass(frozen=True, slots=True)
class Assertion:
    """A training-and-data-mining assertion of a C2PA manifest: its label, and what it says of each use.

    `entries` maps the entry's name, with prefix ("cawg.ai_inference"), to its fields ("use", "constraint_info").
    `valid` says whether the manifest passed validation.
    """

    label: str
    entries: Mapping[str, Mapping[str, str]]
    valid: bool


@dataclass(frozen=True, slots=True)
class Embedded:
    """Metadata that a file carries about itself, as found; read by the room `media`.

    Attributes:
        xmp: XMP packets (RDF/XML), in the order found.
        opf: The package document of an EPUB; b"" when it is none.
        c2pa: Assertions of the active C2PA manifest.
        unread: What could not be read and why ("c2pa: not installed"), one entry a kind.
    """

    xmp: tuple[bytes, ...] = ()
    opf: bytes = b""
    c2pa: tuple[Assertion, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen for one URL.

    Attributes:
        url: The page's address, without fragment.
        agent: Our bare product token, as robots.txt knows it.
        site: Site files by path on the page's origin, e.g. "/robots.txt", those of other hosts by address; one
            that is absent was not asked for.
        page: The page's exchange; None means "may we fetch it?".
        html: The page parsed as HTML, by the judge, once; None when it is no HTML.
        embedded: What the page, being a media file, an EPUB or a PDF, says about itself; None when it is none.
        run: Facts of the run by name ("purpose", "actor", "commercial", ...), as the operator gave them.
        classes: Source classes of this URL ("pirate", "dataset_for_sale", ...), from lists.
        registries: Answer of each opt-out registry that was asked: "listed", "not-listed" or "unknown".
        asked: Records of the robots.txt of other hosts that were looked at before their files were asked for.
    """

    url: str
    agent: str
    site: Mapping[str, Fetched] = field(default_factory=dict)
    page: Fetched | None = None
    html: HTMLTree | None = None
    embedded: Embedded | None = None
    run: Mapping[str, str] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    registries: Mapping[str, str] = field(default_factory=dict)
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was said: name, value, where exactly, short quote (at most 200 characters)."""

    name: str
    value: FactValue
    where: str = ""
    quote: str = ""


class Gate(IntEnum):
    """What rules ask of a page, weakest first; the strongest of the rules that fired wins."""

    KEEP = 0
    REVIEW = 1
    REQUIRE_LICENSE = 2
    REQUIRE_CONSENT = 3
    RETRY = 4  # nothing was received or understood: not written, may be tried again
    DROP = 5


class Treatment(IntEnum):
    """What rules ask for one kind of personal data, weakest first."""

    KEEP = 0
    PSEUDONYMIZE = 1
    REDACT = 2


class Stage(StrEnum):
    """Where an outcome was decided."""

    FETCH = "fetch"  # the gate before the request, and the request itself
    SIGNALS = "signals"  # what the page and its headers say
    TEXT = "text"
    PERSONAL_DATA = "personal-data"
    DUPLICATES = "duplicates"  # the crawl has the text already
    SHARD = "shard"


class Result(StrEnum):
    """What became of one URL under one policy."""

    KEPT = "kept"
    DROPPED = "dropped"
    HELD = "held"
    FAILED = "failed"
    UNCHANGED = "unchanged"  # written by an earlier crawl, and nothing has changed since
    PENDING = "pending"  # accepted, not yet decided; never written as a line


RESULT_OF_GATE: Mapping[Gate, Result] = MappingProxyType(
    {
        Gate.KEEP: Result.KEPT,
        Gate.REVIEW: Result.HELD,
        Gate.REQUIRE_LICENSE: Result.DROPPED,
        Gate.REQUIRE_CONSENT: Result.DROPPED,
        Gate.RETRY: Result.FAILED,
        Gate.DROP: Result.DROPPED,
    }
)


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that fired: its id, its effect's name, the citation keys in force, and its status."""

    rule: str
    effect: str
    citations: tuple[str, ...] = ()
    status: str = "ours"


@dataclass(frozen=True, slots=True)
class Decision:
    """What one policy makes of some facts.

    Attributes:
        gate: The strongest gate among the rules that fired, met requirements left out.
        treatments: Per kind of personal data ("contact", ...) the strongest treatment asked for.
        fired: Every rule that fired, sorted by id.
        deciding: The rule that set the gate, the first by id among equals; None when no rule fired.
        met: Ids of the records that met a requirement.
    """

    gate: Gate
    treatments: Mapping[str, Treatment]
    fired: tuple[Fired, ...]
    deciding: Fired | None
    met: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """One find of personal data; offsets are characters, end exclusive.

    `entity` is Presidio's name (EMAIL_ADDRESS), `kind` the word of the policies (contact), `tier` how
    sure the record may sound: "checked" (check digits fit), "format", "model", "meaning" (words near a person).
    """

    start: int
    end: int
    entity: str
    kind: str
    score: float
    tier: str


@dataclass(frozen=True, slots=True)
class Extracted:
    """The main text of one page and what the page declares about itself; "" where it declares nothing."""

    text: str
    title: str = ""
    language: str = ""  # ISO 639-1, detected from the text
    language_declared: str = ""
    date: str = ""  # ISO 8601 date of publication
    author: str = ""
    engine: str = ""  # library and version that extracted the text
    types: tuple[str, ...] = ()  # what the page says it is: names of schema.org types ("NewsArticle"), once each


@dataclass(frozen=True, slots=True)
class Document:
    """A clean training record before it has a place in a shard."""

    url: str
    text: str
    title: str
    author: str
    language: str
    date: str
    license: str  # SPDX id or address, "" when none was found
    pii: Mapping[str, int]  # entity -> how many were found in this document
    treatments: Mapping[str, str]  # kind -> treatment applied
    fetched_at: datetime | None
    engine: str
    boilerplate_lines: int = 0  # lines that other pages of its site had before it


@dataclass(frozen=True, slots=True)
class Stands:
    """The record of an earlier crawl that still stands, by the ledger line that tells of it.

    Attributes:
        crawl: Id of that crawl.
        ledger: `seq` of the line there.
        result: What the line says: kept or held.
        shard: Place of the record in that crawl's folder.
        treatments: Kind of personal data -> treatment applied to it.
    """

    crawl: str
    ledger: int
    result: str
    shard: str
    treatments: Mapping[str, str] = field(default_factory=dict)

    def as_mapping(self) -> dict[str, str | int]:
        """What a ledger line says of it."""
        return {"crawl": self.crawl, "ledger": self.ledger, "result": self.result, "shard": self.shard}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one URL under one policy, and why.

    `document` is there for kept and held ones only, `stands` for unchanged ones only.
    """

    policy: str
    result: Result
    stage: Stage
    decision: Decision
    document: Document | None = None
    stands: Stands | None = None


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """By what the main text of a page is known again; see `crawler.fingerprint`. b"" for what nobody asked for."""

    exact: bytes = b""
    near: bytes = b""
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """One URL judged under every selected policy.

    Attributes:
        url: The URL judged, without fragment.
        outcomes: One per policy, in the order of the policies.
        facts: Everything that was said about it.
        links: Absolute http(s) links found on the page; empty unless some policy let the page be used.
        record: The page's WARC record without its body, one gzip member, to be appended by the writer; b"" when none.
        body_record: The whole exchange, likewise, for as long as bodies may be kept; b"" when it is not kept.
        site_records: References of the site files that were read, "<file>#<offset>".
        pii: Entity -> number found, whatever policies made of them.
        fingerprint: Of its text as extracted; None where no policy let it be written.
        content: SHA-256, in hex, of all that a record would hold of it, before any treatment; "" when nobody looked.
    """

    url: str
    outcomes: tuple[Outcome, ...]
    facts: tuple[Fact, ...] = ()
    links: tuple[str, ...] = ()
    record: bytes = b""
    body_record: bytes = b""
    site_records: tuple[str, ...] = ()
    pii: Mapping[str, int] = field(default_factory=dict)
    fingerprint: Fingerprint | None = None
    content: str = ""


FindPii = Callable[[str, str], tuple[Span, ...]]  # (text, ISO 639-1 language) -> spans, sorted by start


def url_id(url: str) -> str:
    """SHA-256 of the URL's UTF-8 bytes, in hex: the name of a URL wherever the URL itself may not stand."""
    return sha256(url.encode("utf-8", "surrogatepass")).hexdigest()
