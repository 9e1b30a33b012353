"""Small sound crawls for tests of merging: which addresses each took in, and what it made of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crawler.audit.frontier import Frontier
from crawler.audit.ledger import Ledger
from crawler.audit.signing import SigningKey
from crawler.document import url_id
from crawler.shards.shard_set import ShardSet

POLICIES = {"jp": "digest-jp", "us": "digest-us"}


def url(number: int) -> str:
    """An address with a mailbox in it, and how the ledger names it."""
    return f"https://s{number % 3}.example/{number}?to=reader{number}@mail.example.org"


def masked(number: int) -> str:
    return f"https://s{number % 3}.example/{number}?to=[EMAIL_ADDRESS]"


def line(number: int, policy: str, result: str, shard: str = "", **members: Any) -> dict[str, Any]:
    """An outcome."""
    dropped = result == "dropped"
    return {
        "time": "2026-11-23T09:00:00.000Z", "url": masked(number), "url_sha256": url_id(url(number)),
        "site": f"s{number % 3}.example", "policy": policy, "digest": POLICIES.get(policy, ""), "result": result,
        "stage": "signals" if dropped else "shard", "rule": f"{policy}.noai" if dropped else "",
        "effect": "drop" if dropped else "", "status": "law" if dropped else "", "citations": [], "rules": [],
        "met": [], "pii": {}, "treatments": {}, "evidence": [], "shard": shard, "note": "", **members,
    }  # fmt: skip


def key_of(folder: Path) -> SigningKey:
    """The key that signs everything below a folder."""
    return SigningKey.load_or_create(folder / "ledger.key")


def build(out: Path, decided: Mapping[int, str], waits: tuple[int, ...] = (), **run: Any) -> Path:
    """A crawl with these addresses and results, the same under all policies.

    Args:
        out: Its folder; its id is the folder's name.
        decided: Number of an address -> result.
        waits: Addresses that were taken in and not decided.
        run: What its run.json says otherwise.
    """
    key, origin = key_of(out.parent), f"usufruct/{out.name}"
    out.mkdir()
    policies = [{"id": name, "title": name, "day": "2026-11-23", "digest": digest} for name, digest in POLICIES.items()]
    said = {
        "id": out.name,
        "policies": policies,
        "ledger_key": str(key.verifier(origin)),
        "started": "2026-11-23T08:00:00+00:00",
        "finished": "2026-11-23T10:00:00+00:00",
        "agent": "UsufructBot",
        **run,
    }
    (out / "run.json").write_text(json.dumps(said))
    frontier, ledger = Frontier(out), Ledger(out, key=key, origin=origin)
    sets = {
        name: ShardSet(
            out / name, prefix=name, header={"policy": name, "digest": digest}, sync_ledger=ledger.sync_head,
            format="jsonl.zst", max_records=100,
        )
        for name, digest in POLICIES.items()
    }  # fmt: skip
    for number in (*decided, *waits):
        frontier.accept(url(number), masked(number))
    for number, result in decided.items():
        for name, digest in POLICIES.items():
            metadata = {"policy": name, "digest": digest, "ledger": ledger.size}
            record = {"id": f"{url_id(url(number))}:{name}", "text": f"text {number}", "metadata": metadata}
            ledger.append([line(number, name, result, sets[name].write(record) if result == "kept" else "")])
    frontier.close()
    for one in sets.values():
        one.close()
    ledger.close()
    return out
