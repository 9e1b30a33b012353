"""What is measured on the samples of tests/samples/pii, beside the floors of tests/pii_floors.yaml.

`python -m tests.pii_floors` prints both, and the digest of each sample; copy from there what you mean to promise. A
floor that is lowered is a change of its own, that says why.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from ruamel.yaml import YAML

from crawler.document import FindPii
from crawler.pii import measure
from crawler.pii.engines import resolve
from crawler.pii.measure import Measured
from crawler.pii.presidio import build_finder, known_entities

FLOORS = Path(__file__).with_name("pii_floors.yaml")
SAMPLES = Path(__file__).parent / "samples" / "pii"


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample with its floors.

    Attributes:
        name: Of the file.
        digest: SHA-256 of the file, in hex.
        floors: Label -> "precision" and "recall", of finds that overlap, and "strict-..." of those that are exact.
    """

    name: str
    digest: str
    floors: Mapping[str, Mapping[str, float]]

    @property
    def path(self) -> Path:
        return SAMPLES / self.name


def samples() -> tuple[Sample, ...]:
    """Those of the file of floors."""
    rows = YAML(typ="safe").load(FLOORS)
    return tuple(Sample(row["sample"], row["sha256"], row["floors"]) for row in rows)


def digest(path: Path) -> str:
    """SHA-256, in hex."""
    return sha256(path.read_bytes()).hexdigest()


def measured(path: Path) -> Measured:
    """The default tier, on one sample."""
    golds = list(measure.read(path))
    return measure.measure(golds, _find(), measure.labels_of(golds, known_entities()))


@cache
def _find() -> FindPii:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported
    return build_finder(engines=resolve("default", {}))


def figures(found: Measured) -> dict[str, dict[str, float]]:
    """Label -> the figures that a floor may be set for."""
    return {
        label: {
            "recall": one.overlap.scores()["r"],
            "precision": one.overlap.scores()["p"],
            "strict-recall": one.strict.scores()["r"],
            "strict-precision": one.strict.scores()["p"],
        }
        for label, one in found.scores.items()
    }


def _lines() -> Iterator[str]:
    promised = {sample.name: sample.floors for sample in samples()}
    for path in sorted(SAMPLES.glob("*.jsonl")):
        found = measured(path)
        yield f"{path.name}  sha256: {digest(path)}"
        for label, told in figures(found).items():
            floors = promised.get(path.name, {}).get(label, {})
            both = ", ".join(
                f"{name} {value:.3f}" + (f" (floor {floors[name]})" if name in floors else "")
                for name, value in told.items()
            )
            yield f"  {label}, {found.scores[label].strict.gold} spans: {both}"


if __name__ == "__main__":
    for line in _lines():
        print(line)
