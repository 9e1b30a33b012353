"""Which site files are asked for: robots.txt first, those that policies need, those that files and pages lead to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import pytest

from crawler import signals
from crawler.asking import MOST_LINKED, Asking
from crawler.document import Decision, Evidence, Fetched, Gate
from crawler.judge import Gated

PAGE = "http://a.example/news/1"
ROBOTS = "http://a.example/robots.txt"


@dataclass
class _Web:
    """Answers by address, 404 elsewhere, and what was asked."""

    bodies: dict[str, str]
    asked: list[str] = field(default_factory=list)

    async def get(self, address: str) -> Fetched:
        self.asked.append(address)
        body = self.bodies.get(address)
        return Fetched(address, 404 if body is None else 200, body=(body or "").encode(), record=address)


def gate(evidence: Evidence) -> Gated:
    """Open unless robots.txt refuses the page."""
    refused = any(fact.value == "disallowed" for fact in signals.robots.read(evidence))
    return Gated((), {"p": Decision(Gate.DROP if refused else Gate.KEEP, {}, (), None)})


@pytest.fixture
def chain(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal that wants three files of the site, and with the page more than anybody may ask for."""

    def linked(evidence: Evidence) -> list[str]:
        found = [f"/{n + 1}" for n in range(20)]
        return ["http://b.example/license", *found] if evidence.page else found[:3]

    module = SimpleNamespace(NEEDS=("/robots.txt", "/ai.txt"), FACTS=("chain",), linked=linked)
    monkeypatch.setattr(signals, "modules", lambda: (module,))
    signals.needs.cache_clear()
    signals._wanted.cache_clear()


def _clear() -> None:
    signals.needs.cache_clear()
    signals._wanted.cache_clear()


@pytest.mark.usefixtures("chain")
async def test_files_lead_to_files() -> None:
    """One after the other, each once; those of the page come with it, whatever host, up to a bound."""
    web = _Web({})
    asking = Asking(web.get, gate)
    evidence, gated = await asking.before(Evidence(PAGE, "Bot"))
    assert list(evidence.site) == ["/robots.txt", "/ai.txt", "/1", "/2", "/3"]
    evidence, gated = await asking.after(replace(evidence, page=Fetched(PAGE, 200)), gated)
    assert len(evidence.site) == 5 + MOST_LINKED
    assert len(web.asked) == len(set(web.asked))
    _clear()


@pytest.mark.usefixtures("chain")
@pytest.mark.parametrize(
    ("robots", "asked"),
    [
        ("User-agent: *\nDisallow: /", [ROBOTS]),  # refused there, asked for nothing else
        (
            "User-agent: *\nDisallow: /ai.txt",
            [ROBOTS, "http://a.example/1", "http://a.example/2", "http://a.example/3"],
        ),
        (
            "User-agent: *\nDisallow: /2$",
            [ROBOTS, "http://a.example/ai.txt", "http://a.example/1", "http://a.example/3"],
        ),
    ],
)
async def test_robots_txt_holds_for_site_files(robots: str, asked: list[str]) -> None:
    """A file that it refuses is not asked for, and is said to be so."""
    web = _Web({ROBOTS: robots})
    evidence, _ = await Asking(web.get, gate).before(Evidence(PAGE, "Bot"))
    assert web.asked == asked
    assert {file.url for file in evidence.site.values() if not file.error} == set(asked)
    _clear()


@pytest.mark.usefixtures("chain")
async def test_another_host_is_asked_for_its_own_robots_txt() -> None:
    """The page's says nothing about it."""
    web = _Web({"http://b.example/robots.txt": "User-agent: *\nDisallow: /license"})
    site = {"/robots.txt": Fetched(ROBOTS, 404)} | {f"/{n}": Fetched("", 404) for n in range(1, 9)}
    evidence = Evidence(PAGE, "Bot", site, Fetched(PAGE, 200))
    evidence, _ = await Asking(web.get, gate).after(evidence, gate(evidence))
    assert web.asked[0] == "http://b.example/robots.txt"
    assert "http://b.example/license" not in web.asked
    assert evidence.asked == ("http://b.example/robots.txt",)  # why it was not asked for
    _clear()


def test_only_what_somebody_looks_at_is_needed() -> None:
    """A policy that looks at no reservation asks for robots.txt only; one that does asks for every carrier's file."""
    assert signals.needs(frozenset(("robots", "access"))) == ("/robots.txt",)
    assert "/.well-known/tdmrep.json" in signals.needs(frozenset(("train-ai",)))
    assert signals.needs(None) == signals.needs()
