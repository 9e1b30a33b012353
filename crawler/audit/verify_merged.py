"""Check a merged folder: its signature, every segment as a crawl, and that their union is what merged.json says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from crawler.audit.checkpoint import CHECKPOINT, PUBLIC_KEY, parse_checkpoint, read_key, read_signed
from crawler.audit.crawl_folder import RUN, open_crawl
from crawler.audit.digests import Digests
from crawler.audit.ledger_files import LedgerError
from crawler.audit.lines import outcomes
from crawler.audit.read_run import read_run
from crawler.audit.report import Report
from crawler.audit.segments import CRAWL, MERGED, FolderError, Merged, Segment, read_merged
from crawler.audit.signatures import Mark
from crawler.audit.signing import SignatureError, VerifierKey, parse_verifier_key
from crawler.audit.union import Union
from crawler.audit.verify import Readers, verify
from crawler.audit.whole import frontier_problems, problems_of


def verify_merged(
    path: Path, readers: Readers, *, key: VerifierKey | None = None, older: Sequence[Path] = ()
) -> Report:
    """Check it all, as if it had not been checked when it was merged.

    Args:
        path: The merged folder.
        readers: Of what is not the audit's.
        key: Of merged.json, as the auditor got it elsewhere; None for the one in the folder. Those of the segments are
            taken from merged.json.
        older: Checkpoints that the auditor kept, of merged.json or of segments.
    """
    report = Report()
    try:
        merged = read_merged(path)
    except FolderError as error:
        report.problem(MERGED, str(error))
        return report
    kept = _by_origin(older, report)
    _check_note(path, merged, key, kept.pop(merged.origin, []), report)
    for segment in merged.segments:
        _check_segment(segment, merged, readers, kept.pop(f"usufruct/{segment.crawl}", []), report)
    for files in kept.values():
        for file in files:
            report.problem(str(file), "is a checkpoint of none of the segments")
    _check_union(merged, readers, report)
    return report


def _by_origin(older: Sequence[Path], report: Report) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in older:
        try:
            found.setdefault(parse_checkpoint(path.read_bytes()).origin, []).append(path)
        except OSError as error:
            report.problem(str(path), f"cannot be read: {error.strerror}")
        except SignatureError as error:
            report.problem(str(path), str(error))
    return found


def _check_note(path: Path, merged: Merged, trusted: VerifierKey | None, kept: list[Path], report: Report) -> None:
    """Whether the key signed what merged.json says."""
    try:
        own, signed = read_key(path), read_signed(path)
    except LedgerError as error:
        report.problem(CHECKPOINT, str(error))
        return
    for missing in [name for name, found in ((PUBLIC_KEY, own), (CHECKPOINT, signed)) if found is None]:
        report.problem(missing, "missing")
    key = trusted or own
    if trusted and own and trusted != own:
        report.problem(PUBLIC_KEY, f"names another key than the one given: {own}")
    elif own and not trusted:
        report.notes.append(f"the key was taken from the folder itself, compare it with one from elsewhere: {own}")
    if key is None or signed is None:
        return
    tree, listing = merged.tree, Digests().of(path / MERGED).sha256
    try:
        signed.check(key)
        if key.name != merged.origin:
            raise SignatureError(f"the key is named {key.name!r}, the id says {merged.origin!r}")
    except SignatureError as error:
        report.problem(CHECKPOINT, str(error))
    if (signed.size, signed.root, signed.files) != (tree.size, tree.root, listing):
        report.problem(MERGED, f"changed: is not what {CHECKPOINT} signs")
    for file in kept:
        if file.read_bytes() != signed.note:
            report.problem(str(file), f"is not {CHECKPOINT}: it was merged anew, or changed")
    if not report.found:
        report.checked.append(f"{MERGED}: {tree.size} segment(s), signed by {key}")


def _check_segment(segment: Segment, merged: Merged, readers: Readers, kept: list[Path], report: Report) -> None:
    """Whether the crawl is sound by itself, begins with what was merged, and was judged by the same policies."""
    try:
        crawl = open_crawl(segment.path)
        key = parse_verifier_key(segment.key)
    except (FolderError, SignatureError) as error:
        report.problem(f"{segment.name}/", str(error))
        return
    if dict(crawl.policies) != {str(each.get("id")): str(each.get("digest")) for each in merged.policies}:
        report.problem(f"{segment.name}/{RUN}", f"its policies are not those of {MERGED}")
    mark = Mark(f"{MERGED} (segment {segment.name})", segment.size, segment.root)
    found = verify(crawl, readers, key=key, older=kept, merged=[mark])
    report.checked += [f"{segment.name}/ {line}" for line in found.checked]
    report.notes += [f"{segment.name}/ {line}" for line in found.notes]
    for problem in found.problems:
        report.problem(f"{segment.name}/{problem.where}", problem.what)
    report.found += found.found - len(found.problems)


def _check_union(merged: Merged, readers: Readers, report: Report) -> None:
    """Whether every address is there once, and the sums are those of merged.json."""
    policies = [str(policy.get("id")) for policy in merged.policies]
    with Union(policies, readers.manifest) as union:
        for segment in merged.segments:
            try:
                union.add(segment.path, _merged_lines(segment, report))
            except OSError as error:
                report.problem(f"{segment.name}/", f"cannot be read: {error.strerror}")
        totals = union.end()
    paths, names = [one.path for one in merged.segments], [f"{one.name}/" for one in merged.segments]
    for problem in problems_of(totals, merged.kind, paths, names):
        where, _, what = problem.rpartition(": ")
        report.problem(where, what)
    runs = [read_run(segment.path) or {} for segment in merged.segments]
    for problem in frontier_problems(runs, totals) if merged.kind == CRAWL else ():
        report.problem(MERGED, problem)
    said = {name: json.loads(merged.render())[name] for name in ("accepted", "counts", "repeated", "pending")}
    now = {
        "accepted": totals.accepted,
        "counts": totals.as_json(),
        "repeated": totals.repeated,
        "pending": totals.pending,
    }
    for name in now:
        if said[name] != now[name]:
            report.problem(MERGED, f"says {name} {said[name]}, the segments say {now[name]}")
    for policy, counts in totals.as_json().items():
        told = " + ".join(f"{result} {number}" for result, number in counts.items() if result != "seen")
        report.checked.append(f"union, {policy}: seen {counts['seen']} = {told}")


def _merged_lines(segment: Segment, report: Report) -> Iterator[Mapping[str, Any]]:
    """The outcomes that were there when it was merged; later ones are reported, later events are none of the union."""
    later = 0
    for _, line in outcomes(segment.path):
        if line["seq"] < segment.size:
            yield line
        else:
            later += 1
    if later:
        report.problem(f"{segment.name}/", f"{later} outcome(s) came after it was merged; merge again")
