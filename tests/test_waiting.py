"""Addresses that wait on the disk: each once, in order, gone when the crawl has ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.durable import WriteError
from crawler.waiting import Waiting


def test_an_address_is_new_once(tmp_path: Path) -> None:
    """Whatever its script."""
    waiting = Waiting(tmp_path / "waiting.sqlite")
    urls = ["http://a.example/", "http://a.example/ü", "http://a.example/\udcff"]
    assert [waiting.is_new(url) for url in urls * 2] == [True] * 3 + [False] * 3


def test_who_waits_longest_goes_first(tmp_path: Path) -> None:
    """With how it was reached."""
    waiting = Waiting(tmp_path / "waiting.sqlite")
    for n in range(1000):
        waiting.put(f"http://a.example/{n}", {"depth": n})
    assert len(waiting) == 1000
    assert [waiting.take() for _ in range(2)] == [
        ("http://a.example/0", {"depth": 0}),
        ("http://a.example/1", {"depth": 1}),
    ]
    assert len(waiting) == 998


def test_the_file_goes_when_nothing_waits(tmp_path: Path) -> None:
    """It holds addresses as they are; where some still wait, it stays."""
    for left in (0, 1):
        waiting = Waiting(tmp_path / f"{left}.sqlite")
        for _ in range(left):
            waiting.put("http://a.example/", {})
        waiting.close()
        assert (tmp_path / f"{left}.sqlite").exists() is bool(left)


def test_a_disk_that_refuses_is_said(tmp_path: Path) -> None:
    """As for every other file of the crawl."""
    with pytest.raises(WriteError):
        Waiting(tmp_path / "no folder" / "waiting.sqlite")
