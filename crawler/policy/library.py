"""The files of policies: read, checked against what they stand on, and flattened for one day.

A profile stands on its parent, if it names one, and on `base`. When a rule is in force, `dates` says; one that is not
replaces nothing, so the parent's rule stays.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from crawler.policy.check import check, overdue, unfounded
from crawler.policy.dates import Citations, Dated, on, resolve
from crawler.policy.model import Profile, Rule
from crawler.policy.policy import Part, Readings
from crawler.policy.read import PolicyError, Source, read, unknown
from crawler.policy.set_rules import SetRule
from crawler.policy.spec import is_path

SHIPPED = Path(__file__).parents[2] / "policies"  # beside the package, in the repository and when installed
BASE = "base"
STRICTEST = "strictest"
AS_SPECIFIED = "rfc9309"  # the reading of robots.txt that is no other reading
NO_PROFILES = (BASE, "source-classes")  # files of the folder that nobody can name

T = TypeVar("T")
Chain = tuple[Source[Profile], ...]


def profiles(folder: Path | None = None) -> tuple[str, ...]:
    """The profiles that have a file of their own, sorted."""
    return tuple(sorted(path.stem for path in (folder or SHIPPED).glob("*.yaml") if path.stem not in NO_PROFILES))


@dataclass(frozen=True, slots=True)
class Standing:
    """One profile with all it stands on, for one day."""

    chain: Chain
    rules: tuple[Rule, ...]
    set_rules: tuple[SetRule, ...]
    citations: Citations
    readings: Readings
    about: Part
    warnings: tuple[str, ...]

    @property
    def is_addition(self) -> bool:
        """Whether it is no place's law, but joined to one."""
        return self.chain[-1].content.addition

    def added(self) -> Standing:
        """What an addition brings to the law that it is joined to: nothing of base, which that law has changed."""
        own = self.chain[1:]
        ids = {rule.id for source in own for rule in source.content.rules}
        ids |= {rule.id for source in own for rule in source.content.set_rules}
        rules = tuple(rule for rule in self.rules if rule.id in ids)
        set_rules = tuple(rule for rule in self.set_rules if rule.id in ids)
        return replace(self, chain=own, rules=rules, set_rules=set_rules)

    def nearest(self, field_of: Callable[[Profile], T | None]) -> T | None:
        """What the profile says in a field, else its parent, else base."""
        return _nearest(self.chain, field_of)

    def all_of(self, field_of: Callable[[Profile], Iterable[T]]) -> Iterator[T]:
        """What base, the parent and the profile say in a field together."""
        return (each for source in self.chain for each in field_of(source.content))


