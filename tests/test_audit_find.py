"""`scrapy audit find`: every filter finds exactly its lines, and what is printed opens where it should."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from scrapy.exceptions import UsageError

from crawler.audit import view
from crawler.audit.crawl_folder import open_crawl
from crawler.audit.find import find, wanted
from crawler.audit.lines import events, outcomes
from crawler.audit.pages import _stages
from crawler.audit.summary import summarize
from crawler.auditing import find as command
from crawler.auditing.asked_filters import filters_of
from crawler.shards import manifest
from crawler.views.outcome_rows import COLUMNS, cell, print_csv
from tests import audit_crawl
from tests.test_journeys import scrapy

ROWS = YAML(typ="safe", pure=True).load((Path(__file__).parent / "audit" / "filters.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audit_crawl.write(tmp_path_factory.mktemp("find") / "crawl")


@pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in ROWS])
def test_filters_find_their_lines_and_no_others(row: dict[str, Any], crawl: Path) -> None:
    """All that are given must hold; of several values any."""
    if "says" in row:
        done = scrapy("audit", "find", str(crawl), *row["options"])
        assert done.returncode == 2
        assert row["says"] in done.stderr
        assert "Traceback" not in done.stderr
        return
    lines = list(_found(crawl, row.get("asked", ""), row["options"]))
    assert [f"{line['policy']} {'/' + line['url'].split('/', 3)[3]}" for line in lines] == row["found"]
    assert all(view.line(line) for line in lines)


def _found(crawl: Path, asked: str, options: list[str]) -> list[dict[str, Any]]:
    parser = ArgumentParser()
    parser.add_argument("--policy", default="")
    command.add_options(parser)
    opts = parser.parse_args(options)
    opened = open_crawl(crawl)
    lines = list(find(opened, wanted(asked) if asked else None, manifest.read, filters=filters_of(opened, opts)))
    return lines[: opts.limit or None]


def test_each_filter_is_asked_of_bytes_first(crawl: Path) -> None:
    """What a filter passes by unparsed, it would not have taken either."""
    opened = open_crawl(crawl)
    for row in (row for row in ROWS if "found" in row):
        parser = ArgumentParser()
        parser.add_argument("--policy", default="")
        command.add_options(parser)
        filters = filters_of(opened, parser.parse_args(row["options"]))
        for _, line in outcomes(crawl):
            content = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode()
            for result in (line["result"], *(["pending"] if line["shard"] else [])):
                assert filters.may_fit(content) or not filters.fits(line, result)


def test_events_are_no_outcomes(crawl: Path) -> None:
    """They stand in the ledger between outcomes; no reader takes one for a page."""
    assert [line["event"] for _, line in events(crawl)] == ["of-tomorrow", "review", "bodies-removed"]
    assert len(list(outcomes(crawl))) == 10
    assert len({name for name, _ in _stages(crawl)}) == 5
    assert not any("event" in line for line in _found(crawl, "", []))


def test_csv_opens_in_a_spreadsheet(crawl: Path) -> None:
    """A header, as many cells in every row, and no cell that is a formula."""
    out = io.StringIO()
    print_csv(_found(crawl, "", []), out)
    header, *rows = csv.reader(io.StringIO(out.getvalue()))
    assert tuple(header) == COLUMNS
    assert len(rows) == 12
    assert {len(row) for row in rows} == {len(header)}
    assert [row[header.index("note")] for row in rows if row[header.index("url")].endswith("=1")] == ["'=1+1", ""]
    assert not any(value.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for value in row)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("a=b", "a=b"),
        (["a", "b"], "a; b"),
        ([], ""),
        ({"PERSON": 2, "URL": 1}, "PERSON 2; URL 1"),
        (7, "7"),
        (False, "no"),
        ("=cmd()", "'=cmd()"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        (["=a", "b"], "'=a; b"),
    ],
)
def test_a_cell(value: object, text: str) -> None:
    assert cell(value) == text


def test_json_and_csv_are_printed_as_lines_come(crawl: Path) -> None:
    """A JSON array with an element a line; CSV with a row a line; an empty answer is still JSON."""
    done = scrapy("audit", "find", str(crawl), "--result", "dropped", "--json")
    assert next(line["rule"] for line in json.loads(done.stdout)) == "eu.reservation"
    assert len(done.stdout.splitlines()) == 4 + 2
    assert scrapy("audit", "find", str(crawl), "--stage", "duplicates", "--json").stdout == "[]\n"
    assert len(scrapy("audit", "find", str(crawl), "--csv").stdout.splitlines()) == 13


def test_nothing_is_said_in_words(crawl: Path) -> None:
    """With what was asked for, identifiers masked."""
    done = scrapy("audit", "find", str(crawl), "https://a.example/?email=jo.doe@posthaus.net", "--stage", "text")
    assert done.returncode == 0
    assert "Nothing about https://a.example/?email=[EMAIL_ADDRESS] --stage text in " in done.stdout
    assert "posthaus" not in done.stdout + done.stderr


def test_an_option_of_another_subcommand_is_refused(crawl: Path) -> None:
    """It would change nothing, silently."""
    done = scrapy("audit", "summary", str(crawl), "--rule", "eu.reservation")
    assert done.returncode == 2
    assert "--rule is for scrapy audit find, not for summary" in done.stderr


def test_without_a_folder_the_newest_crawl_is_taken(crawl: Path, tmp_path: Path) -> None:
    """As far as ./crawls holds one; which one is said."""
    (tmp_path / "crawls").mkdir()
    (tmp_path / "crawls" / "one").symlink_to(crawl)
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = crawler.settings\n")
    command_line = [sys.executable, "-m", "scrapy", "audit", "summary", "--json"]
    root = str(Path(__file__).parent.parent)
    done = subprocess.run(
        command_line, cwd=tmp_path, env={"PYTHONPATH": root, "PATH": ""}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "crawls/one: the newest crawl" in done.stderr
    assert json.loads(done.stdout)["policies"]["jp"]["kept"] == 2


def test_filters_say_what_is_wrong_without_a_crawl_being_read(crawl: Path) -> None:
    """A mistake in an option is the user's, and is answered before anything is printed."""
    parser = ArgumentParser()
    command.add_options(parser)
    with pytest.raises(UsageError, match="did you mean held"):
        filters_of(open_crawl(crawl), parser.parse_args(["--result", "heId"]))


