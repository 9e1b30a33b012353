"""Which site files are asked for before a page is judged, in which order; the same for crawls and archives.

robots.txt comes first; who is refused there is asked for nothing else. Then come the files that the policies' facts
need, then those that these files, and at last the page itself, lead to (a license document, the site's terms). The
robots.txt of its own host holds for each of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace

from crawler.document import Evidence, Fetched, FetchError
from crawler.judge import ROBOTS_TXT, Gated
from crawler.signals import linked, needs, robots
from crawler.urls import origin

MOST_LINKED = 8  # files that one page may lead to, one after the other

Get = Callable[[str], Awaitable[Fetched]]  # address of a site file -> its exchange; never raises
Gate = Callable[[Evidence], Gated]


@dataclass(frozen=True, slots=True)
class Asking:
    """Gathers site files.

    Attributes:
        get: Where they come from: the net and its cache, or an archive.
        gate: What the policies make of what is known so far.
        wanted: The facts that some policy looks at; files for others are not asked for.
        registries: Asks the opt-out registries about an address; None where there are none.
    """

    get: Get
    gate: Gate
    wanted: frozenset[str] | None = None
    registries: Callable[[str], Awaitable[Mapping[str, str]]] | None = None

    async def before(self, evidence: Evidence) -> tuple[Evidence, Gated]:
        """Everything that can be asked before the page; nothing more where robots.txt leaves no policy to take it."""
        if self.registries:
            evidence = replace(evidence, registries=await self.registries(evidence.url))
        evidence = await self._with(evidence, ROBOTS_TXT)
        gated = self.gate(evidence)
        if not gated.is_open:
            return evidence, gated
        for path in needs(self.wanted):
            if path not in evidence.site:
                evidence = await self._with(evidence, path)
        evidence = await self._follow(evidence)
        return evidence, self.gate(evidence)

    async def after(self, evidence: Evidence, gated: Gated) -> tuple[Evidence, Gated]:
        """The same once the page is there: what it leads to may change what holds for its site."""
        assert evidence.page is not None
        led = await self._follow(evidence) if evidence.page.has_content else evidence
        return led, self.gate(led) if len(led.site) > len(evidence.site) else gated

    async def _follow(self, evidence: Evidence) -> Evidence:
        most = len(evidence.site) + MOST_LINKED
        while len(evidence.site) < most and (files := linked(evidence, self.wanted)):
            evidence = await self._with(evidence, files[0])
        return evidence

    async def _with(self, evidence: Evidence, file: str) -> Evidence:
        address = file if "://" in file else origin(evidence.url) + file
        evidence, rules = await self._rules_for(address, evidence)
        site = {ROBOTS_TXT: rules} if rules else {}
        may = await may_ask(replace(evidence, url=address, site=site), self.get)
        exchange = await self.get(address) if may else _not_asked(address)
        return replace(evidence, site={**evidence.site, file: exchange})

    async def _rules_for(self, address: str, evidence: Evidence) -> tuple[Evidence, Fetched | None]:
        """The robots.txt that holds for an address; that of another host is evidence, too."""
        robots_txt = origin(address) + ROBOTS_TXT
        if origin(address) == origin(evidence.url):
            return evidence, evidence.site.get(ROBOTS_TXT)
        if address == robots_txt:  # it is always asked for
            return evidence, None
        rules = await self.get(robots_txt)
        return replace(evidence, asked=(*evidence.asked, rules.record)) if rules.record else evidence, rules


_REFUSING: Collection[object] = ("disallowed", "unreachable")


async def may_ask(evidence: Evidence, get: Get) -> bool:
    """Whether robots.txt of its host lets us ask for an address; it is always asked for itself."""
    robots_txt = origin(evidence.url) + ROBOTS_TXT
    if evidence.url == robots_txt:
        return True
    rules = evidence.site.get(ROBOTS_TXT) or await get(robots_txt)
    asked = replace(evidence, site={ROBOTS_TXT: rules}, page=None)
    verdict = next((fact.value for fact in robots.read(asked) if fact.name == "robots"), "")  # and no further
    return verdict not in _REFUSING


def _not_asked(address: str) -> Fetched:
    return Fetched(address, 0, error=FetchError.NOT_ASKED)
