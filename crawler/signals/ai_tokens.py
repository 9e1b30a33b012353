"""States what robots.txt says to crawlers that collect training data, other than ours.

Groups for other tokens bind nobody else under RFC 9309, but refusing GPTBot or CCBot shows what the operator wants.
Whether that counts is for the policy: the normal form reports it apart, as `proxy-train-ai`.

The tokens are those with purpose "training" in ai_user_agents.csv beside this module (ai-robots-txt/ai.robots.txt,
state of August 2026, with operators' pages; the purposes are ours).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from crawler.document import Evidence, Fact
from crawler.signals import _robotstxt as robotstxt
from crawler.signals import robots
from crawler.signals._paths import target_of

WHERE = ("robots.txt, groups of other crawlers",)
NEEDS = (robots.PATH,)
FACTS = ("ai-token", "ai-token.allowed", "ai-token.other")
SPECIFICATION = "ai-robots-txt/ai.robots.txt with operators' pages, August 2026, read 2026-11-22"


class Token(NamedTuple):
    name: str  # as its operator writes it
    training: bool


@cache
def known_tokens() -> Mapping[str, Token]:
    """Every known AI token by its lower-case form."""
    with Path(__file__).with_name("ai_user_agents.csv").open(encoding="utf-8", newline="") as table:
        return {
            row["token"].lower(): Token(row["token"], row["purpose"] == "training") for row in csv.DictReader(table)
        }


def read(evidence: Evidence) -> Iterator[Fact]:
    """State which AI tokens the path is refused to, and whether all training tokens are let in.

    Yields:
        `ai-token` for each training token whose groups refuse the path and `ai-token.other` for each search or
        user-fetch token; `ai-token.allowed`, one for each training token, only if every training token that the
        file names is let in by a rule. Our own group and the group for everybody say nothing here.
    """
    found = robots.in_force(evidence)
    if found is None:
        return
    file, place = found.file, found.place
    target = target_of(evidence.url)
    own = evidence.agent.lower()
    allowed: list[Fact] = []
    all_allowed = True
    verdicts: dict[int, robotstxt.Verdict] = {}  # one question per set of groups: many tokens share theirs
    tokens = known_tokens()
    for name, groups in file.by_token.items():
        token = tokens.get(name)
        if token is None or name == own:
            continue
        key = id(groups[0]) if len(groups) == 1 else id(groups)
        verdict = verdicts.get(key)
        if verdict is None:
            verdict = verdicts[key] = robotstxt.ask(groups, target)
        where, quote = f"{place}:L{verdict.line}", file.quote(verdict.line)
        if not verdict:
            yield Fact("ai-token" if token.training else "ai-token.other", token.name, where, quote)
            all_allowed &= not token.training
        elif token.training:
            all_allowed &= verdict.line > 0
            allowed.append(Fact("ai-token.allowed", token.name, where, quote))
    if all_allowed:
        yield from allowed
