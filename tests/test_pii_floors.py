"""Measured quality has floors: tests/pii_floors.yaml, on fixed samples."""

from __future__ import annotations

import os

import pytest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the workers do, before numpy is imported

from tests.pii_floors import SAMPLES, Sample, digest, figures, measured, samples

MEND = "`python -m tests.pii_floors` prints what is measured now"


@pytest.mark.parametrize("sample", [pytest.param(one, id=one.name) for one in samples()])
def test_no_figure_is_below_its_floor(sample: Sample) -> None:
    """On a sample that nobody has changed."""
    assert digest(sample.path) == sample.digest, f"{sample.name} is not the sample that the floors were set on"
    found = figures(measured(sample.path))
    below = [
        f"{label}: {name} {found[label][name]:.3f} is below {floor}"
        for label, floors in sample.floors.items()
        for name, floor in floors.items()
        if found[label][name] < floor
    ]
    assert not below, f"{sample.name}: {'; '.join(below)}. {MEND}; to lower a floor is a change of its own"


def test_every_sample_has_its_license_beside_it() -> None:
    told = (SAMPLES / "README.md").read_text(encoding="utf-8")
    for path in SAMPLES.glob("*.jsonl"):
        assert f"`{path.name}`" in told
