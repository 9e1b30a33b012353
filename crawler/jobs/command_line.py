"""A job as the command that runs it: `scrapy crawl SPIDER -a ... -s ...`. Paths are relative to jobs.yaml."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from crawler import settings as our_settings
from crawler.arguments import JUDGING_ARGUMENTS
from crawler.jobs.model import Job
from crawler.jobs.read import Source
from crawler.metrics.text import MissingExtraError, check_installed
from crawler.policy.spec import is_path
from crawler.resuming import begun

OWN_KEYS = {"policy": "policy", "seeds": "seeds", "contact": "contact", "limit": "limits: {pages: N}",
            "known": "incremental: true", "out": "folder, at the top"}  # fmt: skip
FILES = ("records", "classes")  # arguments that name a file
KEY_FILES = ("PSEUDONYM_KEY", "LEDGER_KEY")  # settings that do, unless the value is a word
KNOWN = "known.sqlite"
METRICS = "metrics.prom"
SPIDERS_OF_OURS = ("web",)


def arguments_of(job: Job, source: Source) -> dict[str, str]:
    """What the job gives with `-a`, but `out`."""
    limit = {"limit": str(job.limits.pages)} if job.limits.pages else {}
    known = {"known": str(source.folder / job.name / KNOWN)} if job.incremental else {}
    contact = job.contact or source.content.contact
    seeds, policy = _seeds(job.seeds, source), _policies(job.policy, source)
    own: dict[str, str] = {"seeds": seeds, "policy": policy, "contact": contact}
    given = {name: _path(value, source) if name in FILES else value for name, value in job.arguments.items()}
    return {**{name: value for name, value in own.items() if value}, **given, **limit, **known}


def begin(job: Job, source: Source, out: Path) -> list[str]:
    """The command that begins a run."""
    return _command(job, source, {**arguments_of(job, source), "out": str(out)}, out)


def begin_by_hand(job: Job, source: Source, out: Path) -> list[str]:
    """The command that begins a run which somebody asks for now: known pages are visited whatever their age."""
    return [*begin(job, source, out), *(("-s", "REVISIT_ALL=True") if job.incremental else ())]


def go_on(job: Job, source: Source, out: Path) -> list[str]:
    """The command that goes on with a run; what was begun knows its arguments, and few may be given anew."""
    given = arguments_of(job, source)
    if job.spider not in SPIDERS_OF_OURS or begun(out) is None:
        return [*_command(job, source, {**given, "out": str(out)}, out), "--resume"]
    again: dict[str, str] = {name: given[name] for name in ("limit", "contact") if name in given}
    return [*_command(job, source, {**again, "out": str(out)}, out), "--resume"]


def rejudge(job: Job, source: Source, out: Path) -> list[str]:
    """The command that judges what is stored of known pages by the policies as they are now; nothing is fetched."""
    given = {name: value for name, value in arguments_of(job, source).items() if name in JUDGING_ARGUMENTS}
    command = _command(job, source, {**given, "out": str(out)}, out)
    place = command.index("crawl")
    book = str(source.folder / job.name / KNOWN)
    return [*command[:place], "judge", "--known", book, *command[place + 2 :]]


def _command(job: Job, source: Source, arguments: Mapping[str, str], out: Path) -> list[str]:
    settings = settings_of(job, source)
    fields = {"LOG_FIELDS": json.dumps({"job": job.name, "run": out.name})}
    for name, value in {**_metrics(out), **fields}.items():
        settings.setdefault(name, value)
    return [
        *(sys.executable, "-m", "scrapy", "crawl", job.spider),
        *(part for name, value in arguments.items() for part in ("-a", f"{name}={value}")),
        *(part for name, value in settings.items() for part in ("-s", f"{name}={value}")),
    ]


def _metrics(out: Path) -> dict[str, str]:
    """Crawls side by side cannot answer at one address; what they tell is told by `serve`, from their files."""
    try:
        check_installed()
    except MissingExtraError:
        return {}
    wanted = {"METRICS_TEXTFILE": str(out / METRICS), "METRICS_LISTEN": ""}
    return {name: value for name, value in wanted.items() if hasattr(our_settings, name)}


def settings_of(job: Job, source: Source) -> dict[str, str]:
    """What the job gives with `-s`."""
    return {
        name: _path(value, source) if name in KEY_FILES and re.search(r"[/\\.]", value) else value
        for name, value in job.settings.items()
    }


def _seeds(seeds: str, source: Source) -> str:
    return seeds if not seeds or "://" in seeds or seeds == "-" else _path(seeds, source)


def _policies(policies: str, source: Source) -> str:
    """Files of policies, wherever they stand in `jp,rules/own.yaml+eu`."""
    parts = re.split(r"([,+])", policies)
    return "".join(_path(part.strip(), source) if is_path(part) else part for part in parts)


def _path(value: str, source: Source) -> str:
    return str(source.base / value)
