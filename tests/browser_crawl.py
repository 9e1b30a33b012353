"""A small crawl made by hand for the browser: kept, held, dropped and waiting pages, and one made to break pages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from crawler.arguments import all_facts
from crawler.audit.facts import FactsWriter
from crawler.audit.frontier import Frontier
from crawler.audit.ledger import Ledger
from crawler.audit.line import printable
from crawler.audit.signing import SigningKey
from crawler.document import Fact, Fetched, url_id
from crawler.jobs.book import RUNS, Book, Status
from crawler.policy.load import load_all
from crawler.policy.policy import Policy
from crawler.shards.shard_set import ShardSet
from crawler.sources.evidence import EvidenceWriter
from crawler.sources.warc_record import record_bytes

ORIGIN, SEEN = "usufruct/c1", datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STARTED, ENDED = "2026-11-23T09:00:00.000Z", "2026-11-23T10:02:03.000Z"
OUTSIDE = "http://outside.example/x.png"
RESERVED = "https://news.example/reserved"
WAITING = "https://news.example/waiting"
HOSTILE = (
    f"https://evil.example/\"'><img src={OUTSIDE} onerror=hit()><script>hit()</script>/{{{{7*7}}}}/"
    + "\u202egnp.exe/\u05d0\u05d1/"
    + "long" * 600
)
WORDS = (
    f"</pre></script><script>hit()</script><img src={OUTSIDE}><a href='javascript:hit()'>x</a>\u202e\x1b[31m --> ]]>"
)


class _Writing:
    """The parts of a crawl that one URL is written to."""

    def __init__(self, folder: Path, policies: Iterable[Policy]) -> None:
        self.key = SigningKey.load_or_create(folder.parent / "ledger.key")
        self.ledger = Ledger(folder, key=self.key, origin=ORIGIN, group_size=2)
        self.frontier, self.facts, self.evidence = Frontier(folder), FactsWriter(folder), EvidenceWriter(folder)
        self.policies = {policy.id: policy for policy in policies}
        self.sets = {
            (name, below): ShardSet(
                folder / name / below, prefix=f"{name}/{below}".rstrip("/"),
                header={"crawl": "c1", "policy": name, "digest": policy.digest}, sync_ledger=self.ledger.sync_head,
            )
            for name, policy in self.policies.items() for below in ("", "review")
        }  # fmt: skip

    def url(
        self, url: str, outcomes: Mapping[str, tuple[str, str]], facts: Iterable[Fact], text: str = "A text."
    ) -> None:
        """One URL: policy -> result and rule."""
        self.frontier.accept(url, url)
        robots = Fetched("https://news.example/robots.txt", 200, (("Content-Type", "text/plain"),),
                         b"User-agent: *\nAllow: /\n# " + WORDS.encode(), SEEN, site_file=True)  # fmt: skip
        headers = (("Tdm-Reservation", "1"), ("X-Words", WORDS), ("Set-Cookie", "id=1"))
        page = Fetched(url, 200, headers, b"<p>body", SEEN)
        evidence = [self.evidence.append(record_bytes(one, keep_body=one.site_file)) for one in (page, robots)]
        self.facts.write(url, printable(url), facts, seq=self.ledger.size)
        self.ledger.append([
            self._line(url, name, *outcome, evidence, text, self.ledger.size + place)
            for place, (name, outcome) in enumerate(outcomes.items())
        ])  # fmt: skip

    def close(self) -> None:
        self.facts.close()
        for shard_set in self.sets.values():
            shard_set.close()
        for part in (self.evidence, self.ledger, self.frontier):
            part.close()

    def _line(
        self, url: str, policy: str, result: str, rule: str, evidence: list[str], text: str, seq: int
    ) -> dict[str, Any]:
        found = next((each for each in self.policies[policy].rules if each.id == rule), None)
        digest, shard = self.policies[policy].digest, ""
        if result in ("kept", "held"):
            metadata = {"policy": policy, "digest": digest, "ledger": seq}
            record = {"id": f"{url_id(url)}:{policy}", "text": text, "title": text, "url": url, "metadata": metadata}
            shard = self.sets[policy, "review" if result == "held" else ""].write(record)
        return {
            "time": f"2026-11-23T09:{seq % 60:02d}:00.000Z", "url": printable(url), "url_sha256": url_id(url),
            "site": url.split("/")[2], "policy": policy, "digest": digest, "result": result,
            "stage": "shard" if shard else "signals", "rule": printable(rule),
            "effect": found.effect.value if found else "drop",
            "status": found.status if found else "ours", "citations": list(found.cite) if found else [printable(WORDS)],
            "rules": [printable(rule)], "met": [], "pii": {}, "treatments": {}, "evidence": evidence, "shard": shard,
            "note": printable(WORDS) if "evil" in url else "train-ai=reserved (header:tdm-reservation)",
        }  # fmt: skip


def make_run(folder: Path) -> Path:
    """The same as a run of a job, with others in the book: skipped, failed with hostile words. The crawl's folder."""
    book = Book(folder)
    book.note_job("news", "0 3 * * mon-fri Asia/Tokyo")
    runs = [book.enter("news", f"2026112{day}T180000Z", f"2026112{day}T180000Z", "on time") for day in (2, 3)]
    skipped, failed = book.enter("news", "late", None, "by hand"), book.enter("other", "once", None, WORDS)
    assert skipped
    assert failed
    counts = {"jp": {"seen": 5, "kept": 2, "held": 1, "dropped": 2}, "eu": {"seen": 5, "kept": 1, "dropped": 4}}
    for run in filter(None, runs):
        book.change(run, status=Status.FINISHED, started=STARTED, ended=ENDED, exit=0, counts=counts, bytes=10**7,
                    changes={"new": 3, "drift": 1})  # fmt: skip
    book.change(skipped, status=Status.SKIPPED, reason="the last run is still under way")
    book.change(failed, status=Status.FAILED, started=STARTED, ended=ENDED, exit=1, reason=WORDS)
    crawl = folder / "news" / RUNS / "20261123T180000Z"
    crawl.parent.mkdir(parents=True)
    make(crawl)
    return crawl


