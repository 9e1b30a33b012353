"""Opt-out registries: lists and functions of the operator's; whatever goes wrong is "unknown"."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from crawler.arguments import ArgumentError
from crawler.asking import Asking
from crawler.document import Evidence, Fetched
from crawler.registries import Registries
from tests.test_asking import gate


def lookup(url: str) -> str:
    return "listed" if "refused" in url else "not-listed"


async def slow_lookup(url: str) -> str:
    await asyncio.sleep(0 if "refused" in url else 60)
    return "listed"


def broken_lookup(url: str) -> str:
    raise OSError(url)


def strange_lookup(url: str) -> str:
    return "perhaps"


@pytest.mark.parametrize(
    ("source", "refused", "other"),
    [
        ("file:LIST", "listed", "not-listed"),
        (f"{__name__}.lookup", "listed", "not-listed"),
        (f"{__name__}.slow_lookup", "listed", "unknown"),
        (f"{__name__}.broken_lookup", "unknown", "unknown"),
        (f"{__name__}.strange_lookup", "unknown", "unknown"),
    ],
)
async def test_answers(source: str, refused: str, other: str, tmp_path: Path) -> None:
    """By list, by function, awaited or not."""
    names = tmp_path / "optouts.txt"
    names.write_text("# those who asked\nhttps://a.example/refused/\nrefused.example\n", encoding="utf-8")
    registries = Registries({"one": source.replace("LIST", str(names))}, timeout_s=0.1)
    assert await registries.answers("https://a.example/refused/page") == {"one": refused}
    assert await registries.answers("https://a.example/free") == {"one": other}


@pytest.mark.parametrize(
    ("source", "says"),
    [("file:none.txt", "none.txt: cannot be read"), ("no.such.function", "no function"), ("word", "no function")],
)
def test_what_cannot_be_asked(source: str, says: str) -> None:
    """Is said before anything is fetched."""
    with pytest.raises(ArgumentError, match="OPT_OUT_REGISTRIES") as raised:
        Registries({"one": source})
    assert says in str(raised.value)


async def test_they_are_asked_before_the_page_and_by_default_there_are_none() -> None:
    """Their answers are evidence like site files."""

    async def get(address: str) -> Fetched:
        return Fetched(address, 404)

    asked = Asking(get, gate, None, Registries({"one": f"{__name__}.lookup"}).answers)
    evidence, _ = await asked.before(Evidence("https://a.example/refused", "Bot"))
    assert evidence.registries == {"one": "listed"}
    evidence, _ = await Asking(get, gate, None, Registries({}).answers).before(Evidence("https://a.example/", "Bot"))
    assert evidence.registries == {}
