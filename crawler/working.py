"""How pages are worked on: how many workers, with which limits, engines and keys; and the workers of that kind."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from crawler.arguments import Judging
from crawler.pii.pseudonym import default_key_path, load_or_create_key, new_key
from crawler.text import RESILIPARSE
from crawler.workers import Work, Workers


@dataclass(frozen=True, slots=True)
class Working:
    """How pages are worked on.

    Attributes:
        processes: Workers; 0 for one a core.
        timeout_s: For one page.
        pages_per_worker: Then a worker is replaced.
        memory_mib: What a worker may take; 0 for no limit.
        ledger_key_file: Of the key that signs the ledger; None for the user's own, outside the folder.
        key_file: Of the pseudonyms; None for one of the crawl's own, outside its folder.
        throw_key_away: Whether the key is in memory only, and gone when the crawl ends.
        pseudonyms: "natural" or "token".
        engines: Which engine looks for names of persons in which language; see `crawler.pii.engines`.
        asked: Languages whose engine the operator named.
        links: Whether the links of pages are wanted.
        registries: Opt-out registries to ask, as `Registries` takes them.
        text_engine: What takes the main text out of HTML.
    """

    processes: int = 0
    timeout_s: float = 60.0
    pages_per_worker: int = 5_000
    memory_mib: int = 0
    key_file: Path | None = None
    throw_key_away: bool = False
    pseudonyms: str = "natural"
    engines: Mapping[str, str] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    links: bool = False
    registries: Mapping[str, str] = field(default_factory=dict)
    ledger_key_file: Path | None = None
    text_engine: str = RESILIPARSE


def pseudonym_key(working: Working, crawl_id: str) -> bytes:
    """The key of a crawl's pseudonyms; one that is thrown away touches no file. Raises KeyFileError."""
    if working.throw_key_away:
        return new_key()
    return load_or_create_key(working.key_file or default_key_path(crawl_id))


def work_of(judging: Judging, working: Working, key: bytes, today: date) -> Work:
    """What the workers of a crawl must know; `key` is that of its pseudonyms, `today` the day it was begun."""
    return Work(
        policies=judging.policies,
        key=key,
        pseudonyms=working.pseudonyms,
        engines=working.engines,
        asked=working.asked,
        keep_bodies=judging.keep_bodies,
        links=working.links,
        records=judging.records,
        today=today,
        memory_mib=working.memory_mib,
        duplicates=judging.duplicates,
        text_engine=working.text_engine,
    )


def start_workers(work: Work, working: Working) -> Workers:
    """The pool for that work."""
    return Workers(
        work,
        processes=working.processes or os.cpu_count() or 1,
        timeout_s=working.timeout_s,
        pages_per_worker=working.pages_per_worker,
    )
