"""Whether a profile fits what it stands on and what signals can state; and what its user should be warned of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from crawler.policy.model import Citation, Profile, Rule
from crawler.policy.read import PolicyError, Source, unknown

# Facts that rules may already look at although no signal states them yet: name -> what will state it.
ANNOUNCED: Mapping[str, str] = {"terms-reservation": "a reader of refusals in the words of a site's terms"}


def check(source: Source[Profile], below: Sequence[Source[Profile]], known_facts: Collection[str]) -> None:
    """Check one file against the files it stands on (base, parent).

    Raises:
        PolicyError: It names a fact, a citation or a rule that is not there, or names one twice.
    """
    _check_citations(source, below)
    replaceable = {rule.id for each in below for rule in each.content.rules}
    facts = {*known_facts, *ANNOUNCED}
    seen = set(replaceable)
    for place, rule in enumerate(source.content.rules):
        where = source.at("rules", place, "id")
        if rule.id in seen:
            raise PolicyError(where, f"rule id {rule.id!r} a second time", todo="give each rule an id of its own")
        if not rule.id.startswith(f"{source.content.profile}."):
            raise PolicyError(where, f"rule id {rule.id!r}", f"ids that begin with '{source.content.profile}.'")
        seen.add(rule.id)
        for name in rule.when:
            if name not in facts:
                raise unknown(source.at("rules", place, "when", name), f"fact (rule {rule.id})", name, facts)
        for target in rule.replaces:
            if target not in replaceable:
                raise unknown(source.at("rules", place, "replaces"), "rule to replace", target, replaceable)


def resolve(key: str, citations: Mapping[str, Citation]) -> Citation | None:
    """The entry with the longest key that the cited key begins with: EU-CDSM-4-3 -> EU-CDSM."""
    matches = [entry for entry in citations if key == entry or key.startswith(f"{entry}-")]
    return citations[max(matches, key=len)] if matches else None


def in_force(key: str, citations: Mapping[str, Citation], day: date) -> bool:
    """Whether the entry that the key resolves to applies on that day."""
    entry = resolve(key, citations)
    return entry is not None and entry.in_force(day)


def unfounded(source: Source[Profile], citations: Mapping[str, Citation], day: date) -> Iterator[str]:
    """Warnings about a ground of use that was not yet, or is no longer, law on that day."""
    for what, ground in source.content.basis or ():
        if ground.cite and not any(in_force(key, citations, day) for key in ground.cite):
            found = f"the ground for {what.replace('_', ' ')} ({', '.join(ground.cite)}) is not in force on {day}"
            yield f"{source.at('basis', what)}: {found}; where no rule fires, keep rests on nothing"


def overdue(standing: Iterable[tuple[str, Rule]], day: date) -> Iterator[str]:
    """Warnings about rules (each with its place) that somebody was to look at again."""
    for where, rule in standing:
        if rule.review_by and rule.review_by < day:
            yield f"{where}: rule {rule.id} was to be reviewed by {rule.review_by}; check its law and set a new date"


def _check_citations(source: Source[Profile], below: Sequence[Source[Profile]]) -> None:
    citations = {key: entry for each in below for key, entry in each.content.citations.items()}
    for key, entry in source.content.citations.items():
        if citations.setdefault(key, entry) != entry:
            found = f"citation {key!r} differs from the one this profile stands on"
            raise PolicyError(source.at("citations", key), found, todo="use that one, or choose another key")
    for loc, keys in _cited(source.content):
        for key in keys:
            if resolve(key, citations) is None:
                raise unknown(source.at(*loc), "citation", key, citations, "add it to 'citations'")


def _cited(profile: Profile) -> Iterator[tuple[tuple[str | int, ...], tuple[str, ...]]]:
    """Every place where citation keys stand, and the keys."""
    for place, rule in enumerate(profile.rules):
        yield ("rules", place, "cite"), rule.cite
    for what, ground in profile.basis or ():
        yield ("basis", what, "cite"), ground.cite
    if profile.retention:
        yield ("retention", "cite"), profile.retention.cite