def make(folder: Path) -> None:
    """Write it, closed as a crawl is; the key that signs lies beside it in ledger.key."""
    folder.mkdir()
    policies = load_all("jp,eu", all_facts(), today=date(2026, 11, 23))
    writing = _Writing(folder, policies)
    entries = [{"id": p.id, "title": p.title, "day": p.day.isoformat(), "digest": p.digest} for p in policies]
    run = {
        "id": "c1", "started": "2026-11-23T09:00:00+00:00", "finished": "2026-11-23T10:00:00+00:00",
        "agent": "UsufructBot", "policies": entries, "ledger_key": str(writing.key.verifier(ORIGIN)),
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    reserved = [
        Fact("robots", "allowed", "robots.txt:L2", "Allow: /"),
        Fact("train-ai", "reserved", "header:tdm-reservation", "1"),
    ]
    for number in range(70):
        kept = {"jp": ("kept", "jp.all-rights-reserved"), "eu": ("kept", "eu.all-rights-reserved")}
        writing.url(f"https://site-{number % 9}.example/{number}", kept, [Fact("robots", "allowed", "robots.txt:L2")])
    for name in ("reserved", "reserved-too"):
        held = {"jp": ("held", "jp.reservation"), "eu": ("dropped", "eu.reservation")}
        writing.url(f"https://news.example/{name}", held, reserved, text="A held text.\n\nIts second paragraph.")
    broken = {"jp": ("held", "jp.reservation"), "eu": ("dropped", WORDS)}
    writing.url(HOSTILE, broken, [*reserved, Fact("train-ai", WORDS, WORDS, WORDS)], text=WORDS)
    writing.frontier.accept(WAITING, WAITING)
    writing.close()
