"""Whether the checkpoints of a ledger are signed by the key that the crawl names, and what they sign."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from crawler.audit.checkpoint import CHECKPOINT, PUBLIC_KEY, parse_checkpoint, read_key, read_signed
from crawler.audit.ledger_files import FOLDER, LedgerError
from crawler.audit.read_run import RUN, RunError, load_run
from crawler.audit.report import Report
from crawler.audit.signing import SignatureError, VerifierKey, parse_verifier_key


class Mark(NamedTuple):
    """The first `size` lines had this Merkle root, says the checkpoint at `where`."""

    where: str
    size: int
    root: str


def check_signatures(crawl: Path, older: Sequence[Path], trusted: VerifierKey | None, report: Report) -> list[Mark]:
    """What the checkpoints say, the crawl's own first; one that cannot be read says nothing and is reported.

    Args:
        crawl: The folder.
        older: Checkpoints that the auditor kept.
        trusted: The key as the auditor got it elsewhere; None to take the folder's word.
        report: Gets every key and signature that does not fit.
    """
    key = _check_keys(crawl, trusted, report)
    if trusted is None and key:
        report.notes.append(f"the key was taken from the folder itself, compare it with one from elsewhere: {key}")
    marks = [_own(crawl / FOLDER, key, report)] + [_kept(path, key, report) for path in older]
    return [mark for mark in marks if mark]


def _check_keys(crawl: Path, trusted: VerifierKey | None, report: Report) -> VerifierKey | None:
    """The key to check with: the trusted one, else that of the folder, else that of run.json."""
    where = f"{FOLDER}/{PUBLIC_KEY}"
    try:
        key = read_key(crawl / FOLDER)
        if key is None:
            report.problem(where, "missing")
    except LedgerError as error:
        report.problem(where, str(error).partition(": ")[2])
        key = None
    try:
        run = load_run(crawl)
        named: VerifierKey | None = parse_verifier_key(run["ledger_key"])
        origin = f"usufruct/{run['id']}"
        if named and named.name != origin:
            report.problem(RUN, f"changed: its ledger_key is named {named.name!r}, its id says {origin!r}")
    except (RunError, ValueError, KeyError, TypeError, AttributeError):
        report.problem(RUN, "changed: its ledger_key is no verifier key, or it has no id")
        named = None
    if key and named and key != named:
        report.problem(where, f"is not the key that {RUN} names")
    for found, place in ((key, where), (named, RUN)):
        if trusted and found and found != trusted:
            report.problem(place, f"names another key than the one given: {found}")
    return trusted or key or named


def _own(folder: Path, key: VerifierKey | None, report: Report) -> Mark | None:
    where = f"{FOLDER}/{CHECKPOINT}"
    try:
        signed = read_signed(folder)
    except LedgerError as error:
        report.problem(where, str(error).partition(": ")[2])
        return None
    if signed is None:
        report.problem(where, "missing")
        return None
    try:
        if key:
            signed.check(key)
    except SignatureError as error:
        report.problem(where, str(error))
    return Mark(where, signed.size, signed.root)


def _kept(path: Path, key: VerifierKey | None, report: Report) -> Mark | None:
    where = str(path)
    try:
        signed = parse_checkpoint(path.read_bytes())
        if key:
            signed.check(key)
    except OSError as error:
        report.problem(where, f"cannot be read: {error.strerror}")
        return None
    except SignatureError as error:
        report.problem(where, str(error))
        return None
    return Mark(where, signed.size, signed.root)
