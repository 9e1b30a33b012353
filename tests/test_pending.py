"""Addresses without an outcome, on the disk: each once, in order, gone when the crawl has ended."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from crawler.document import url_id
from crawler.durable import WriteError
from crawler.pending import Pending

URLS = ("http://a.example/", "http://a.example/\u00fc", "http://a.example/\udcff")


def test_an_address_is_new_once(tmp_path: Path) -> None:
    """Whatever its script."""
    addresses = Pending(tmp_path / "state.sqlite")
    for url in URLS:
        assert addresses.is_new(url)
        addresses.accept(url, {}, counts=True, waits=True)
    assert not any(map(addresses.is_new, URLS))
    assert [addresses.take() for _ in URLS] == [(url, {}) for url in URLS]
    assert addresses.counted == 3


def test_who_waits_longest_goes_first(tmp_path: Path) -> None:
    """With how it was reached; what is under way does not wait."""
    addresses = Pending(tmp_path / "state.sqlite")
    for n in range(1000):
        addresses.accept(f"http://a.example/{n}", {"depth": n}, counts=False, waits=n != 0)
    assert [addresses.take() for _ in range(2)] == [
        ("http://a.example/1", {"depth": 1}),
        ("http://a.example/2", {"depth": 2}),
    ]
    assert (addresses.waiting, len(addresses), addresses.counted) == (997, 1000, 0)


def test_the_file_goes_when_all_are_decided(tmp_path: Path) -> None:
    """It holds addresses as they are; where one has no outcome, it stays."""
    for decided in (0, 1):
        addresses = Pending(tmp_path / f"{decided}.sqlite")
        addresses.accept(URLS[0], {}, counts=True, waits=True)
        for _ in range(decided):
            addresses.decided(url_id(URLS[0]))
        addresses.close()
        assert bool(list(tmp_path.glob(f"{decided}.sqlite*"))) is not bool(decided)


def test_what_is_decided_is_forgotten(tmp_path: Path) -> None:
    """The address itself goes once its outcome is safe; its name stays, so that it is not asked for again."""
    path = tmp_path / "state.sqlite"
    addresses = Pending(path)
    addresses.accept("http://a.example/hidden-word", {}, counts=True, waits=False)
    addresses.decided(url_id("http://a.example/hidden-word"))
    addresses.commit()
    addresses.forget()
    assert not addresses.is_new("http://a.example/hidden-word")
    assert list(addresses.urls()) == []


def test_another_run_takes_over(tmp_path: Path) -> None:
    """What was under way waits again; what the ledger has is decided; the limit goes on counting."""
    first = Pending(tmp_path / "state.sqlite")
    for url in URLS:
        first.accept(url, {"depth": 1}, counts=True, waits=False)
    first.is_no_page(URLS[0])
    first.note("boot", "x")
    first.abandon()
    again = Pending(tmp_path / "state.sqlite")
    again.begin_again()
    again.decided(url_id(URLS[1]))
    again.settle()
    assert (again.waiting, again.counted, again.noted("boot"), again.noted("other")) == (2, 2, "x", "")
    assert [again.take(), again.take(), again.take()] == [(URLS[0], {"depth": 1}), (URLS[2], {"depth": 1}), None]


_DIES = """
import os, signal, sys
from pathlib import Path
from crawler.pending import Pending
addresses = Pending(Path(sys.argv[1]))
addresses.accept("http://a.example/0", {}, counts=True, waits=True)
with addresses.together():
    for n in range(1, 1000):
        addresses.accept(f"http://a.example/{n}", {}, counts=True, waits=True)
        if n == 500 and sys.argv[2] == "within":
            os.kill(os.getpid(), signal.SIGKILL)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("when", "left"), [("within", 1), ("after", 1000)])
def test_what_is_said_together_survives_together(tmp_path: Path, when: str, left: int) -> None:
    """`kill -9` leaves all links of a page, or none."""
    path = tmp_path / "state.sqlite"
    subprocess.run([sys.executable, "-c", _DIES, str(path), when], check=False)
    assert Pending(path).waiting == left


def test_a_disk_that_refuses_is_said(tmp_path: Path) -> None:
    """As for every other file of the crawl."""
    with pytest.raises(WriteError):
        Pending(tmp_path / "no folder" / "state.sqlite")
