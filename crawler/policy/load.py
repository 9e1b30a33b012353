"""Names, dates and files of policies -> `Policy`: read, checked, flattened, selected for one day.

    jp                    a shipped profile, as it stands today
    jp+eu                 both at once: the rules of all parts together, so the strictest wins
    jp+eu@2023-06-01      the rules in force on that day
    rules/own.yaml        a file of the operator's; may `extends: jp`
    jp,us,eu+cn           several policies (load_all)

A profile stands on its parent, if it names one, and on `base`. A rule is in force on a day when its own dates
hold the day and one of its citations is in force; a rule of ours needs no citation. A rule that is not in force
replaces nothing, so the parent's rule stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import rfc8785

from crawler.policy.check import check, in_force, overdue, resolve, unfounded
from crawler.policy.model import Citation, Profile, Retention, Rule
from crawler.policy.policy import Policy
from crawler.policy.read import PolicyError, Source, read, unknown
from crawler.policy.spec import Spec, is_path, parse

SHIPPED = Path(__file__).parents[2] / "policies"  # beside the package, in the repository and when installed
BASE = "base"


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
    return _Library(folder or SHIPPED, known_facts, include_bills).policy(parse(spec), today)


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
    library = _Library(folder or SHIPPED, known_facts, include_bills)
    policies = tuple(library.policy(parse(spec.strip()), today) for spec in specs.split(","))
    ids = [policy.id.casefold() for policy in policies]
    for place, policy in enumerate(policies):
        if policy.id.casefold() in ids[:place]:
            found = f"two policies called {policy.id!r}, which would write to one folder"
            raise PolicyError(f"policy={specs}", found, todo="name each once, or rename your own file")
    return policies


def names(folder: Path | None = None) -> tuple[str, ...]:
    """The profiles that can be named, sorted; `base` is part of all of them and cannot be."""
    return tuple(sorted(path.stem for path in (folder or SHIPPED).glob("*.yaml") if path.stem != BASE))


@dataclass(frozen=True, slots=True)
class _Part:
    """One profile with all it stands on, for one day."""

    title: str
    rules: tuple[Rule, ...]
    citations: Mapping[str, Citation]
    retention: Retention
    warnings: tuple[str, ...]


@dataclass(slots=True)
class _Library:
    """Profiles by name or path; each file is read once."""

    folder: Path
    known_facts: Collection[str]
    include_bills: bool
    sources: dict[Path, Source[Profile]] = field(default_factory=dict)

    def policy(self, spec: Spec, today: date) -> Policy:
        """Put the parts of a spec together."""
        day = spec.day or today
        parts = [self._part(name, day) for name in spec.parts]
        rules = _union(spec.id, parts)
        citations = {key: entry for part in parts for key, entry in part.citations.items()}
        bodies_days = min(part.retention.bodies_days for part in parts)
        return Policy(
            id=spec.id,
            title=" + ".join(dict.fromkeys(part.title for part in parts)),
            day=day,
            rules=rules,
            citations=citations,
            digest=_digest(rules, citations, bodies_days),
            bodies_days=bodies_days,
            warnings=tuple(dict.fromkeys(warning for part in parts for warning in part.warnings)),
        )

    def _part(self, name: str, day: date) -> _Part:
        chain = self._chain(name)
        entries = {key: entry for source in chain for key, entry in source.content.citations.items()}
        selected = [
            (source.at("rules", place), dated)
            for source in chain
            for place, rule in enumerate(source.content.rules)
            if (dated := self._on(day, rule, entries))
        ]
        replaced = {target for _, rule in selected for target in rule.replaces}
        standing = [(where, rule) for where, rule in selected if rule.id not in replaced]
        cited = sorted({key for _, rule in standing for key in rule.cite})
        return _Part(
            title=chain[-1].content.title,
            rules=tuple(rule for _, rule in standing),
            citations={key: entry for key in cited if (entry := resolve(key, entries))},
            retention=_retention(chain),
            warnings=(*unfounded(_grounded(chain), entries, day), *overdue(standing, day)),
        )

    def _on(self, day: date, rule: Rule, entries: Mapping[str, Citation]) -> Rule | None:
        """The rule with the citations in force on that day; None when it is not in force itself."""
        cite = tuple(key for key in rule.cite if in_force(key, entries, day))
        if not (rule.valid_from or date.min) <= day <= (rule.valid_until or date.max):
            return None
        if (rule.status == "bill" and not self.include_bills) or not (cite or rule.status == "ours"):
            return None
        return rule.model_copy(update={"cite": cite})

    def _chain(self, name: str) -> tuple[Source[Profile], ...]:
        """Base, the parent if there is one, and the profile itself; each checked."""
        own = self._read(Path(name)) if is_path(name) else self._named(name, f"policy={name}")
        chain = [self._read(self.folder / f"{BASE}.yaml"), own]
        if name_of_parent := own.content.extends:
            where = own.at("extends")
            parent = self._named(name_of_parent, where)
            if parent.content.extends:
                found = f"{name_of_parent!r}, which extends {parent.content.extends!r} itself"
                raise PolicyError(where, found, "one level of extends", f"extend {parent.content.extends!r} instead")
            chain.insert(1, parent)
        for place, source in enumerate(chain):
            check(source, chain[:place], self.known_facts)
        return tuple(chain)

    def _named(self, name: str, where: str) -> Source[Profile]:
        if name == BASE:
            raise PolicyError(where, "'base', which is part of every profile", ", ".join(names(self.folder)))
        if name not in (shipped := names(self.folder)):
            raise unknown(where, "profile", name, shipped, "or give the path of a .yaml file of your own")
        return self._read(self.folder / f"{name}.yaml")

    def _read(self, path: Path) -> Source[Profile]:
        if path not in self.sources:
            self.sources[path] = read(path, Profile)
        return self.sources[path]


def _grounded(chain: tuple[Source[Profile], ...]) -> Source[Profile]:
    """The nearest profile that names its grounds; without one, the last."""
    return next((source for source in reversed(chain) if source.content.basis), chain[-1])


def _retention(chain: tuple[Source[Profile], ...]) -> Retention:
    for source in reversed(chain):
        if source.content.retention:
            return source.content.retention
    raise PolicyError(chain[-1].at(), "no 'retention' here, nor in what it stands on", todo="add it")


def _union(spec: str, parts: Iterable[_Part]) -> tuple[Rule, ...]:
    """The rules of all parts, each once, sorted by id."""
    rules: dict[str, Rule] = {}
    for rule in (rule for part in parts for rule in part.rules):
        if rules.setdefault(rule.id, rule) != rule:
            found = f"rule {rule.id!r} with two texts"
            raise PolicyError(f"policy={spec}", found, todo="rename the profile, and the rules, of your own file")
    return tuple(rules[key] for key in sorted(rules))


def _digest(rules: Iterable[Rule], citations: Mapping[str, Citation], bodies_days: int) -> str:
    form: Any = {
        "rules": [rule.model_dump(mode="json", by_alias=True, exclude_defaults=True) for rule in rules],
        "citations": {key: entry.model_dump(mode="json", exclude_defaults=True) for key, entry in citations.items()},
        "bodies_days": bodies_days,
    }
    return sha256(rfc8785.dumps(form)).hexdigest()
