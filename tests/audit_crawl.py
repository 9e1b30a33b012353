"""A small crawl for tests of the audit commands: outcomes of all kinds, events between them, and what waits.

Written line by line, without the ledger's own class, as a reader meets it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from crawler.audit.ledger import seal
from crawler.document import url_id
from crawler.shards import manifest

POLICIES = {"jp": "Japan", "eu": "European Union"}
DAY = "2026-11-23"


def outcome(url: str, policy: str, result: str, **members: Any) -> dict[str, Any]:
    """An outcome with everything that a line has."""
    return {
        "time": f"{DAY}T09:00:00.000Z", "url": url, "url_sha256": url_id(url), "site": url.split("/")[2],
        "policy": policy, "digest": f"digest-{policy}", "result": result, "stage": "shard", "rule": "", "effect": "",
        "status": "", "citations": [], "rules": [members["rule"]] if members.get("rule") else [], "met": [], "pii": {},
        "treatments": {}, "evidence": [], "shard": "", "note": "", **members,
    }  # fmt: skip


def dropped(url: str, policy: str, rule: str, stage: str = "signals", **members: Any) -> dict[str, Any]:
    """A page that a rule dropped."""
    told = {"rule": rule, "effect": "drop", "status": "law", "citations": ["EU-CDSM-4-3"], "stage": stage, **members}
    return outcome(url, policy, "dropped", **told)


def kept(url: str, policy: str, index: int, **members: Any) -> dict[str, Any]:
    """A page whose record stands in the first shard."""
    return outcome(url, policy, "kept", shard=f"{policy}/00000.parquet#{index}", **members)


def event(name: str, time: str, **members: Any) -> dict[str, Any]:
    """Something that happened to the crawl."""
    return {"event": name, "time": f"{DAY}T{time}:00.000Z", **members}


LINES: tuple[dict[str, Any], ...] = (
    kept("https://a.example/1", "jp", 0, pii={"PERSON": 2}, treatments={"person_name": "pseudonymize"}),
    dropped("https://a.example/1", "eu", "eu.reservation", note="train-ai=reserved (robots.txt:L2)"),
    event("of-tomorrow", "09:01", note="a later version may tell more"),
    dropped("https://b.a.example/x/2", "jp", "base.no-text", "text", citations=[], status="ours"),
    dropped("https://b.a.example/x/2", "eu", "base.no-text", "text", citations=[], status="ours"),
    kept("https://nota.example/=1", "jp", 1, note="=1+1"),
    kept("https://nota.example/=1", "eu", 0, pii={"EMAIL_ADDRESS": 1}, treatments={"contact": "redact"},
         rule="base.open-license", effect="keep", status="ours", rules=["base.open-license", "eu.contact"]),
    outcome("https://a.example/3", "jp", "failed", stage="fetch", rule="base.fetch-failed", effect="retry",
            time=f"{DAY}T23:59:59.999Z"),
    outcome("https://a.example/3", "eu", "failed", stage="fetch", rule="base.fetch-failed", effect="retry",
            time="2026-11-24T00:00:00.000Z"),
    # Its record was never published: the run died.
    kept("https://a.example/4", "jp", 99, time="2026-11-24T08:00:00.000Z"),
    dropped("https://a.example/4", "eu", "eu.reservation", time="2026-11-24T08:00:00.000Z"),
    event("review", "10:00", id=f"{url_id('https://a.example/1')}:jp", mark="approve", by="R. Viewer", reason="fine"),
    event("bodies-removed", "10:30", files={"bodies/2026-11-23-00000.warc.gz": {"bytes": 9, "sha256": "0" * 64}},
          note="jp allows 0 days"),
)  # fmt: skip
WAITING = "https://a.example/waiting"
URLS = (*dict.fromkeys(line["url"] for line in LINES if "url" in line), WAITING)


def write(out: Path, lines: Iterable[Mapping[str, Any]] = LINES, *, finished: bool = True) -> Path:
    """The folder of a crawl with these lines."""
    (out / "ledger").mkdir(parents=True)
    (out / "frontier").mkdir()
    run = {
        "id": "20261123T090000-abcdef", "started": f"{DAY}T09:00:00+00:00",
        "finished": f"{DAY}T11:00:00+00:00" if finished else None, "agent": "UsufructBot",
        "policies": [{"id": name, "title": title, "day": DAY, "digest": f"digest-{name}"}
                     for name, title in POLICIES.items()],
        "resumed": [{"time": f"{DAY}T09:01:00+00:00", "found": "2 addresses go on"}],
    }  # fmt: skip
    (out / "run.json").write_text(json.dumps(run))
    sealed, prev = [], "0" * 64
    for seq, line in enumerate(lines):
        content, prev = seal(line, seq, prev)
        sealed.append(content)
    (out / "ledger" / "00000.jsonl").write_bytes(b"".join(sealed))
    accepted = ({"url_sha256": url_id(url), "url": url, "site": url.split("/")[2]} for url in URLS)
    (out / "frontier" / "accepted.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in accepted))
    for policy, records in (("jp", 2), ("eu", 1)):
        (out / policy).mkdir()
        shard = {"file": "00000.parquet", "records": records, "bytes": 1, "sha256": "0" * 64,
                 "ledger": {"from": 0, "to": 9}}  # fmt: skip
        listing = {"policy": policy, "digest": f"digest-{policy}", "records": records, "shards": [shard]}
        (out / policy / "manifest.json").write_bytes(
            manifest.render({**listing, "ledger": {"size": 9, "head": "0" * 64}})
        )
    return out
