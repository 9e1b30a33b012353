"""docs/policies.md and a page for every profile, from the files of policies alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from crawler.arguments import RUN_DEFAULTS, all_facts
from crawler.document import Decision, Fact, FactValue, Treatment
from crawler.documentation.policy_page import BASE, EFFECTS, Waiting, is_open, markdown
from crawler.policy.dates import Citations, is_on, on, resolve
from crawler.policy.decide import decide, treatment_of
from crawler.policy.library import STRICTEST, Library, Standing, profiles
from crawler.policy.load import build
from crawler.policy.model import RUN, Effect, Profile, Rule
from crawler.policy.policy import Part, Policy

DAY = date(2026, 11, 22)  # the state of the law that the files tell; the pages say so
FOLDER = "docs/policies"
OVERVIEW = "docs/policies.md"

_INTRODUCTION = """# Policies

Generated from `policies/*.yaml` by `python -m crawler.documentation`; the files decide, not these pages. How the files
are read and written: [policies/README.md](../policies/README.md). State of the law: {day}. Nothing here is legal
advice: a profile is an engineering default that a lawyer must approve.

Each row is a place, each column a question. *Reservation*: a page says in a machine-readable way that it must not be
used to train. *All rights reserved*: a page says nothing, so the law alone speaks. *Names*: what becomes of names of
persons. *Evidence*: for how many days fetched pages may be kept. *Open*: how many rules are contested, disputed or
unconfirmed, of all that the profile adds to [what holds everywhere](policies/base.md). The run is a company's, for
profit, unless the profile needs another one.

| profile | place | basis | reservation | all rights reserved | names | evidence | sharing | open |
|---|---|---|---|---|---|---|---|---|
"""
_FURTHER = """
`{strictest}` is all profiles at once but those that need a run of their own or carry a warning: {parts}.

No places, but additions to them (`jp+quality`): {additions}.

`scrapy policy show jp --markdown` prints a page for any policy, also for a union (`jp+eu`), a day (`jp@2023-06-01`) or
a file of yours; `scrapy policy diff jp eu` says where two of them differ; `scrapy policy explain jp,eu ADDRESS` says
what they make of a page, and why.
"""


def pages() -> Mapping[str, str]:
    """Path -> text of the overview and of every profile's page."""
    library = Library(all_facts())
    names = profiles()
    found = {f"{FOLDER}/{name}.md": _page(name, library) for name in names}
    base = library.standing(names[0], DAY).chain[0].content
    return {OVERVIEW: _overview(names, library), f"{FOLDER}/{BASE}.md": _base_page(base), **found}


def _page(name: str, library: Library) -> str:
    policy, standing = build(library, name, DAY), library.standing(name, DAY)
    return markdown(policy, waiting=tuple(_waiting(standing)), linked=True)


def _waiting(standing: Standing) -> Iterator[Waiting]:
    """Rules of the profile and its parent that are not applied."""
    entries = _entries(*(source.content for source in standing.chain))
    applied = {rule.id for rule in standing.rules}
    replaced = {target for rule in standing.rules for target in rule.replaces}
    for source in standing.chain[1:]:
        for rule in source.content.rules:
            if rule.id not in applied | replaced:
                yield Waiting(rule, _why(rule, entries))


def _why(rule: Rule, entries: Citations) -> str:
    if rule.status == "bill":
        return "a bill, which no parliament has passed"
    if is_on(DAY, rule, entries):
        return "replaced"
    begins = [entry.applies_from or entry.published for key in rule.cite if (entry := resolve(key, entries))]
    first = max(filter(None, (rule.valid_from, min(begins, default=None))), default=None)
    return f"from {first}" if first and first > DAY else "no longer in force"


def _entries(*profiles_: Profile) -> Citations:
    return {key: entry for profile in profiles_ for key, entry in profile.citations.items()}


def _base_page(base: Profile) -> str:
    """Base is part of every policy and none by itself; its page is made as if it were one."""
    entries = _entries(base)
    rules = tuple(sorted(filter(None, (on(DAY, rule, entries) for rule in base.rules)), key=lambda rule: rule.id))
    cited = sorted({key for rule in rules for key in rule.cite})
    assert base.retention is not None  # loading any profile saw to it
    policy = Policy(
        id=BASE,
        title=base.title,
        day=DAY,
        rules=rules,
        citations={key: entry for key in cited if (entry := resolve(key, entries))},
        digest="",
        bodies_days=base.retention.bodies_days,
        readings={frozenset(): frozenset(rule.id for rule in rules)},
        share=base.share,
        parts=(Part(base.profile, base.title, base.summary, base.basis, base.retention),),
    )
    return markdown(policy, linked=True)


def _overview(names: tuple[str, ...], library: Library) -> str:
    additions = [name for name in names if library.is_addition(name)]
    rows = "\n".join(_row(name, library) for name in names if name not in additions)
    parts = ", ".join(f"`{name}`" for name in library.open_to_all())
    linked = ", ".join(f"[{name}](policies/{name}.md)" for name in additions)
    further = _FURTHER.format(strictest=STRICTEST, parts=parts, additions=linked)
    return f"{_INTRODUCTION.format(day=DAY)}{rows}\n{further}"


def _row(name: str, library: Library) -> str:
    policy = build(library, name, DAY)
    (part,) = policy.parts
    cells = (
        f"[{name}](policies/{name}.md)",
        part.title,
        part.basis.copyright.says if part.basis else "",
        _gate(_decided(policy, {"train-ai": "reserved", "license.class": "all-rights-reserved"})),
        _gate(_decided(policy, {"license.class": "all-rights-reserved"})),
        _names(_decided(policy, {"pii.person_name": True, "pii.any": True})),
        f"{policy.bodies_days} days",
        policy.share.level.replace("-", " ") if policy.share else "no limit",
        _state(policy, library.standing(name, DAY).chain[-1].content),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _decided(policy: Policy, stated: Mapping[str, FactValue]) -> Decision:
    needed = {name: str(values[0]) for name, values in policy.requires.items()}
    run = {**{RUN + name: value for name, value in RUN_DEFAULTS.items()}, "run.competes": "no", **needed}
    return decide(policy, [Fact(name, value) for name, value in {**run, "run.fetched-by": "us", **stated}.items()])


def _gate(decision: Decision) -> str:
    effect = Effect(decision.gate.name.lower().replace("_", "-"))
    standing = f" ({decision.deciding.status})" if decision.deciding else ""
    return EFFECTS[effect].lower() + standing


def _names(decision: Decision) -> str:
    treatment = treatment_of(decision, "person_name")
    return "kept" if treatment is Treatment.KEEP else EFFECTS[Effect(treatment.name.lower())].lower()


def _state(policy: Policy, own: Profile) -> str:
    added = [rule for rule in policy.rules if not rule.id.startswith(f"{BASE}.")]
    told = f"{sum(map(is_open, added))} of {len(added)}"
    if own.caution:
        return f"{told}; carries a warning"
    return f"{told}; needs {', '.join(policy.requires)}" if policy.requires else told
