"""A figure as it is told to Prometheus: names, help and samples; independent of any package.

Names follow the conventions of the Prometheus documentation ("Metric and label naming", read 2026-11-23): our prefix,
base units as suffixes, `_total` at the end of counters. Label values come from short, known lists: never a host, an
address or anything else of which there is no end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

PREFIX = "usufruct_"
NAME = re.compile(r"usufruct_[a-z][a-z0-9_]*[a-z0-9]")
NO_LABELS: Mapping[str, str] = MappingProxyType({})

Sample = tuple[Mapping[str, str], float]  # labels and value


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric with its samples.

    Attributes:
        name: As Prometheus shows it; that of a counter ends in `_total`.
        kind: A counter only grows while the process lives; a gauge does as it likes.
        help: One sentence.
        samples: Each with the same label names.
    """

    name: str
    kind: Literal["counter", "gauge"]
    help: str
    samples: tuple[Sample, ...]

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name) or self.name.endswith("_total") != (self.kind == "counter"):
            raise ValueError(f"metric {self.name!r}: begins with {PREFIX}, and ends in _total where it is a counter")


def gauge(name: str, help: str, value: float | Iterable[Sample]) -> Metric:
    """A gauge of one value, or of several with labels.

    >>> gauge("usufruct_queue_waiting_pages", "Pages that wait.", 3).samples
    ((mappingproxy({}), 3.0),)
    """
    return Metric(name, "gauge", help, _samples(value))


def counter(name: str, help: str, value: float | Iterable[Sample]) -> Metric:
    """A counter of one value, or of several with labels."""
    return Metric(name, "counter", help, _samples(value))


def _samples(value: float | Iterable[Sample]) -> tuple[Sample, ...]:
    return ((NO_LABELS, float(value)),) if isinstance(value, int | float) else tuple(value)
