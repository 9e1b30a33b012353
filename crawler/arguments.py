"""What the operator asks for with `-a`: checked as a whole before the first request, with one clear message."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

from crawler import stored_rules
from crawler.addresses import is_loopback_host
from crawler.audit.ledger_files import FOLDER as LEDGER
from crawler.classes import SourceClasses, load_classes
from crawler.fingerprint import KEEP, MODES, MissingExtra, check_mode
from crawler.judge import FACTS
from crawler.policy.load import load_all
from crawler.policy.policy import Policy, looked_at_by
from crawler.policy.records import Record, load_records
from crawler.policy.requires import check_run
from crawler.policy.vocabulary import values_of
from crawler.retention import Retention, retention_of
from crawler.shards import formats
from crawler.signals import known_facts
from crawler.urls import Scope, host_of, normalize

AGENT = "UsufructBot"  # the product token, for robots.txt (RFC 9309 section 2.2.1)
VERSION = "0.1"
MAILBOX = re.compile(r"[^@\s<>()]+@[^@\s<>()]+\.[^@\s<>()]+")
NEXT_SEED = re.compile(r",(?=[A-Za-z][A-Za-z0-9+.-]*://)")
STDIN = "-"
FETCHED_BY = ("us", "others")
BODIES = ("none", "retention", "all")
RUN_FACTS = ("purpose", "actor", "commercial", "stage")
# The run that the acceptance matrix assumes where the operator says nothing (jurisdictions-decisions.md, 12).
RUN_DEFAULTS = {"purpose": "model-training", "actor": "company", "commercial": "yes", "stage": "collect"}


class ArgumentError(Exception):
    """The operator asks for something that cannot be done; the message says what, what is allowed, what to do."""


@dataclass(frozen=True, slots=True)
class Judging:
    """The arguments that say how pages are judged and where the outcomes go; shared by `crawl` and `judge`."""

    policies: tuple[Policy, ...]
    out: Path
    format: str
    bodies: str
    run: Mapping[str, str]
    records: tuple[Record, ...]
    records_file: bytes  # where they come from, as given
    classes: SourceClasses
    competes_with: frozenset[str]
    duplicates: str = KEEP

    @property
    def wanted(self) -> frozenset[str]:
        """The facts that some policy looks at, or some record; nobody is asked for the others."""
        return looked_at_by(self.policies).union(*(record.scope for record in self.records))

    @property
    def keep_bodies(self) -> bool:
        """Whether page bodies are stored: as long as every selected policy has days for them, unless said otherwise."""
        if self.bodies == "retention":
            return all(policy.bodies_days > 0 for policy in self.policies)
        return self.bodies == "all"

    @property
    def retention(self) -> Retention:
        """How long they stay."""
        return retention_of(self.bodies, self.policies)

    def run_of(self, url: str) -> dict[str, str]:
        """The run facts as they stand for one URL: competition is with somebody."""
        return {**self.run, "competes": "yes" if _is_listed(url, self.competes_with) else "no"}

    def classes_of(self, url: str) -> tuple[str, ...]:
        """The source classes of a URL, by the shipped lists and the operator's."""
        return self.classes.of(url)


@dataclass(frozen=True, slots=True)
class Crawling:
    """The arguments that say what is fetched and as whom.

    Attributes:
        known: The book of known pages, or the folder of a crawl; None where every page is new.
    """

    seeds: str
    contact: str
    follow: int
    scope: Scope
    limit: int | None
    known: Path | None = None

    def each_seed(self) -> Iterator[str]:
        """The seeds as they were written, one at a time. Reads the file or standard input."""
        if self.seeds == STDIN:
            yield from _lines(sys.stdin.buffer)
        elif "://" in self.seeds:
            yield from filter(None, (part.strip() for part in NEXT_SEED.split(self.seeds)))
        else:
            try:
                with Path(self.seeds).open("rb") as file:
                    yield from _lines(file)
            except OSError as error:
                raise ArgumentError(f"seeds={self.seeds}: cannot be read: {error.strerror}") from error

    @property
    def user_agent(self) -> str:
        """Who we are, with an address for those who ask (RFC 9110 section 10.1.5)."""
        return f"{AGENT}/{VERSION} (+{self.contact})" if self.contact else f"{AGENT}/{VERSION}"

    @property
    def identity(self) -> dict[str, str]:
        """The headers of every request; From only where the contact is a mailbox (RFC 9110 section 10.1.2)."""
        mailbox = {"From": self.contact} if MAILBOX.fullmatch(self.contact) else {}
        return {"User-Agent": self.user_agent, **mailbox}


