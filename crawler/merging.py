"""Several crawls as one: read every ledger, prove that their union is whole, and sign what it is (`merged.json`).

    segments -> chains and signatures -> union of the addresses -> merged.json, checkpoint

The segments stay where and as they are. Memory does not grow with them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.audit.about import about
from crawler.audit.chain import Chain
from crawler.audit.checkpoint import CHECKPOINT, PUBLIC_KEY, render_key, sign_checkpoint
from crawler.audit.crawl_folder import RUN, CrawlFolder, FolderError, open_crawl
from crawler.audit.digests import Digests
from crawler.audit.ledger_files import FOLDER as LEDGER
from crawler.audit.report import Report
from crawler.audit.segments import CRAWL, JUDGED, MERGED, Merged, Segment, is_merged, stored_path
from crawler.audit.signatures import check_signatures
from crawler.audit.signing import SigningKey
from crawler.audit.union import Totals, Union
from crawler.audit.whole import frontier_problems, left_frontier, problems_of
from crawler.durable import make_folder, write_whole
from crawler.shards import manifest

KINDS = (CRAWL, JUDGED)
MOST_TOLD = 20  # problems named one by one


class MergeError(Exception):
    """The segments are no whole; the message names what is wrong, a problem a line, addresses masked."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """A segment and what its run.json says."""

    folder: CrawlFolder
    run: dict[str, Any]


def merge(segments: Sequence[Path], out: Path, *, kind: str = CRAWL, key: SigningKey) -> Merged:
    """Write `merged.json` into `out`, and its signed checkpoint.

    Args:
        segments: Folders of crawls that nobody writes into, under the same policies. May lie below `out`.
        out: The merged folder; may hold the segments, not another merged.json.
        kind: "crawl": an address that two segments decided is an error. "judged": the first segment's counts.
        key: Signs it.

    Raises:
        MergeError: They are no whole, or `out` is in use. Nothing was written.
        WriteError: The disk refused.
    """
    _check_out(out)
    opened = [_open(path) for path in segments]
    _check_alike(opened)
    entries, totals = _read(opened, out)
    paths = [one.folder.path for one in opened]
    problems = list(problems_of(totals, kind, paths, [f"{path}/" for path in paths]))
    runs = [one.run for one in opened]
    problems += frontier_problems(runs, totals) if kind == CRAWL else ()
    if problems:
        told = problems[:MOST_TOLD]
        if len(problems) > MOST_TOLD:
            told.append(f"and {len(problems) - MOST_TOLD} more")
        raise MergeError("\n".join(told))
    now = datetime.now(UTC)
    merged = Merged(
        id=f"{now:%Y%m%dT%H%M%S}-{os.urandom(3).hex()}",
        time=now.isoformat(timespec="seconds"),
        kind=kind,
        policies=tuple(opened[0].run["policies"]),
        segments=tuple(entries),
        accepted=totals.accepted,
        counts=totals.as_json(),
        repeated=totals.repeated,
        pending=totals.pending,
        frontier=left_frontier(runs) if kind == CRAWL else None,
    )
    _write(merged, out, key)
    return merged


def _write(merged: Merged, out: Path, key: SigningKey) -> None:
    make_folder(out)
    write_whole(out / PUBLIC_KEY, render_key(key.verifier(merged.origin)))
    write_whole(out / MERGED, merged.render())
    tree, listing = merged.tree, Digests().of(out / MERGED).sha256
    write_whole(out / CHECKPOINT, sign_checkpoint(tree.size, tree.root, key, merged.origin, listing))


def _check_out(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise MergeError(f"-o {out}: is a file; give a folder")
    if is_merged(out):
        raise MergeError(f"-o {out}: holds a {MERGED} already; give another folder, or remove that file first")
    if (out / LEDGER).exists():
        raise MergeError(f"-o {out}: is a crawl itself; give a folder that is none, or the one above it")


def _open(path: Path) -> _Opened:
    try:
        folder = open_crawl(path)
    except FolderError as error:
        raise MergeError(str(error)) from error
    if folder.is_merged:
        raise MergeError(f"{path}: is merged already; name its segments: {' '.join(map(str, folder.segments))}")
    if folder.run_problem:
        raise MergeError(f"{path / RUN}: {folder.run_problem}")
    if about(path).in_use:
        raise MergeError(f"{path}: a process is writing there; wait for it to end")
    return _Opened(folder, json.loads((path / RUN).read_bytes()))


def _check_alike(opened: Sequence[_Opened]) -> None:
    """The same policies with the same digests, each crawl once."""
    first = opened[0].folder
    crawls: dict[str, Path] = {}
    for one in opened:
        path, crawl = one.folder.path, str(one.run.get("id"))
        if dict(one.folder.policies) != dict(first.policies):
            told = ", ".join(f"{name} ({digest[:12]})" for name, digest in one.folder.policies.items())
            wanted = ", ".join(f"{name} ({digest[:12]})" for name, digest in first.policies.items())
            raise MergeError(f"{path}: was judged by {told}; {first.path} by {wanted}; only the same can be merged")
        if crawl in crawls:
            raise MergeError(f"{path}: is the crawl {crawl}, as {crawls[crawl]} is; name each once")
        crawls[crawl] = path


def _read(opened: Sequence[_Opened], out: Path) -> tuple[list[Segment], Totals]:
    """Every ledger once: whether it is whole and signed, and what it says."""
    entries, names = [], _names([one.folder.path for one in opened])
    with Union(tuple(opened[0].folder.policies), manifest.read) as union:
        for one, name in zip(opened, names, strict=True):
            path, report = one.folder.path, Report()
            chain = Chain(path, report, check_signatures(path, (), None, report))
            union.add(path, (entry.line for entry in chain))
            if report.found:
                told = "\n".join(f"{path}: {problem}" for problem in report.problems[:MOST_TOLD])
                raise MergeError(f"{told}\n{path}: {report.found} problem(s); run `scrapy audit verify {path}`")
            entries.append(
                Segment(
                    name=name,
                    path=path,
                    crawl=str(one.run["id"]),
                    size=chain.size,
                    root=chain.root,
                    head=chain.head,
                    key=str(one.run["ledger_key"]),
                    stored=stored_path(path, out),
                )
            )
        return entries, union.end()


def _names(paths: Sequence[Path]) -> list[str]:
    """The folders' names; where two are called alike, with a number."""
    names: list[str] = []
    for path in paths:
        name = wanted = path.resolve().name
        number = 1
        while name in names:
            number += 1
            name = f"{wanted}-{number}"
        names.append(name)
    return names
