"""Whether a crawl is well: it records, it has room, and it is silent only where hosts asked it to be."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from crawler.metrics.endpoint import Health

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """What is no longer healthy.

    Attributes:
        silent_s: So long without an outcome, while addresses are pending and no host asked for quiet.
        free_bytes: Less room than this.
    """

    silent_s: float
    free_bytes: int


@dataclass(frozen=True, slots=True)
class State:
    """How a crawl is at one moment.

    Attributes:
        recording: False when the disk has refused, and the crawl is ending.
        silent_seconds: Since an address got its lines.
        quiet_hosts: Hosts that asked to be left alone, and are.
        disk_free_bytes: Room where the crawl is written.
    """

    running: bool
    recording: bool
    accepted: int
    decided: int
    pending: int
    silent_seconds: float
    quiet_hosts: int
    ledger_lines: int
    disk_free_bytes: int
    memory_bytes: int


def health_of(state: State, limits: Limits) -> Health:
    """What is not as it should be, with the figures."""
    problems = []
    if not state.recording:
        problems.append("the crawl cannot go on recording, and ends")
    if state.running and state.pending and not state.quiet_hosts and state.silent_seconds > limits.silent_s:
        problems.append(
            f"no outcome for {state.silent_seconds / 60:.0f} minutes, while {state.pending} addresses are pending and "
            "no host asked to be left alone"
        )
    if (free := state.disk_free_bytes) < limits.free_bytes:
        problems.append(f"{free // MIB} MiB are free where the crawl is written, under {limits.free_bytes // MIB}")
    return Health(ok=not problems, problems=tuple(problems), facts=asdict(state))
