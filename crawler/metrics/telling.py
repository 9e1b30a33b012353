"""What the settings say of metrics: to whom, how often, and what is no longer healthy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.arguments import ArgumentError, mapping_of
from crawler.metrics.health import MIB, Limits
from crawler.metrics.text import MissingExtraError, check_installed

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

LABEL = re.compile("[a-z][a-z0-9_]*")
RESERVED = ("policy", "result", "stage", "rule", "state", "kind", "class", "answer", "process", "version")


@dataclass(frozen=True, slots=True)
class Telling:
    """Who is told.

    Attributes:
        textfile: None for no file.
        listen: Host and port; None for no endpoint.
        labels: Added to every figure.
        seconds: Between two writings of the file.
        limits: Of what is healthy.
    """

    textfile: Path | None
    listen: tuple[str, int] | None
    labels: Mapping[str, str]
    seconds: float
    limits: Limits

    @property
    def is_off(self) -> bool:
        """Whether nobody is told anything."""
        return self.textfile is None and self.listen is None


def telling(settings: BaseSettings) -> Telling:
    """Read the settings.

    Raises:
        ArgumentError: One cannot be used, or the extra `metrics` is not installed.
    """
    told = Telling(
        textfile=Path(settings["METRICS_TEXTFILE"]) if settings["METRICS_TEXTFILE"] else None,
        listen=_listen(str(settings["METRICS_LISTEN"])) if settings["METRICS_LISTEN"] else None,
        labels=_labels(mapping_of(settings, "METRICS_LABELS")),
        seconds=_number(settings, "METRICS_SECONDS", more_than=0),
        limits=Limits(
            silent_s=_number(settings, "HEALTH_SILENT_MINUTES", more_than=0) * 60,
            free_bytes=int(_number(settings, "HEALTH_DISK_MIB", more_than=-1) * MIB),
        ),
    )
    if not told.is_off:
        try:
            check_installed()
        except MissingExtraError as error:
            raise ArgumentError(f"METRICS_TEXTFILE, METRICS_LISTEN: {error}") from error
    return told


def _number(settings: BaseSettings, name: str, *, more_than: float) -> float:
    try:
        value = settings.getfloat(name)
    except (TypeError, ValueError):
        value = more_than
    if not more_than < value < float("inf"):
        raise ArgumentError(f"{name}={settings[name]}: must be a number that is more than {more_than:g}")
    return value


def _listen(value: str) -> tuple[str, int]:
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535 or (":" in host) != host.startswith("["):
        raise ArgumentError(f"METRICS_LISTEN={value}: give HOST:PORT, for example 127.0.0.1:9410 or [::1]:9410")
    return host.strip("[]"), int(port)


def _labels(given: Mapping[str, Any]) -> dict[str, str]:
    for name in given:
        if not LABEL.fullmatch(name) or name in RESERVED:
            raise ArgumentError(
                f"METRICS_LABELS: {name!r} is no label: lower case letters, digits and _, and none of "
                f'{", ".join(RESERVED)}; for example {{"collection": "news"}}'
            )
    return {name: str(value) for name, value in given.items()}
