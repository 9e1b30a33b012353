"""What jobs.yaml may say. Each key is told in docs/jobs.md."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cached_property
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from crawler.jobs import quantities
from crawler.jobs.cron import Cron, parse

FOLDER_LOCK = "folder"
LOCKS = (FOLDER_LOCK, "redis://", "rediss://", "unix://")
TAKEN = ("jobs.sqlite",)  # names in the folder that are ours
_NAME = re.compile(r"(?a:[a-z0-9A-Z][\w.-]{0,63})")


def _name(text: str) -> str:
    if not _NAME.fullmatch(text) or text.endswith(".") or text.lower().startswith(TAKEN):
        raise ValueError(
            "no name for a folder; allowed are letters, digits, '-', '_' and '.', at most 64, a letter or digit first"
        )
    return text


def _zone(text: str) -> str:
    if not (known := available_timezones()):
        raise ValueError("this machine has no data of time zones; install the package tzdata")
    if text not in known:
        raise ValueError(f"no time zone; allowed are names such as Asia/Tokyo, Europe/Berlin, UTC{_near(text)}")
    return text


def _near(text: str) -> str:
    near = get_close_matches(text, available_timezones(), 1, 0.7)
    return f"; did you mean {near[0]}?" if near else ""


def _cron(text: str) -> str:
    parse(text)
    return text


def _lock(text: str) -> str:
    if text != FOLDER_LOCK and not text.startswith(LOCKS[1:]):
        raise ValueError(f"no lock; allowed are {FOLDER_LOCK}, and addresses that begin with {', '.join(LOCKS[1:])}")
    return text


def _webhook(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError("no http(s) address")
    return text


def _scalar(value: Any) -> Any:
    """A value of `-a` or `-s` as the command line has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _setting(value: Any) -> Any:
    """Settings know True and False."""
    return str(value) if isinstance(value, bool | int | float) else value


def _text(value: Any) -> Any:
    """A number where a text is asked for: `disk: 20` is told that it lacks a unit."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _listed(value: Any) -> Any:
    return ",".join(map(str, value)) if isinstance(value, list) else _text(value)


Word = Annotated[str, Field(min_length=1)]
Seconds = Annotated[str, BeforeValidator(_text), AfterValidator(lambda text: quantities.seconds(text) and text)]
Size = Annotated[str, BeforeValidator(_text), AfterValidator(lambda text: quantities.size(text) and text)]
Listed = Annotated[Word, BeforeValidator(_listed)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Schedule(_Part):
    """When a job is due: cron's five fields in a zone, or an interval, counted from 1970 in UTC."""

    cron: Annotated[str, AfterValidator(_cron)] = ""
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    every: Seconds = ""

    @model_validator(mode="after")
    def _one(self) -> Schedule:
        if bool(self.cron) == bool(self.every):
            raise ValueError("give either cron, with timezone, or every")
        if self.every and "timezone" in self.model_fields_set:
            raise ValueError("timezone goes with cron; an interval is the same in every zone")
        return self

    @cached_property
    def line(self) -> Cron:
        """The five fields, read."""
        return parse(self.cron)

    @property
    def zone(self) -> ZoneInfo:
        """The zone."""
        return ZoneInfo(self.timezone)

    @property
    def seconds(self) -> int:
        """The interval; 0 where there is none."""
        return quantities.seconds(self.every) if self.every else 0

    def __str__(self) -> str:
        return f"{self.cron} {self.timezone}" if self.cron else f"every {self.every}"


class Limits(_Part):
    """When a run is ended: so many pages, so long, so much disk used by it, or so little left free."""

    pages: Annotated[int, Field(strict=True, ge=1)] | None = None
    hours: Annotated[float, Field(gt=0, le=24 * 366, allow_inf_nan=False)] | None = None
    disk: Size = ""
    free: Size = ""

    @property
    def seconds(self) -> float | None:
        """How long a run may take."""
        return self.hours * 3_600 if self.hours else None

    @property
    def disk_bytes(self) -> int | None:
        """How much room the folder of a run may take."""
        return quantities.size(self.disk) if self.disk else None

    @property
    def free_bytes(self) -> int | None:
        """How much room must stay free on the disk."""
        return quantities.size(self.free) if self.free else None


class Retention(_Part):
    """Of which runs page bodies and console logs stay: the last so many, those of the last days."""

    runs: Annotated[int, Field(strict=True, ge=1)] | None = None
    days: Annotated[int, Field(strict=True, ge=0)] | None = None


class Target(_Part):
    """Who is told: an address that is posted to, or a command."""

    webhook: Annotated[str, AfterValidator(_webhook)] = ""
    command: Annotated[tuple[Word, ...], Field(min_length=1)] = ()

    @model_validator(mode="after")
    def _one(self) -> Target:
        if bool(self.webhook) == bool(self.command):
            raise ValueError("give either webhook or command")
        return self


class Job(_Part):
    """One job."""

    name: Annotated[Word, BeforeValidator(_text), AfterValidator(_name)]
    spider: Word = "web"
    seeds: Listed = ""
    policy: Listed
    contact: str = ""
    arguments: dict[str, Annotated[str, BeforeValidator(_scalar)]] = {}
    settings: dict[str, Annotated[str, BeforeValidator(_setting)]] = {}
    schedule: Schedule | None = None
    limits: Limits = Limits()
    retention: Retention = Retention()
    overlap: Literal["skip", "queue", "stop"] = "skip"
    missed: Literal["run", "skip"] = "run"
    within: Seconds = ""
    incremental: Annotated[bool, Field(strict=True)] = False

    @property
    def within_s(self) -> int | None:
        """How late a missed run may be made up for; None: however late."""
        return quantities.seconds(self.within) if self.within else None


class JobsFile(_Part):
    """The whole file."""

    folder: Word = "collections"
    contact: str = ""
    lock: Annotated[str, AfterValidator(_lock)] = FOLDER_LOCK
    notify: tuple[Target, ...] = ()
    jobs: Annotated[tuple[Job, ...], Field(min_length=1)]
