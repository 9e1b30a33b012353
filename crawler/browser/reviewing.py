"""What a person decides about a held record becomes an event of the ledger; nothing else here writes to a crawl."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from crawler import shards
from crawler.audit.crawl_folder import REVIEW, split_place
from crawler.audit.ledger import Ledger, LedgerError
from crawler.audit.line import printable
from crawler.audit.read_run import read_run
from crawler.audit.signing import SigningKey, SigningKeyError
from crawler.durable import InUseError, WriteError, locked
from crawler.pii.mask import mask_text

EVENT = "review"
MARKS = {"approve": "Approve: it may be released", "reject": "Reject: it is left out"}
LONGEST_NAME, LONGEST_REASON = 100, 1_000


class ReviewError(Exception):
    """The decision was not written; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What the form brought, cleaned. `problems` is empty when it is a decision."""

    mark: str
    by: str
    reason: str
    problems: tuple[str, ...]


def answers(given: Mapping[str, str]) -> Answers:
    """Read the form."""
    mark = given.get("mark", "")
    by, reason = (" ".join(printable(_spaced(given.get(name, ""))).split()) for name in ("by", "reason"))
    problems = []
    if mark not in MARKS:
        problems.append("Choose to approve or to reject.")
    if not by or len(by) > LONGEST_NAME:
        problems.append(f"Give your name, in at most {LONGEST_NAME} characters.")
    if not reason or len(reason) > LONGEST_REASON:
        problems.append(f"Give a reason, in at most {LONGEST_REASON:,} characters.")
    return Answers(mark, by[:LONGEST_NAME], reason[:LONGEST_REASON], tuple(problems))


def decide(crawl: Path, record: str, answer: Answers, key: Path, *, group_size: int) -> None:
    """Append the decision about the record "<sha256>:<policy>" to the ledger, the reason with identifiers masked.

    Raises:
        ReviewError: The crawl is not at rest, the key is another one, or the disk refuses. Nothing was written.
    """
    try:
        with locked(crawl):
            run = read_run(crawl) or {}
            if not run.get("finished"):
                raise ReviewError("The crawl has not ended. Let it end, or resume it; then decide.")
            ledger = Ledger(
                crawl, key=SigningKey.load_or_create(key), origin=f"usufruct/{run.get('id')}", group_size=group_size
            )
            try:
                ledger.event(EVENT, id=record, mark=answer.mark, by=answer.by, reason=mask_text(answer.reason))
            finally:
                ledger.close()
    except InUseError as error:
        raise ReviewError("Another process is writing to this crawl. Try again when it has ended.") from error
    except SigningKeyError as error:
        raise ReviewError(f"The key that signs the ledger: {error}") from error
    except (LedgerError, WriteError) as error:
        raise ReviewError(f"The ledger cannot be written: {error}") from error


def record_at(crawl: Path, place: str, name: str) -> Mapping[str, Any] | None:
    """The held record of that id at a place such as "jp/review/00000.parquet#17"; None where it is not."""
    try:
        folder, file, index = split_place(place)
        if not folder.endswith(f"/{REVIEW}"):
            return None
        found = next(islice(shards.read(crawl / folder / file), index, None), None)
    except (ValueError, OSError, shards.ShardError, shards.UnknownFormat):
        return None
    return found if found is not None and found.get("id") == name else None


def _spaced(text: str) -> str:
    """Line ends and tabs as spaces."""
    return text.replace("\r", " ").replace("\n", " ").replace("\t", " ")
