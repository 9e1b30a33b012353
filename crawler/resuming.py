"""A run that goes on with the folder of one that died or was stopped: what it finds there, and where it takes over.

    ledger -> what is decided    journals -> records and facts not published    frontier -> what is pending

The ledger is the truth. Whatever stands elsewhere and has no line there never was: the last records and facts of
journals, evidence, accepted addresses. What has a line is never judged again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler.arguments import ArgumentError
from crawler.audit.frontier import FOLDER as FRONTIER
from crawler.audit.frontier import Frontier
from crawler.audit.ledger import FOLDER as LEDGER
from crawler.audit.read_run import read_run
from crawler.pending import Pending
from crawler.pii.mask import mask_url
from crawler.sources.cut import Last
from crawler.tally import End, Tally

STATE = f"{FRONTIER}/state.sqlite"  # below the crawl's folder
ARGUMENTS, BOOT = "arguments", "boot"  # notes in it
CHANGEABLE = ("limit", "contact", "out")  # arguments that the run that goes on may give anew
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def begun(out: Path) -> Mapping[str, Any] | None:
    """What run.json says of the crawl in a folder; None when there is none that could go on."""
    run = read_run(out)
    return run if run and {"id", "started", "policies"} <= run.keys() else None


def is_complete(out: Path) -> bool:
    """Whether the crawl in a folder has ended and nothing in it is pending."""
    run = begun(out)
    return bool(run and run.get("finished")) and not (out / STATE).exists()


def cannot_go_on(out: Path) -> str:
    """Why the crawl in a folder, which nobody else writes into now, has nothing to go on with; "" when it has."""
    if is_complete(out):
        return "has ended meanwhile, nothing is pending"
    if not (out / STATE).exists() and any((out / LEDGER).glob("*.jsonl")):
        return f"{STATE} is missing, so nobody knows which addresses are pending; crawl into a new folder"
    return ""


def arguments_of(out: Path) -> dict[str, str]:
    """The arguments that the crawl in a folder was begun with; {} when they are not known. Raises WriteError."""
    if not (out / STATE).exists():
        return {}
    addresses = Pending(out / STATE)
    try:
        return dict(json.loads(addresses.noted(ARGUMENTS) or "{}"))
    finally:
        addresses.abandon()


def with_stored(given: Mapping[str, str], stored: Mapping[str, str]) -> dict[str, str]:
    """The arguments of the run that goes on: those of the one before, where nothing else was given.

    Raises:
        ArgumentError: One is given that would make it another crawl.
    """
    for name, value in given.items():
        if stored and name not in CHANGEABLE and value != stored.get(name, ""):
            was = f"-a {name}={stored[name]}" if name in stored else f"no -a {name}="
            raise ArgumentError(
                f"-a {name}={value}: the crawl was begun with {was}; leave it out to go on, or crawl into a new folder"
            )
    return {**stored, **given}


def open_pending(out: Path, arguments: Mapping[str, str]) -> tuple[Pending, bool]:
    """The pending addresses of a crawl, and whether the machine was not started anew since. Raises WriteError.

    Args:
        out: The crawl's folder.
        arguments: What the operator gave, kept for a run that goes on.
    """
    addresses, boot = Pending(out / STATE), _boot_id()
    same_boot = bool(boot) and addresses.noted(BOOT) in ("", boot)
    addresses.note(BOOT, boot)
    if arguments:
        addresses.note(ARGUMENTS, json.dumps(dict(arguments)))
    return addresses, same_boot


def agree(frontier: Frontier, addresses: Pending, *, same_boot: bool) -> None:
    """List of accepted addresses and state agree again, whichever of the two lost its end. Raises WriteError."""
    frontier.cut_unknown(addresses.holds)
    if not same_boot:
        for url in addresses.urls():
            frontier.accept(url, mask_url(url))


def _boot_id() -> str:
    """What tells one start of the machine from the next; "" where the system does not say."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


@dataclass(slots=True)
class Found:
    """What the ledger says of the run before, taken up line by line.

    Attributes:
        addresses: Learns which addresses are decided.
        tally: Where they ended.
        last: Folder of evidence -> the last record that a line speaks of.
        decided: Number of URLs.
    """

    addresses: Pending
    tally: Tally = field(default_factory=Tally)
    last: dict[str, Last] = field(default_factory=dict)
    decided: int = 0
    _name: str = ""

    def __call__(self, content: bytes) -> None:
        """Take one line up."""
        line = json.loads(content)
        if "result" not in line:
            return
        self.tally.add([End(line["policy"], line["result"], line["stage"], line["rule"])])
        if line["url_sha256"] != self._name:
            self._name = line["url_sha256"]
            self.addresses.decided(self._name)
            self.decided += 1
        for place in line["evidence"]:
            file, _, offset = place.rpartition("#")
            folder = file.partition("/")[0]
            self.last[folder] = max(self.last.get(folder, ("", 0)), (file, int(offset)))
