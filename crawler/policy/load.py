"""Names, dates and files of policies -> `Policy`: read, checked, flattened, selected for one day.

    jp                    a shipped profile, as it stands today
    jp+eu                 both at once: the rules of all parts together, so the strictest wins
    jp+eu@2023-06-01      the rules in force on that day
    rules/own.yaml        a file of the operator's; may `extends: jp`
    strictest             all shipped profiles at once, but those with `requires` or `caution`, and additions
    jp+quality            a profile and an addition, which says nothing but its own rules
    jp,us,eu+cn           several policies (load_all)

Each part of a union keeps its own way of reading open points.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from crawler.document import FactValue
from crawler.policy.library import SHIPPED, STRICTEST, Library, Standing, profiles
from crawler.policy.model import Share, Watch
from crawler.policy.policy import Policy, Readings
from crawler.policy.read import PolicyError
from crawler.policy.spec import Spec, parse
from crawler.policy.stored import digest_of, dump

__all__ = ["SHIPPED", "build", "load", "load_all", "names"]

T = TypeVar("T")


def load(
    spec: str,
    known_facts: Collection[str],
    *,
    folder: Path | None = None,
    today: date,
    include_bills: bool = False,
) -> Policy:
    """Build one policy.

    Args:
        spec: See above.
        known_facts: Names that signals can state; a rule on any other name could never fire.
        folder: Where the named profiles are; those that came with this package when left out.
        today: The day of the rules, unless the spec names one.
        include_bills: Whether rules of status bill, which no parliament has passed, fire too.

    Raises:
        PolicyError: The spec or a file has a mistake.
    """
    return build(Library(known_facts, folder or SHIPPED, include_bills), spec, today)


def load_all(
    specs: str,
    known_facts: Collection[str],
    *,
    folder: Path | None = None,
    today: date,
    include_bills: bool = False,
) -> tuple[Policy, ...]:
    """Build the policies of a list with commas, in its order.

    Raises:
        PolicyError: As `load`, and when two of them would share a folder of outputs.
    """
    library = Library(known_facts, folder or SHIPPED, include_bills)
    policies = tuple(build(library, spec.strip(), today) for spec in specs.split(","))
    ids = [policy.id.casefold() for policy in policies]
    for place, policy in enumerate(policies):
        if policy.id.casefold() in ids[:place]:
            found = f"two policies called {policy.id!r}, which would write to one folder"
            raise PolicyError(f"policy={specs}", found, todo="name each once, or rename your own file")
    return policies


def build(library: Library, text: str, today: date) -> Policy:
    """Build one policy from a library that may have its files already; see `load`."""
    spec = parse(text)
    day = spec.day or today
    parts = _joined_to([library.standing(name, day) for name in _named_by(spec, library)])
    rules = _together("rule", spec, ((rule.id, rule) for part in parts for rule in part.rules))
    set_rules = _together("set rule", spec, ((rule.id, rule) for part in parts for rule in part.set_rules))
    citations = _together("citation", spec, (item for part in parts for item in part.citations.items()))
    policy = Policy(
        id=spec.id,
        title=STRICTEST.capitalize() if spec.parts == (STRICTEST,) else _joined(parts),
        day=day,
        rules=tuple(rules.values()),
        citations=citations,
        digest="",
        bodies_days=min(each.bodies_days for part in parts if (each := part.nearest(lambda p: p.retention))),
        readings=_readings(parts),
        set_rules=tuple(set_rules.values()),
        requires=_requires(spec, parts),
        share=_share(parts),
        outputs=_each_once(output for part in parts for output in part.all_of(lambda profile: profile.outputs)),
        watch=tuple(_watched(parts)),
        parts=tuple(part.about for part in parts),
        warnings=_each_once(warning for part in parts for warning in part.warnings),
    )
    return replace(policy, digest=digest_of(dump(policy)))


def names(folder: Path | None = None) -> tuple[str, ...]:
    """What can be named, sorted: the profiles, and `strictest`; `base` is part of all of them and cannot be."""
    return tuple(sorted((*profiles(folder), STRICTEST)))


def _named_by(spec: Spec, library: Library) -> tuple[str, ...]:
    return _each_once(name for part in spec.parts for name in (library.open_to_all() if part == STRICTEST else [part]))


def _each_once(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))


def _joined_to(parts: Sequence[Standing]) -> Sequence[Standing]:
    """The parts, additions reduced to what they add where there is a law for them to be added to."""
    if all(part.is_addition for part in parts):
        return parts
    return [part.added() if part.is_addition else part for part in parts]


def _joined(parts: Iterable[Standing]) -> str:
    return " + ".join(_each_once(part.about.title for part in parts))


def _share(parts: Iterable[Standing]) -> Share | None:
    """The strictest, the first by its words among equals."""
    shares = [share for part in parts if (share := part.nearest(lambda profile: profile.share))]
    return min(shares, key=lambda share: (share.rank, share.says, share.cite), default=None)


def _readings(parts: Iterable[Standing]) -> dict[Readings, frozenset[str]]:
    """Readings -> ids of the rules that are decided so; in the order of the readings, not of the parts."""
    found: dict[Readings, frozenset[str]] = {}
    for part in sorted(parts, key=lambda part: sorted(part.readings)):
        ids = frozenset(rule.id for rule in part.rules)
        found[part.readings] = found.get(part.readings, frozenset()) | ids
    return found


def _requires(spec: Spec, parts: Iterable[Standing]) -> dict[str, tuple[FactValue, ...]]:
    """What a run must be for all parts, and all they stand on, at once."""
    found: dict[str, tuple[FactValue, ...]] = {}
    for name, values in (item for part in parts for item in part.all_of(lambda profile: profile.requires.items())):
        found[name] = tuple(value for value in found.get(name, values) if value in values)
        if not found[name]:
            raise PolicyError(
                f"policy={spec.id}", f"no run has a {name} that all parts accept", todo="select them one by one"
            )
    return found


def _watched(parts: Iterable[Standing]) -> Iterator[Watch]:
    seen: list[Watch] = []
    for entry in (each for part in parts for each in part.all_of(lambda profile: profile.watch)):
        if entry not in seen:
            seen.append(entry)
            yield entry


def _together(what: str, spec: Spec, items: Iterable[tuple[str, T]]) -> dict[str, T]:
    """The entries of all parts, each once, sorted by id."""
    found: dict[str, T] = {}
    for key, item in items:
        if found.setdefault(key, item) != item:
            todo = "rename it in one of them, or the profile and its rules in your own file"
            raise PolicyError(f"policy={spec.id}", f"{what} {key!r} with two texts", todo=todo)
    return {key: found[key] for key in sorted(found)}
