"""The figures of a running crawl, read from the objects that run it; what they mean is told in docs/watching.md.

Nothing is counted here. Labels are words of ours (results, stages, kinds of failure) and the ids of the policies and
of their rules: no host, no address, nothing of a page.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from time import monotonic, time
from typing import TYPE_CHECKING

from crawler.arguments import VERSION
from crawler.document import FetchError
from crawler.metrics.health import State
from crawler.metrics.metric import Metric, Sample, counter, gauge
from crawler.workload import resident_bytes

if TYPE_CHECKING:
    from scrapy.core.downloader import Downloader
    from scrapy.statscollectors import StatsCollector

    from crawler.collection import Collection
    from crawler.patience import Patience
    from crawler.sites import SiteFiles

FAILURES = ("died", "timeout", "error")
CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
_STATUS = "downloader/response_status_count/"


@dataclass(slots=True)
class Watched:
    """The objects of a running crawl.

    Attributes:
        started: When it began, seconds since 1970.
        running: False once it has ended.
    """

    collection: Collection
    patience: Patience
    sites: SiteFiles
    downloader: Downloader
    stats: StatsCollector
    started: float
    running: bool = True

    @property
    def silent_s(self) -> float:
        """Seconds since an address got its lines."""
        return monotonic() - self.collection.recorded_at

    @property
    def free_bytes(self) -> int:
        """Room where the crawl is written."""
        try:
            return shutil.disk_usage(self.collection.out).free
        except OSError:
            return 0

    def state(self, *, recording: bool) -> State:
        """How it is now."""
        collection = self.collection
        return State(
            running=self.running,
            recording=recording,
            accepted=collection.accepted,
            decided=collection.decided,
            pending=collection.pending,
            silent_seconds=round(self.silent_s, 1),
            quiet_hosts=self.patience.quiet_hosts,
            ledger_lines=collection.ledger.size,
            disk_free_bytes=self.free_bytes,
            memory_bytes=resident_bytes(),
        )


def figures(watched: Watched) -> Iterator[Metric]:
    """Everything that Prometheus is told; the same metrics each time, some without samples."""
    yield gauge("usufruct_build_info", "The version that runs.", [({"version": VERSION}, 1)])
    yield gauge("usufruct_crawl_running", "1 while the crawl runs, 0 once it has ended.", watched.running)
    yield gauge("usufruct_crawl_started_timestamp_seconds", "When this run began.", watched.started)
    yield from _pages(watched)
    yield from _downloads(watched)
    yield from _site_files(watched.sites)
    yield from _workers(watched.collection)
    yield from _ledger(watched)


def _pages(watched: Watched) -> Iterator[Metric]:
    collection, tally = watched.collection, watched.collection.tally
    ends = [({**end._asdict()}, float(number)) for end, number in sorted(tally.ends.items())]
    postponed = min(watched.patience.waiting, collection.under_way) if watched.running else 0
    yield counter("usufruct_pages_accepted_total", "Addresses taken into the crawl.", collection.accepted)
    yield counter("usufruct_pages_decided_total", "Addresses with an outcome.", collection.decided)
    yield counter("usufruct_outcomes_total", "Outcomes by policy, result, stage and deciding rule.", ends)
    yield gauge(
        "usufruct_pending_pages",
        "Addresses without an outcome: under way, waiting on the disk, postponed because a host asked for it.",
        _by(
            "state",
            {
                "under-way": collection.under_way - postponed,
                "waiting": collection.addresses.waiting,
                "postponed": postponed,
            },
        ),
    )
    errors = {error.value: tally.errors[error.value] for error in FetchError if error.value}
    yield counter("usufruct_fetch_errors_total", "Exchanges that failed, by kind.", _by("kind", errors))


def _downloads(watched: Watched) -> Iterator[Metric]:
    stats, slots, patience = watched.stats.get_stats(), list(watched.downloader.slots.values()), watched.patience
    answers = dict.fromkeys(CLASSES, 0)
    for name, number in stats.items():
        if name.startswith(_STATUS) and (kind := f"{name.removeprefix(_STATUS)[:1]}xx") in answers:
            answers[kind] += number
    queued = sum(len(slot.queue) for slot in slots)
    active = len(watched.downloader.active)
    yield counter("usufruct_responses_total", "Answers of servers, site files too.", _by("class", answers))
    received, sent = (stats.get(f"downloader/{way}_bytes", 0) for way in ("response", "request"))
    yield counter("usufruct_received_bytes_total", "Bytes of answers, headers too, as they came.", received)
    yield counter("usufruct_sent_bytes_total", "Bytes of requests.", sent)
    yield gauge(
        "usufruct_download_requests",
        "Requests with the downloader: waiting for their host's turn, and the others.",
        _by("state", {"waiting": queued, "active": max(active - queued, 0)}),
    )
    yield gauge("usufruct_open_hosts", "Hosts with requests now or a moment ago.", len(slots))
    yield gauge("usufruct_quiet_hosts", "Hosts that asked to be left alone for a while.", patience.quiet_hosts)
    yield counter("usufruct_postponed_requests_total", "Requests sent to wait and come back.", patience.postponed)
    yield counter("usufruct_postponed_seconds_total", "For how long, all together.", patience.postponed_s)


def _site_files(sites: SiteFiles) -> Iterator[Metric]:
    yield gauge("usufruct_site_file_cache_files", "Site files kept (robots.txt and its like).", len(sites))
    yield gauge("usufruct_site_file_cache_bytes", "What their bodies take, compressed.", sites.kept_bytes)
    yield counter(
        "usufruct_site_file_questions_total",
        "Questions for a site file: answered from the cache, by a fetch under way, by a fetch of their own.",
        _by("answer", sites.asked),
    )


def _workers(collection: Collection) -> Iterator[Metric]:
    load = collection.workers.load
    failures = {kind: load.failures[kind] for kind in FAILURES}
    yield gauge("usufruct_worker_processes", "Processes that judge pages.", load.processes)
    yield gauge("usufruct_worker_busy_processes", "Of them, those that have a page.", load.busy)
    yield gauge("usufruct_worker_queue_pages", "Pages that wait for a worker.", load.under_way - load.busy)
    yield counter("usufruct_worker_started_total", "Processes that gave a page back, dead ones too.", load.started)
    yield counter(
        "usufruct_worker_failures_total", "Pages that a worker failed on, once or twice.", _by("kind", failures)
    )
    yield counter("usufruct_pii_scanned_bytes_total", "Text looked through for personal data.", load.scanned_bytes)
    yield counter("usufruct_pii_scan_seconds_total", "Processor time of it, in all workers.", load.scan_s)
    memory = {"main": resident_bytes(), "workers": load.resident_bytes}
    yield gauge("usufruct_resident_memory_bytes", "Memory in RAM.", _by("process", memory))


def _ledger(watched: Watched) -> Iterator[Metric]:
    collection, now = watched.collection, time()
    lines, at = collection.synced
    yield gauge(
        "usufruct_ledger_lines", "Lines of the ledger, which is the next line's number.", collection.ledger.size
    )
    yield gauge("usufruct_ledger_checkpoint_lines", "Lines that the last signed checkpoint vouches for.", lines)
    yield gauge("usufruct_ledger_checkpoint_timestamp_seconds", "When it was signed.", now - (monotonic() - at))
    yield gauge(
        "usufruct_last_outcome_timestamp_seconds", "When an address last got its lines.", now - watched.silent_s
    )
    yield gauge("usufruct_disk_free_bytes", "Room where the crawl is written.", watched.free_bytes)


def _by(label: str, values: Mapping[str, float]) -> Iterable[Sample]:
    return [({label: name}, float(value)) for name, value in values.items()]
