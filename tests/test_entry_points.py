"""The commands where this project is only installed: in another project, and in no project at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from crawler import commands
from tests.test_journeys import ROOT

ANNOUNCED: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "entry-points"
]["scrapy.commands"]
TAKES_THE_PLACE_OF_SCRAPYS = {"crawl"}  # only in our own project


def test_every_command_is_announced() -> None:
    """One that is not would be missing where we are installed."""
    modules = {path.stem for path in Path(commands.__path__[0]).glob("[a-z]*.py")}
    assert modules - TAKES_THE_PLACE_OF_SCRAPYS == ANNOUNCED.keys()
    assert all(value == f"crawler.commands.{name}:Command" for name, value in ANNOUNCED.items())


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder on the path as an installation leaves it: the packages, and what they announce."""
    folder = tmp_path / "installed"
    about = folder / "usufruct-0.1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: usufruct\nVersion: 0.1.0\n")
    told = "".join(f"{name} = {value}\n" for name, value in ANNOUNCED.items())
    (about / "entry_points.txt").write_text(f"[scrapy.commands]\n{told}")
    for package in ("crawler", "policies"):
        (folder / package).symlink_to(ROOT / package)
    return folder


def scrapy(installed: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SCRAPY_")}
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=cwd, env={**clean, "PYTHONPATH": str(installed), "XDG_STATE_HOME": str(cwd / "state")},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("where", ["another project", "no project"])
def test_commands_work_where_we_are_only_installed(where: str, installed: Path, tmp_path: Path) -> None:
    """They are listed, find the policies and their settings, and say what is wrong as always."""
    here = tmp_path / "here"
    if where == "no project":
        here.mkdir()
    else:
        shutil.copytree(ROOT / "tests" / "addon", here, ignore=shutil.ignore_patterns("__pycache__"))
    (here / "page.html").write_text("<html><head><meta name=robots content=noai></head><p>Words</p></html>")
    listed = scrapy(installed, here).stdout
    for command, says in {
        ("policy", "list"): "jp",
        ("pii", "scan", "write to a.b@planted.example", "--policy", "eu"): "EMAIL_ADDRESS",
        ("signals", "read", "page.html"): "train-ai",
        ("audit", "summary", "none"): "none",
        ("judge", "none.warc.gz", "-a", "policy=jp", "-a", "out=out"): "none.warc.gz",
        ("release", "none", "-a", "policy=jp"): "none",
    }.items():
        assert f"  {command[0]} " in listed
        done = scrapy(installed, here, *command)
        assert says in done.stdout + done.stderr, command
        assert "Traceback" not in done.stderr, done.stderr
        assert "Unknown command" not in done.stdout + done.stderr
