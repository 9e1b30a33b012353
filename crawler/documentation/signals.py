"""docs/signals.md from the signal modules themselves: what is read, where, by which specification, and what follows."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import cast

from crawler.arguments import RUN_DEFAULTS, all_facts
from crawler.cases import FLAGS, INPUT
from crawler.document import Decision, Fact, FactValue
from crawler.documentation.policies import DAY
from crawler.policy.decide import decide
from crawler.policy.library import Library, profiles
from crawler.policy.load import build
from crawler.policy.policy import Policy
from crawler.signals import modules
from crawler.signals.normal_form import MALFORMED, MEANING, normal_form
from crawler.signals.open_points import OPEN_POINTS

PAGE = "docs/signals.md"

# A page that nobody objects to: only what a signal adds to it is of interest here.
_FREE_PAGE = (
    Fact("robots", "allowed"),
    Fact("access", "open"),
    Fact("license.link", "https://creativecommons.org/licenses/by/4.0/"),
    Fact("run.fetched-by", "us"),
    Fact("run.competes", "no"),
    *(Fact(f"run.{name}", value) for name, value in RUN_DEFAULTS.items()),
)
_ANY: FactValue = ""

HEAD = """\
# Signals

Every carrier of an opt-out, a license or a barrier that is read, where, and what follows from it. **This page is
generated** from the modules in `crawler/signals/` and the shipped policies: `python -m crawler.documentation`.

A signal states facts: a name, a value, where exactly it was read, and a short quote. It decides nothing. Each resolves
its own precedence as its specification says. Across signals one function, the normal form, merges what was said about
each use (`train-ai`, `tdm`, `search`, `ai-input`, `train-nongenerative`, `embedded-images`): reserved wins over
conditional, conditional over permitted, permitted over unknown; where signals differ, `conflict` lists them. What
others are told (`proxy-train-ai`), statements that do not parse (`malformed-reservation`), refusals in words
(`terms-reservation`) and registries (`opt-out-registry`) stay outside the merge, for the policy to weigh.

    scrapy signals list                     the signals, their site files and facts
    scrapy signals read URL|FILE [--json]   every fact of an address, a saved page, a media file or a WARC file
    scrapy signals test FILE...             files of cases, see below

"Effects" are those of the shipped policies for an openly licensed page in their default run, where that statement is
the only one; a policy that is not named does nothing with it. Site files are asked for only when a selected policy, or
a record, looks at a fact that needs them.
"""

POINTS = """\
## Open points

Where a specification is silent, or is read in two ways, a fact named `<fact>@<point>` says what the other reading comes
to, wherever that differs. A policy takes it with `other_readings: [<point>]`; for robots.txt also with
`robots_reading: rfc9309 | legacy | strictest` (`legacy` is what robotexclusionrulesparser says on the original text,
`strictest` refuses where any reading refuses).

| point | read here as | the other reading | facts |
|---|---|---|---|
"""

CASES = """\
## Files of cases

A file of cases is YAML: `version: 1`, `agent` (a product token) and `cases`. Each has `id`, `signal`, `spec`, `url`,
`input` (everything a reader would have seen) and `expect`; `alternatives` name other defensible readings.
`scrapy signals test FILE...` prints `N of M agree`, how many of them only through an alternative, and each difference;
the exit code is 1 if any case disagrees. We may raise more flags, and name more places, than are expected.

    version: 1
    agent: ExampleTrainBot
    cases:
    - id: ours-1
      signal: Content-Signal
      spec: contentsignals.org
      url: https://site.example/page
      input:
        robots_txt: |
          User-agent: *
          Content-Signal: ai-train=no
      expect: {{fetch: allowed, train-ai: reserved, evidence: [robots.txt:L2]}}

Keys of `input`: {keys}.

Flags: {flags}.
"""


def pages() -> Mapping[str, str]:
    """Path -> text."""
    library = Library(all_facts())
    return {PAGE: _page([build(library, name, DAY) for name in profiles() if not library.is_addition(name)])}


def _page(policies: Sequence[Policy]) -> str:
    parts = [HEAD, "## What is read\n", *(_section(cast(ModuleType, module), policies) for module in modules())]
    return "\n".join([*parts, _points(), _cases()])


def _section(module: ModuleType, policies: Sequence[Policy]) -> str:
    first = (inspect.getdoc(module) or "").partition("\n")[0]
    files = ", ".join(f"`{path}`" for path in module.NEEDS)
    lines = [
        f"### {module.__name__.rpartition('.')[2]}\n",
        f"{first}\n",
        f"- Read in: {'; '.join(module.WHERE)}",
        *([f"- Site files: {files}"] if files else []),
        f"- Specification: {module.SPECIFICATION}",
        f"- Facts: {', '.join(f'`{name}`' for name in module.FACTS)}",
    ]
    effects = list(_effects(module, policies))
    if effects:
        lines += ["", "| statement | effects |", "|---|---|", *effects]
    return "\n".join(lines) + "\n"


def _effects(module: ModuleType, policies: Sequence[Policy]) -> Iterator[str]:
    for name, value in _statements(module, policies):
        told = f"`{name}`" if value == _ANY else f"`{name}: {_word(value)}`"
        found: dict[str, list[str]] = {}
        for policy in policies:
            if effect := _effect(policy, Fact(name, value or "x")):
                found.setdefault(effect, []).append(policy.id)
        where = {effect: "everywhere" if len(ids) == len(policies) else ", ".join(ids) for effect, ids in found.items()}
        effects = "; ".join(f"**{effect}** {ids}" for effect, ids in sorted(where.items()))
        yield f"| {told} | {effects or 'recorded only'} |"


def _statements(module: ModuleType, policies: Sequence[Policy]) -> list[tuple[str, FactValue]]:
    """Facts of the module that mean something to the normal form, or that some rule looks at."""
    names = set(module.FACTS)
    asked = {
        (name, value)
        for policy in policies
        for rule in policy.rules
        for name, values in rule.when.items()
        if name in names and len(rule.when) == 1
        for value in values
    }
    meant = {(name, value) for name, value in MEANING if name in names}
    wrong = {(name, _ANY) for name in MALFORMED & names}
    return sorted(asked | meant | wrong, key=lambda pair: (pair[0], str(pair[1])))


def _effect(policy: Policy, fact: Fact) -> str:
    """What the statement changes for an otherwise free page; "" when nothing."""
    before, after = _decided(policy, ()), _decided(policy, (fact,))
    if after.gate is not before.gate and after.deciding:
        return after.deciding.effect
    return ""


def _decided(policy: Policy, said: tuple[Fact, ...]) -> Decision:
    names = {fact.name for fact in said}
    facts = (*(fact for fact in _FREE_PAGE if fact.name not in names), *said)
    return decide(policy, (*facts, *normal_form(facts)))


def _word(value: FactValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _points() -> str:
    rows = [
        f"| `{point}` | {told.usual} | {told.other} | {', '.join(f'`{name}`' for name in told.facts)} |"
        for point, told in OPEN_POINTS.items()
    ]
    return POINTS + "\n".join(rows) + "\n"


def _cases() -> str:
    return CASES.format(keys=", ".join(sorted(INPUT - {"to"})), flags=", ".join(sorted(FLAGS)))
