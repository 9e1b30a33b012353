"""Figures that another process wrote as Prometheus text, told again with labels that say whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from crawler.metrics.metric import NAME, Metric, Sample

_KINDS = ("counter", "gauge")


def read_text(files: Mapping[Path, Mapping[str, str]]) -> list[Metric]:
    """The metrics of some files.

    Args:
        files: Each with the labels that its samples are given besides their own.

    Returns:
        Each metric once, with the samples of all files. A file that is not there or cannot be read has none.
    """
    from prometheus_client.parser import text_string_to_metric_families

    samples: dict[tuple[str, str, str], list[Sample]] = {}
    for path, labels in files.items():
        try:
            families = list(text_string_to_metric_families(path.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            continue
        for family in families:
            name = f"{family.name}_total" if family.type == "counter" else family.name
            if family.type in _KINDS and NAME.fullmatch(name):
                found = samples.setdefault((name, family.type, family.documentation), [])
                found += [({**labels, **one.labels}, one.value) for one in family.samples if one.name == name]
    return [_metric(name, kind, says, found) for (name, kind, says), found in samples.items()]


def _metric(name: str, kind: str, says: str, samples: list[Sample]) -> Metric:
    return Metric(name, "counter" if kind == "counter" else "gauge", says, tuple(samples))
