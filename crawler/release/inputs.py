"""What a release is made from: the published shards of one policy in a crawl's folder, checked before they are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any, NamedTuple

from crawler import shards
from crawler.audit.crawl_folder import REVIEW, FolderError, open_crawl
from crawler.audit.ledger import FOLDER as LEDGER
from crawler.audit.ledger import START, Checkpoint, LedgerError, read_checkpoint
from crawler.audit.read_run import RUN, RunError, load_run
from crawler.policy.policy import Policy
from crawler.release.problem import ReleaseError
from crawler.shards import manifest
from crawler.sources.evidence import BODIES, day_of


@dataclass(frozen=True, slots=True)
class Inputs:
    """One policy's part of a crawl.

    Attributes:
        folder: The crawl's.
        run: What run.json says.
        policy: The policy's id in the crawl, which names its folder.
        kept: The shards of what was kept, and `held` of what waits for a person, each in order.
        manifests: Folder ("jp", "jp/review") -> hash of its manifest.
        ledger: How far the ledger had got.
    """

    folder: Path
    run: Mapping[str, Any]
    policy: str
    kept: tuple[Path, ...]
    held: tuple[Path, ...]
    manifests: Mapping[str, str]
    ledger: Checkpoint

    def records(self, *, held: bool) -> Iterator[dict[str, Any]]:
        """Every record that was kept, or held; always in the same order. Raises ReleaseError."""
        for path in self.held if held else self.kept:
            try:
                yield from shards.read(path)
            except (shards.ShardError, shards.UnknownFormat) as error:
                raise ReleaseError(str(error)) from error

    def age_of_bodies(self, today: date) -> int | None:
        """For how many days the oldest page body may lie in the evidence; None when there are none."""
        if self.run.get("bodies") != "kept":
            return None
        if "retention" in self.run:  # bodies have files of their days, and go when these are over
            begun = filter(None, (day_of(path.name) for path in (self.folder / BODIES).glob("*")))
            return max(((today - day).days for day in begun), default=None)
        return (today - datetime.fromisoformat(self.run["started"]).date()).days


def open_inputs(folder: Path, policy: Policy, *, as_it_was: bool = False) -> Inputs:
    """Find and check what the policy kept and held.

    Args:
        folder: The crawl's.
        policy: The one that the release is made under.
        as_it_was: Whether the crawl may have been judged by another version of it.

    Raises:
        ReleaseError: It was not judged so, or its files were changed.
    """
    run = _run(folder)
    try:
        ledger = read_checkpoint(folder / LEDGER) or Checkpoint(0, START, START)
    except LedgerError as error:
        raise ReleaseError(str(error)) from error
    name = _judged_as(folder, run, policy, as_it_was=as_it_was)
    kept, held = (_published(folder / name / below) for below in ("", REVIEW))
    if not kept:
        raise ReleaseError(
            f"{folder / name}: has no manifest; was the crawl begun at all? See scrapy audit verify {folder}"
        )
    return Inputs(
        folder=folder,
        run=run,
        policy=name,
        kept=kept.shards,
        held=held.shards if held else (),
        manifests={place: found.hash for place, found in ((name, kept), (f"{name}/{REVIEW}", held)) if found},
        ledger=ledger,
    )


def _run(folder: Path) -> dict[str, Any]:
    try:
        crawl = open_crawl(folder)
        if crawl.run_problem:
            raise ReleaseError(f"{folder / RUN}: {crawl.run_problem}")
        run = load_run(folder)
        datetime.fromisoformat(run["started"])
        if not all(isinstance(word, str) for word in (run["id"], *(entry["day"] for entry in run["policies"]))):
            raise ValueError("no names, no days")
    except FolderError as error:
        raise ReleaseError(str(error)) from error
    except (RunError, ValueError, KeyError, TypeError) as error:
        raise ReleaseError(f"{folder / RUN}: cannot be read as the run of a crawl") from error
    return run


def _judged_as(folder: Path, run: Mapping[str, Any], policy: Policy, *, as_it_was: bool) -> str:
    """The policy's id in the crawl: as it was asked for, or the same without its day."""
    judged = {str(entry["id"]): entry for entry in run["policies"]}
    name = policy.id if policy.id in judged else policy.id.partition("@")[0]
    again = f"judge it again: scrapy judge {folder} -a policy={policy.id} -a out=..."
    if name not in judged:
        raise ReleaseError(
            f"-a policy={policy.id}: {folder} was not judged by it, but by {', '.join(judged)}. "
            f"Name one of these, or {again}"
        )
    if (digest := judged[name]["digest"]) != policy.digest and not as_it_was:
        that_day, today = judged[name]["day"], policy.day.isoformat()
        of_that_day = f"ask for the rules of that day (-a policy={name.partition('@')[0]}@{that_day}), or "
        raise ReleaseError(
            f"-a policy={policy.id}: its text is not the one that {folder} was judged by (digest {policy.digest[:12]}, "
            f"there {digest[:12]}); {of_that_day if that_day != today else ''}{again}"
        )
    return name


class _Published(NamedTuple):
    shards: tuple[Path, ...]
    hash: str


def _published(folder: Path) -> _Published | None:
    """The shards that a folder's manifest lists, each byte for byte what was listed; None without a manifest."""
    try:
        listed = manifest.read(folder)
        if listed is None:
            return None
        paths = tuple(folder / shard["file"] for shard in listed["shards"])
        for path, shard in zip(paths, listed["shards"], strict=True):
            with path.open("rb") as file:
                if file_digest(file, "sha256").hexdigest() != shard["sha256"]:
                    raise ReleaseError(f"{path}: changed; see scrapy audit verify, then crawl or judge again")
    except manifest.ManifestError as error:
        raise ReleaseError(f"{error}; see scrapy audit verify, then crawl or judge again") from error
    except OSError as error:
        raise ReleaseError(f"{error.filename}: cannot be read: {error.strerror}") from error
    return _Published(paths, str(listed["hash"]))