JUDGING_ARGUMENTS = (
    *("policy", "out", "format", "bodies", "duplicates", "records", "classes", "competes_with", "include_bills"),
    *RUN_FACTS,
)  # fmt: skip
CRAWLING_ARGUMENTS = ("seeds", "contact", "follow", "scope", "limit", "known")


def default_out() -> str:
    """A folder of the crawl's own, where the operator names none."""
    return f"crawls/{datetime.now(UTC):%Y%m%d-%H%M%S}"


def check_names(given: Mapping[str, str], known: tuple[str, ...]) -> None:
    """Raise ArgumentError for an argument that nobody reads."""
    for name in given:
        if name not in known:
            raise ArgumentError(f"-a {name}=: unknown argument{_guess(name, known)}; known are {', '.join(known)}")


def all_facts() -> frozenset[str]:
    """Every fact name that a policy may ask for."""
    return known_facts().union(FACTS)


def judging(given: Mapping[str, str], *, today: date, fetched_by: str) -> Judging:
    """Read the arguments of judging.

    Raises:
        ArgumentError: A value is missing or cannot be used.
        PolicyError: A policy or record file is wrong, or a policy does not admit the run.
    """
    for name in ("policy", "out"):
        if not given.get(name):
            raise ArgumentError(f"-a {name}= is missing; for example -a policy=jp,eu -a out=crawls/first")
    run = {**RUN_DEFAULTS, **_run_facts(given), "fetched-by": fetched_by}
    policies = load_all(given["policy"], all_facts(), today=today, include_bills=include_bills(given))
    stored_rules.check_names(policies)
    for policy in policies:
        check_run(policy, run)
    return Judging(
        policies=policies,
        out=Path(given["out"]),
        format=one_of("format", given.get("format", "parquet"), tuple(sorted(formats()))),
        bodies=one_of("bodies", given.get("bodies", "retention"), BODIES),
        run=run,
        records=load_records(Path(given["records"]), all_facts()) if given.get("records") else (),
        records_file=Path(given["records"]).read_bytes() if given.get("records") else b"",
        classes=load_classes(Path(given["classes"]) if given.get("classes") else None),
        competes_with=frozenset(filter(None, (h.strip().lower() for h in given.get("competes_with", "").split(",")))),
        duplicates=_duplicates(given.get("duplicates", KEEP)),
    )


def crawling(given: Mapping[str, str], *, default_contact: str = "", contact_required: bool = True) -> Crawling:
    """Read the arguments of crawling; raises ArgumentError."""
    if not given.get("seeds"):
        raise ArgumentError(
            "-a seeds= is missing; give a file, an http(s) address, a comma list of them, or - for stdin"
        )
    crawl = Crawling(
        seeds=given["seeds"],
        contact=given.get("contact", default_contact).strip(),
        follow=_number("follow", given.get("follow", "0")),
        scope=Scope(one_of("scope", given.get("scope", "host"), tuple(Scope))),
        limit=_number("limit", given["limit"], least=1) if given.get("limit") else None,
        known=_known(given["known"]) if given.get("known") else None,
    )
    if crawl.seeds != STDIN and "://" not in crawl.seeds:
        _check_file(crawl.seeds)
    _check_contact(crawl, contact_required)
    return crawl


class Settings(Protocol):
    """What is asked of Scrapy's settings here."""

    def getdict(self, name: Any, /) -> dict[Any, Any]: ...

    def __getitem__(self, name: Any, /) -> Any: ...