@pytest.mark.parametrize(
    "damage", [b'{"seq":"one",', b'{"policy":7,', b'{"url":[],', b"\xff\xfe", b'{"rules":7,', b'{"site":null,', b"[]"]
)
def test_a_damaged_line_costs_only_itself(crawl: Path, tmp_path: Path, damage: bytes) -> None:
    """verify names it; find and summary go on."""
    folder = Path(shutil.copytree(crawl, tmp_path / "crawl"))
    file = folder / "ledger" / "00000.jsonl"
    first, rest = file.read_bytes().split(b"\n", 1)
    name = re.escape(damage[1:].split(b":")[0]) if damage[:1] == b"{" else b""
    changed = re.sub(name + rb':("[^"]*"|\d+|\[[^\]]*\]),', b"", first) if name else first
    file.write_bytes((damage + changed[1:] if name else damage + first) + b"\n" + rest)
    for what, options in (("", []), ("a.example", []), ("", ["--any-rule", "--rule", "base.no-text"])):
        assert all(view.line(line) for line in _found(folder, what, options))
    summarize(open_crawl(folder), manifest.read)
    assert len(_found(folder, "", ["--policy", "eu"])) >= 6


def test_the_commands_say_nothing_of_a_damaged_line(crawl: Path, tmp_path: Path) -> None:
    """But what they found; verify is there to name it."""
    folder = Path(shutil.copytree(crawl, tmp_path / "crawl"))
    file = folder / "ledger" / "00000.jsonl"
    file.write_bytes(b'{"seq":"one",' + file.read_bytes()[1:])
    for name in ("find", "summary"):
        done = scrapy("audit", name, str(folder))
        assert done.returncode == 0
        assert "Traceback" not in done.stderr
