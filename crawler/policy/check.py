"""Whether a profile fits what it stands on and what can be stated; and what its user should be warned of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from crawler.document import Gate, Treatment
from crawler.policy.dates import in_force, is_on, resolve, turning_days
from crawler.policy.model import RUN, Citation, Profile, Rule
from crawler.policy.policy import LIFTED_BY
from crawler.policy.read import Loc, PolicyError, Source, unknown
from crawler.policy.set_rules import SetRule
from crawler.policy.vocabulary import POINT, check_values, looked_at, points

REGISTRY = "opt-out-registry"


def check(source: Source[Profile], below: Sequence[Source[Profile]], known_facts: Collection[str]) -> None:
    """Check one file against the files it stands on (base, parent).

    Raises:
        PolicyError: It names a fact, a value, a reading, a citation or a rule that is not there, or names one twice; or
            a rule could never fire, or never matter.
    """
    _Check(source, below, known_facts).run()


@dataclass(frozen=True, slots=True)
class _Check:
    """One file, what it stands on, and what can be stated."""

    source: Source[Profile]
    below: Sequence[Source[Profile]]
    known_facts: Collection[str]

    def run(self) -> None:
        """Raise the first mistake."""
        profile, below = self.source.content, [file.content for file in self.below]
        _check_citations(self.source, self.below)
        self._check_ids("rules", profile.rules, [rule for each in below for rule in each.rules])
        self._check_ids("set_rules", profile.set_rules, [rule for each in below for rule in each.set_rules])
        for place, rule in enumerate(profile.rules):
            self._check_condition(place, rule)
        self._check_run()
        self._check_readings()
        self._check_watch()
        self._check_dates()

    def _check_ids(self, what: str, own: Sequence[Rule | SetRule], replaceable: Sequence[Rule | SetRule]) -> None:
        profile, seen = self.source.content.profile, {rule.id for rule in replaceable}
        targets = frozenset(seen)
        for place, rule in enumerate(own):
            where = self.source.at(what, place, "id")
            if rule.id in seen:
                raise PolicyError(where, f"rule id {rule.id!r} a second time", todo="give each rule an id of its own")
            if not rule.id.startswith(f"{profile}."):
                raise PolicyError(where, f"rule id {rule.id!r}", f"ids that begin with '{profile}.'")
            seen.add(rule.id)
            for target in rule.replaces:
                if target not in targets:
                    raise unknown(self.source.at(what, place, "replaces"), "rule to replace", target, targets)

    def _check_condition(self, place: int, rule: Rule) -> None:
        facts = looked_at(self.known_facts)
        for name, values in rule.when.items():
            where = self.source.at("rules", place, "when", name)
            if name not in facts:
                raise unknown(where, f"fact (rule {rule.id})", name, facts)
            check_values(where, name, values)
        if REGISTRY in rule.when and all(name == REGISTRY or name.startswith(RUN) for name in rule.when):
            where = self.source.at("rules", place, "when", REGISTRY)
            found = f"{REGISTRY} alone (rule {rule.id}); a registry never decides alone"
            raise PolicyError(where, found, todo="add what the page or its site says, such as train-ai: reserved")

    def _check_run(self) -> None:
        for name, values in self.source.content.requires.items():
            check_values(self.source.at("requires", name), name, values)

    def _check_readings(self) -> None:
        known, profile = points(self.known_facts), self.source.content
        for place, point in enumerate(profile.other_readings):
            if point not in known:
                raise unknown(self.source.at("other_readings", place), "open point", point, known)
        if profile.robots_reading == "legacy" and "legacy" not in known:
            where = self.source.at("robots_reading")
            raise PolicyError(where, f"no signal states robots{POINT}legacy", "rfc9309", "leave it out")

    def _check_watch(self) -> None:
        files = [file.content for file in (*self.below, self.source)]
        ids = {rule.id for file in files for rule in file.rules}
        ids |= {rule.id for file in files for rule in file.set_rules}
        for place, entry in enumerate(self.source.content.watch):
            for rule in entry.touches:
                if rule not in ids:
                    raise unknown(self.source.at("watch", place, "touches"), "rule to watch", rule, ids)

    def _check_dates(self) -> None:
        """Every rule has its day, and on some day it matters."""
        profile, entries = self.source.content, _entries((*self.below, self.source))
        dated: Mapping[str, Sequence[Rule | SetRule]] = {"rules": profile.rules, "set_rules": profile.set_rules}
        for what, rules in dated.items():
            for place, rule in enumerate(rules):
                if not any(is_on(day, rule, entries) for day in turning_days([rule], entries)):
                    found = f"rule {rule.id} could never fire: none of its citations applies within its own dates"
                    raise PolicyError(self.source.at(what, place, "id"), found, todo="correct the dates, or remove it")
        for (_, one), (place, other) in combinations(enumerate(profile.rules), 2):
            if one.when == other.when and "bill" not in (one.status, other.status):
                _check_pair(self.source.at("rules", place, "id"), one, other, entries)


def _check_pair(where: str, one: Rule, other: Rule, entries: Mapping[str, Citation]) -> None:
    """Two rules that fire on the same facts must both matter, unless one only notes."""
    days = turning_days([one, other], entries)
    both = {day for day in days if is_on(day, one, entries) and is_on(day, other, entries)}
    if one.effect == other.effect and both:
        found = f"rule {other.id} asks for the same on the same facts as {one.id}, and both are in force on {min(both)}"
        raise PolicyError(where, found, todo="remove one, or give them dates that do not overlap")
    for weaker, stronger in ((one, other), (other, one)):
        if _overrules(stronger, weaker) and all(day in both for day in days if is_on(day, weaker, entries)):
            found = f"rules {one.id} and {other.id} contradict each other: on the same facts, whenever {weaker.id} asks"
            found += f" for {weaker.effect.value}, {stronger.id} asks for {stronger.effect.value}"
            raise PolicyError(where, found, todo="remove one, or make the weaker one keep if it is only to be recorded")


def _overrules(stronger: Rule, weaker: Rule) -> bool:
    """Whether the weaker rule never matters beside the stronger; what notes only (keep) is there to be recorded."""
    if weaker.effect.treatment or stronger.effect.treatment:
        return Treatment.KEEP < weaker.effect.treatment < stronger.effect.treatment
    met_by = {rule.id: rule.lifted_by or LIFTED_BY.get(rule.effect, "") for rule in (stronger, weaker)}
    stays = met_by[stronger.id] in ("", met_by[weaker.id])
    return stays and Gate.KEEP < weaker.effect.gate < stronger.effect.gate


def unfounded(source: Source[Profile], citations: Mapping[str, Citation], day: date) -> Iterator[str]:
    """Warnings about a ground of use that was not yet, or is no longer, law on that day."""
    for what, ground in source.content.basis or ():
        if ground.cite and not any(in_force(key, citations, day) for key in ground.cite):
            found = f"the ground for {what.replace('_', ' ')} ({', '.join(ground.cite)}) is not in force on {day}"
            yield f"{source.at('basis', what)}: {found}; where no rule fires, keep rests on nothing"


def overdue(standing: Iterable[tuple[str, Rule | SetRule]], day: date) -> Iterator[str]:
    """Warnings about rules (each with its place) that somebody was to look at again."""
    for where, rule in standing:
        if rule.review_by and rule.review_by < day:
            yield f"{where}: rule {rule.id} was to be reviewed by {rule.review_by}; check its law and set a new date"


def _check_citations(source: Source[Profile], below: Sequence[Source[Profile]]) -> None:
    inherited = _entries(below)
    citations = dict(inherited)
    for key, entry in source.content.citations.items():
        if citations.setdefault(key, entry) != entry:
            found = f"citation {key!r} differs from the one this profile stands on"
            raise PolicyError(source.at("citations", key), found, todo="use that one, or choose another key")
    for key in sorted({key for file in below for _, keys in _cited(file.content) for key in keys}):
        if (nearest := resolve(key, citations)) != resolve(key, inherited):
            own = next(each for each, entry in source.content.citations.items() if entry is nearest)
            found = f"citation {own!r}, which would stand behind rules that this profile inherits ({key})"
            raise PolicyError(source.at("citations", own), found, todo="choose another key, such as one with a year")
    for loc, keys in _cited(source.content):
        for key in keys:
            if resolve(key, citations) is None:
                raise unknown(source.at(*loc), "citation", key, citations, "add it to 'citations'")


def _cited(profile: Profile) -> Iterator[tuple[Loc, tuple[str, ...]]]:
    """Every place where citation keys stand, and the keys."""
    for place, rule in enumerate(profile.rules):
        yield ("rules", place, "cite"), rule.cite
    for place, set_rule in enumerate(profile.set_rules):
        yield ("set_rules", place, "cite"), set_rule.cite
    for what, ground in profile.basis or ():
        yield ("basis", what, "cite"), ground.cite
    if profile.retention:
        yield ("retention", "cite"), profile.retention.cite
    if profile.share:
        yield ("share", "cite"), profile.share.cite


def _entries(files: Sequence[Source[Profile]]) -> dict[str, Citation]:
    return {key: entry for file in files for key, entry in file.content.citations.items()}
