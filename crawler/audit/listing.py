"""What one policy's manifest lists, and whether the folder holds exactly that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.audit.crawl_folder import REVIEW, CrawlFolder, ReadManifest
from crawler.audit.digests import Digests
from crawler.audit.report import Report
from crawler.durable import PART

MANIFEST = "manifest.json"
JOURNAL = ".journal"  # of a shard that is begun


@dataclass(frozen=True, slots=True)
class ListedShard:
    """One shard as the manifest lists it; `sound` says that the file is what is listed.

    Its lines in the ledger have a `seq` from `first` up to, not including, `end`.
    """

    name: str  # as seen from the crawl, "jp/00000.parquet"
    path: Path
    records: int
    first: int
    end: int
    sound: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """One manifest. `size` and `head` are those of the ledger when it was written."""

    name: str
    digest: str
    shards: Mapping[str, ListedShard]  # by file name
    size: int
    head: str


def check_listings(
    crawl: CrawlFolder, read_manifest: ReadManifest, digests: Digests, report: Report
) -> dict[str, Listing]:
    """Every readable manifest by folder ("jp", "jp/review"); what is wrong with it or its files is reported."""
    listings: dict[str, Listing] = {}
    for policy in {**crawl.policies, **dict.fromkeys(_unknown(crawl, report), "")}:
        for folder in (policy, f"{policy}/{REVIEW}"):
            listing = _check_listing(crawl, policy, folder, read_manifest, digests, report)
            if listing:
                listings[folder] = listing
    return listings


def _unknown(crawl: CrawlFolder, report: Report) -> Iterable[str]:
    """Folders with a manifest, of policies that run.json does not name."""
    for path in sorted(crawl.path.glob(f"*/{MANIFEST}")):
        if path.parent.name not in crawl.policies:
            if not crawl.run_problem:
                report.problem(f"{path.parent.name}/", "a policy that run.json does not name")
            yield path.parent.name


def _check_listing(
    crawl: CrawlFolder, policy: str, folder: str, read_manifest: ReadManifest, digests: Digests, report: Report
) -> Listing | None:
    where, path = f"{folder}/{MANIFEST}", crawl.path / folder
    try:
        manifest = read_manifest(path)
        if manifest is None:
            if folder == policy or path.is_dir():
                report.problem(where, "missing")
            return None
        listing = _listing(manifest, where, path, digests, report)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        report.problem(where, str(error).rpartition(": ")[2] if isinstance(error, ValueError) else "changed")
        return None
    if manifest["policy"] != policy:
        report.problem(where, f"changed: policy is {manifest['policy']!r}")
    if listing.digest != crawl.policies.get(policy, listing.digest):
        report.problem(where, "its digest is not the one of run.json")
    _check_files(path, folder, {*listing.shards, MANIFEST}, report)
    report.checked.append(f"{folder}: {len(listing.shards)} shard(s), {manifest['records']} record(s)")
    return listing


def _listing(manifest: Mapping[str, Any], where: str, path: Path, digests: Digests, report: Report) -> Listing:
    shards: dict[str, ListedShard] = {}
    end = 0
    for number, entry in enumerate(manifest["shards"]):
        shard = _shard(entry, where.rpartition("/")[0], path, digests, report)
        if not entry["file"].startswith(f"{number:05d}."):
            report.problem(where, f"shard number {number} is missing, {entry['file']} stands there")
        if not end <= shard.first <= shard.end:
            report.problem(where, f"changed: {entry['file']} and the shard before it claim the same ledger lines")
        end = shard.end
        shards[entry["file"]] = shard
    if manifest["records"] != sum(shard.records for shard in shards.values()):
        report.problem(where, "changed: records is not the sum over the shards")
    return Listing(where, manifest["digest"], shards, int(manifest["ledger"]["size"]), str(manifest["ledger"]["head"]))


def _shard(entry: Mapping[str, Any], folder: str, path: Path, digests: Digests, report: Report) -> ListedShard:
    name, file = f"{folder}/{entry['file']}", path / entry["file"]
    problem = _difference(file, entry, digests)
    if problem:
        report.problem(name, problem)
    ledger = entry["ledger"]
    return ListedShard(name, file, int(entry["records"]), int(ledger["from"]), int(ledger["to"]), not problem)


def _difference(file: Path, entry: Mapping[str, Any], digests: Digests) -> str:
    """How a file differs from what is listed; "" when it does not."""
    try:
        size, digest = digests.of(file)
    except FileNotFoundError:
        return "missing, though the manifest lists it"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if digest != entry["sha256"]:
        return "changed (its SHA-256 is not the one in the manifest)"
    return "" if size == entry["bytes"] else f"has {size} bytes, the manifest says {entry['bytes']}"


def _check_files(path: Path, folder: str, listed: Iterable[str], report: Report) -> None:
    for found in sorted(path.iterdir()):
        if found.name in listed or (found.name == REVIEW and found.is_dir()):
            continue
        if found.name.endswith((PART, JOURNAL)):
            report.notes.append(f"{folder}/{found.name}: left by a run that died; no reader takes it for a shard")
        else:
            report.problem(f"{folder}/{found.name}", "not in the manifest")
