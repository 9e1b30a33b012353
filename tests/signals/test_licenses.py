"""The table of licenses, the list behind it, and what holds for all expressions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from crawler.signals import licenses

ROWS: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(
    Path(__file__).with_name("licenses.yaml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_license(row: dict[str, Any]) -> None:
    """A text names a license, or none."""
    found = licenses.recognize(row["text"])
    assert (None if found is None else [found.spdx, *found.classes]) == (
        None if row["spdx"] is None else [row["spdx"], *row["classes"]]
    )


def test_every_identifier_is_in_the_spdx_list() -> None:
    """What our table lists, SPDX lists under the same name; its list comes with the package `packaging`."""
    listed = pytest.importorskip("packaging.licenses._spdx").LICENSES
    assert [name for name, row in licenses._listed().items() if listed.get(name, {}).get("id") != row.id] == []


def test_every_class_is_one_that_policies_know() -> None:
    known = set(licenses.LEAST_RESTRICTIVE_FIRST)
    assert {kind for row in licenses._listed().values() for kind in row.classes} <= known
    assert {kind for row in licenses._by_address().values() for kind in row.classes} <= known


IDS = st.sampled_from(("MIT", "CC0-1.0", "CC-BY-NC-4.0", "CC-BY-ND-4.0", "BUSL-1.1", "LicenseRef-x"))
EXPRESSIONS = st.recursive(
    IDS, lambda inner: st.tuples(inner, st.sampled_from(("AND", "OR")), inner).map(lambda parts: f"({' '.join(parts)})")
)


@given(one=EXPRESSIONS, other=EXPRESSIONS)
def test_a_choice_is_never_stricter_and_a_sum_never_freer(one: str, other: str) -> None:
    """OR comes to one of its sides; AND is at least as strict as each."""
    sides = [licenses.classes_of(one), licenses.classes_of(other)]
    either, both = licenses.classes_of(f"{one} OR {other}"), licenses.classes_of(f"{one} AND {other}")
    assert either in sides
    assert all(licenses._restriction(either) <= licenses._restriction(side) for side in sides)
    assert all(licenses._restriction(both) >= licenses._restriction(side) for side in sides)


@given(text=st.text(max_size=60) | st.text(alphabet="()ANDORMITWH +-/:.", max_size=60))
def test_no_text_raises(text: str) -> None:
    """Any text names a license or none."""
    assert licenses.recognize(text) is None or licenses.recognize(text).classes  # type: ignore[union-attr]
    licenses.classes_of(text)


@pytest.mark.parametrize("text", ["(" * 999, "MIT AND " * 124 + "MIT", "(" * 20 + "MIT" + ")" * 20, "//" + "a." * 9999])
def test_long_texts_end(text: str) -> None:
    licenses.recognize(text)
