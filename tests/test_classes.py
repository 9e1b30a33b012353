"""Source classes: lists in the formats that people publish, addresses in the spelling that the crawl uses."""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from crawler.class_lists import Kind, ListError, address, read_list
from crawler.classes import CLASSES, ClassFile, SourceClasses, load_classes
from crawler.policy.load import SHIPPED
from crawler.policy.read import PolicyError, read

TABLES = Path(__file__).parent / "classes"
Row = Mapping[str, Any]


def _table(name: str) -> list[Row]:
    rows: list[Row] = YAML(typ="safe", pure=True).load((TABLES / name).read_text("utf-8"))
    return rows


@pytest.mark.parametrize("row", _table("lists.yaml"), ids=lambda row: row["id"])
def test_a_list_is_read_as_the_table_says(row: Row, tmp_path: Path) -> None:
    """Every name with what it covers; a line that is none stops the reading, with its number."""
    path = tmp_path / row.get("file", "list.txt")
    path.write_text(row["text"], encoding="utf-8")
    found = []
    try:
        for name, kind in read_list(path):
            found.append([name, kind.value])
        error: list[Any] = []
    except ListError as problem:
        error = [int(problem.where.rpartition(":")[2]), problem.found.partition(":")[0]]
    assert error == row.get("error", [])
    assert found == row.get("says", []) or error


@pytest.mark.parametrize("row", _table("addresses.yaml"), ids=lambda row: row["id"])
def test_an_address_is_in_the_classes_that_the_table_says(row: Row, tmp_path: Path) -> None:
    """Or the file is refused with a message that names file and line."""
    path = tmp_path / "classes.yaml"
    YAML().dump(row["file"], path)
    if "error" in row:
        with pytest.raises(PolicyError, match=row["error"]) as caught:
            load_classes(path)
        assert str(tmp_path) in str(caught.value)
        return
    classes = load_classes(path)
    assert {url: list(classes.of(url)) for url in row["classes"]} == row["classes"]


def test_a_list_stands_beside_its_file_and_its_bad_line_is_named(tmp_path: Path) -> None:
    """File and line of the list, not of the file that names it."""
    entry = {"class": "pirate", "list": "more/pirates.txt", "source": "ours", "date": "2026-11-22"}
    path, listed = tmp_path / "classes.yaml", tmp_path / "more" / "pirates.txt"
    listed.parent.mkdir()
    path.write_text(json.dumps({"classes": [entry]}).replace('"2026-11-22"', "2026-11-22"), encoding="utf-8")
    listed.write_text("||a.example^\n", encoding="utf-8")
    assert load_classes(path).of("http://x.a.example/") == ("pirate",)
    listed.write_text("||a.example^\nno name at all\n", encoding="utf-8")
    with pytest.raises(PolicyError, match=r"pirates\.txt:2: no name and no address: 'no name at all'; allowed: a name"):
        load_classes(path)


def test_the_shipped_classes_say_who_says_so() -> None:
    """Each entry with source, date and how sure we are; no class that nobody knows."""
    content = read(SHIPPED / "source-classes.yaml", ClassFile).content
    assert {entry.class_ for entry in content.classes} <= set(CLASSES)
    assert all(entry.source and entry.checked in "VK" for entry in content.classes)
    assert len(load_classes()) > 0


@given(content=st.binary(max_size=300), suffix=st.sampled_from([".txt", ".csv", ".tsv"]))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_as_a_list_end_in_names_or_a_message(content: bytes, suffix: str, tmp_path: Path) -> None:
    """Never in a traceback; and what is read is spelled as the crawl spells it."""
    path = tmp_path / f"list{suffix}"
    path.write_bytes(content)
    with suppress(ListError):
        for name, kind in read_list(path):
            assert address(name, kind) == name


@given(url=st.text(max_size=60) | st.from_regex(r"https?://[a-z.%:@\[\]]{1,20}/[a-z/?#.%]{0,20}", fullmatch=True))
@settings(max_examples=200, deadline=None)
def test_any_address_has_an_answer(url: str) -> None:
    """Whatever it holds."""
    classes = SourceClasses()
    for kind in Kind:
        classes.add("a.example", kind, "pirate")
    assert classes.of(url) in ((), ("pirate",))


def test_long_lists_are_looked_up_at_once_and_fit_in_memory() -> None:
    """A fifth of a million names: under 250 bytes each, and a look-up does not pass through them."""
    tracemalloc.start()
    classes = SourceClasses()
    for number in range(200_000):
        classes.add(f"host-{number}.example", Kind.DOMAIN, "adult")
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used / 200_000 < 250
    begin = time.process_time()
    for number in range(2_000):
        assert classes.of(f"https://www.host-{number}.example/a/b") == ("adult",)
    assert time.process_time() - begin < 1  # passing through the list would take a minute


def test_every_class_stands_in_the_documentation() -> None:
    """docs/release.md."""
    documented = (SHIPPED.parent / "docs" / "release.md").read_text("utf-8")
    assert all(f"`{name}`" in documented for name in CLASSES)