@dataclass(slots=True)
class Library:
    """Profiles by name or path; each file is read and checked once."""

    known_facts: Collection[str]
    folder: Path = SHIPPED
    include_bills: bool = False
    _sources: dict[Path, Source[Profile]] = field(default_factory=dict)
    _checked: dict[str, Chain] = field(default_factory=dict)

    def open_to_all(self) -> list[str]:
        """The profiles of places that any run can be judged under, and that are not there as a warning."""
        contents = [(name, self._named(name, f"policy={STRICTEST}").content) for name in profiles(self.folder)]
        return [name for name, content in contents if not (content.requires or content.caution or content.addition)]

    def is_addition(self, name: str) -> bool:
        """Whether a shipped profile is no place's law."""
        return self._named(name, f"policy={name}").content.addition

    def standing(self, name: str, day: date) -> Standing:
        """One profile, by name or path, with all it stands on, as in force on that day."""
        chain = self._chain(name)
        own = chain[-1].content
        entries = {key: entry for source in chain for key, entry in source.content.citations.items()}
        rules = self._flat(chain, "rules", lambda profile: profile.rules, day, entries)
        set_rules = self._flat(chain, "set_rules", lambda profile: profile.set_rules, day, entries)
        retention = _nearest(chain, lambda profile: profile.retention)
        share = _nearest(chain, lambda profile: profile.share)
        basis = _nearest(chain, lambda profile: profile.basis)
        if retention is None:
            raise PolicyError(chain[-1].at(), "no 'retention' here, nor in what it stands on", todo="add it")
        cited = {key for _, rule in rules for key in rule.cite} | {key for _, rule in set_rules for key in rule.cite}
        cited.update(key for ground in (retention, share) if ground for key in ground.cite)
        cited.update(key for _, ground in basis or () for key in ground.cite)
        return Standing(
            chain=chain,
            rules=tuple(rule for _, rule in rules),
            set_rules=tuple(rule for _, rule in set_rules),
            citations={key: entry for key in sorted(cited) if (entry := resolve(key, entries))},
            readings=_read_as(chain),
            about=Part(own.profile, own.title, own.summary, basis, retention),
            warnings=(
                *(f"{source.at('caution')}: {caution}" for source in chain if (caution := source.content.caution)),
                *unfounded(_grounded(chain), entries, day),
                *overdue((*rules, *set_rules), day),
            ),
        )

    def _flat(
        self,
        chain: Chain,
        what: str,
        rules_of: Callable[[Profile], tuple[Dated, ...]],
        day: date,
        entries: Citations,
    ) -> list[tuple[str, Dated]]:
        """The rules in force that no other one in force replaces, each with its place."""
        selected = [
            (source.at(what, place), dated)
            for source in chain
            for place, rule in enumerate(rules_of(source.content))
            if (rule.status != "bill" or self.include_bills) and (dated := on(day, rule, entries))
        ]
        replaced = {target for _, rule in selected for target in rule.replaces}
        return [(where, rule) for where, rule in selected if rule.id not in replaced]

    def _chain(self, name: str) -> Chain:
        """Base, the parent if there is one, and the profile itself; each checked."""
        if name not in self._checked:
            own = self._read(Path(name)) if is_path(name) else self._named(name, f"policy={name}", STRICTEST)
            below = self._below(own)
            check(own, below, self.known_facts)
            self._checked[name] = (*below, own)
        return self._checked[name]

    def _below(self, own: Source[Profile]) -> Chain:
        if name := own.content.extends:
            where = own.at("extends")
            if grandparent := self._named(name, where).content.extends:
                found = f"{name!r}, which extends {grandparent!r} itself"
                raise PolicyError(where, found, "one level of extends", f"extend {grandparent!r} instead")
            return self._chain(name)
        if BASE not in self._checked:
            base = self._read(self.folder / f"{BASE}.yaml")
            check(base, (), self.known_facts)
            self._checked[BASE] = (base,)
        return self._checked[BASE]

    def _named(self, name: str, where: str, *more: str) -> Source[Profile]:
        """The shipped profile of that name; `more` names what else could have been written there."""
        shipped = profiles(self.folder)
        if name == BASE:
            raise PolicyError(where, "'base', which is part of every profile", ", ".join(shipped))
        if name not in shipped:
            raise unknown(where, "profile", name, (*shipped, *more), "or give the path of a .yaml file of your own")
        return self._read(self.folder / f"{name}.yaml")

    def _read(self, path: Path) -> Source[Profile]:
        if path not in self._sources:
            self._sources[path] = read(path, Profile)
        return self._sources[path]


def _nearest(chain: Chain, field_of: Callable[[Profile], T | None]) -> T | None:
    return next((found for source in reversed(chain) if (found := field_of(source.content)) is not None), None)


def _grounded(chain: Chain) -> Source[Profile]:
    """The nearest profile that names its grounds; without one, the last."""
    return next((source for source in reversed(chain) if source.content.basis), chain[-1])


def _read_as(chain: Chain) -> Readings:
    """The open points that a profile reads the other way, with those of what it stands on."""
    robots = _nearest(chain, lambda profile: profile.robots_reading) or AS_SPECIFIED
    points = {point for source in chain for point in source.content.other_readings}
    return frozenset(points | ({robots} - {AS_SPECIFIED}))