def mapping_of(settings: Settings, name: str) -> dict[str, Any]:
    """A setting that holds names and values; raises ArgumentError where it does not."""
    try:
        return settings.getdict(name)
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f'{name}={settings[name]}: must be names and values as a JSON object, for example {{"name": "value"}}'
        ) from error


def _known(value: str) -> Path:
    path = Path(value)
    if path.is_dir() and not (path / LEDGER).is_dir():
        raise ArgumentError(
            f"-a known={value}: a folder without a ledger; give the file of a book, which is made when it is missing, "
            "or the folder of one crawl"
        )
    return path


def _check_contact(crawl: Crawling, required: bool) -> None:
    if crawl.contact:
        if not (MAILBOX.fullmatch(crawl.contact) or crawl.contact.startswith(("http://", "https://"))):
            raise ArgumentError(f"-a contact={crawl.contact}: neither a mailbox nor the http(s) address of a page")
        return
    if required and (crawl.seeds == STDIN or not all(_is_harmless(seed) for seed in crawl.each_seed())):
        raise ArgumentError(
            "-a contact= is missing: publishers must be able to reach who crawls them. Give a mailbox or the address "
            "of a page about this crawl, or set CONTACT in the settings. Only a crawl of loopback may do without."
        )


def _is_harmless(seed: str) -> bool:
    """Whether a seed burdens nobody: it is on loopback, or no address at all."""
    url = normalize(seed)
    return url is None or is_loopback_host(host_of(url))


def _check_file(path: str) -> None:
    try:
        with Path(path).open("rb") as file:
            file.read(1)
    except OSError as error:
        raise ArgumentError(
            f"-a seeds={path}: cannot be read: {error.strerror}. Give a file with one address a line, an http(s) "
            "address, a comma list of addresses, or - for standard input."
        ) from error


def _lines(file: Any) -> Iterator[str]:
    """Addresses of a file: one a line; empty lines and lines that begin with # are no addresses."""
    for raw in file:
        line = raw.decode("utf-8-sig", "replace").strip()
        if line and not line.startswith("#"):
            yield line


def _is_listed(url: str, hosts: frozenset[str]) -> bool:
    host = host_of(url)
    return bool(hosts) and any(host == listed or host.endswith("." + listed) for listed in hosts)


def _duplicates(mode: str) -> str:
    try:
        check_mode(one_of("duplicates", mode, MODES))
    except MissingExtra as error:
        raise ArgumentError(f"-a duplicates={mode}: {error}") from error
    return mode


def _run_facts(given: Mapping[str, str]) -> dict[str, str]:
    """What the operator says of the run, in the words that rules know."""
    return {name: one_of(name, given[name], values_of(f"run.{name}")) for name in RUN_FACTS if given.get(name)}


def include_bills(given: Mapping[str, str]) -> bool:
    """Whether the arguments ask for bills to be taken as law."""
    return given.get("include_bills", "false").lower() in ("1", "true", "yes")


def fetched_by_of(given: Mapping[str, str]) -> str:
    """Who fetched the pages of an archive: "us", as left out, or "others". Raises ArgumentError."""
    if (fetched_by := given.get("fetched_by", FETCHED_BY[0])) not in FETCHED_BY:
        raise ArgumentError(f"-a fetched_by={fetched_by}: must be {' or '.join(FETCHED_BY)}")
    return fetched_by


def one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    """The value, if it is one of those allowed; raises ArgumentError."""
    if value not in allowed:
        raise ArgumentError(f"-a {name}={value}: unknown{_guess(value, allowed)}; allowed are {', '.join(allowed)}")
    return value


def _number(name: str, value: str, *, least: int = 0) -> int:
    if not value.isdecimal() or int(value) < least:
        raise ArgumentError(f"-a {name}={value}: must be a whole number from {least}")
    return int(value)


def _guess(value: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(value, known, 1)
    return f" (did you mean {near[0]}?)" if near else ""
