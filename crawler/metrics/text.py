"""Metrics as Prometheus text (exposition format 0.0.4); the one place that imports prometheus_client."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from crawler.metrics.metric import NO_LABELS, Metric

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.core import Metric as Family

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Collect = Callable[[], Iterable[Metric]]


class MissingExtraError(ImportError):
    """Metrics were asked for, and what writes them is not installed; the message says what to do."""


def check_installed() -> None:
    """Raise MissingExtraError where metrics cannot be had."""
    try:
        import prometheus_client  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "telling Prometheus needs the extra `metrics`: pip install 'usufruct[metrics]'"
        ) from error


def registry_of(collect: Collect, labels: Mapping[str, str] = NO_LABELS) -> CollectorRegistry:
    """A registry of its own that asks `collect` whenever it is read; nothing is counted in it.

    Args:
        collect: The figures as they are now.
        labels: Added to each of them.

    Raises:
        MissingExtraError: prometheus_client is not installed.
    """
    check_installed()
    from prometheus_client import CollectorRegistry

    class Collector:
        def collect(self) -> Iterable[Family]:
            return (_family(metric, labels) for metric in collect())

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collector())
    return registry


def render(registry: CollectorRegistry) -> bytes:
    """What Prometheus reads."""
    from prometheus_client import generate_latest

    return generate_latest(registry)


def _family(metric: Metric, more: Mapping[str, str]) -> Family:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    names = (*more, *(metric.samples[0][0] if metric.samples else ()))
    kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    family = kind(metric.name, metric.help, labels=names)
    for labels, value in metric.samples:
        family.add_metric([{**more, **labels}[name] for name in names], value)
    return family
