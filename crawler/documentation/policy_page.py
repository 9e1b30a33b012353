"""A policy as Markdown for lawyers: what it does in plain words, on what it rests, what is open, what to watch.

Everything said here stands in the policy's file; only the order and the headings are ours.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from crawler.policy.model import Citation, Effect, Rule, Watch
from crawler.policy.policy import Part, Policy
from crawler.policy.set_rules import SetRule, When
from crawler.views.policies import HOW_SURE, condition

WIDTH = 118
BASE = "base"
EFFECTS: Mapping[Effect, str] = MappingProxyType(
    {
        Effect.KEEP: "Kept",
        Effect.REVIEW: "A person looks first",
        Effect.REQUIRE_LICENSE: "Needs a license",
        Effect.REQUIRE_CONSENT: "Needs a consent",
        Effect.RETRY: "Tried again later",
        Effect.DROP: "Left out",
        Effect.PSEUDONYMIZE: "Becomes a pseudonym",
        Effect.REDACT: "Removed",
    }
)
OPEN_STATUS = ("contested", "bill")
OPEN_CONFIDENCE = ("disputed", "unconfirmed")

# Headings, and the facts that bring a rule below them; the first that fits takes it.
_TOPICS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Unlawful content", ("safety.", "provenance.")),
    ("People who objected", ("objection.",)),
    ("Personal data", ("pii", "sensitive.", "minor.")),
    ("Images, faces and voices", ("media.face", "media.voice", "embedded-images")),
    ("Sources", ("source.",)),
    ("Copyright and licenses", ("license", "media.kind")),
    ("Quality of the text", ("text.", "duplicate")),
    ("Barriers, and what was received", ("access", "fetch.", "text", "terms.conditions-access")),
    ("robots.txt and other refusals", ("",)),
)
_ORDER = (
    *("Copyright and licenses", "robots.txt and other refusals", "Sources", "Personal data", "People who objected"),
    *("Images, faces and voices", "Unlawful content", "Barriers, and what was received", "Quality of the text"),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rules of the file that are not applied on the day of the page, each with the reason."""

    rule: Rule
    why: str


def markdown(policy: Policy, *, waiting: Sequence[Waiting] = (), linked: bool = False) -> str:
    """The page of one policy.

    Args:
        policy: Flattened, for one day.
        waiting: Rules that are not in force on it.
        linked: Whether rules of other profiles link to their pages, which stand beside this one.
    """
    own = [rule for rule in policy.rules if not _is_base(rule, policy)]
    base = [rule for rule in policy.rules if _is_base(rule, policy)]
    lines = [
        *_head(policy),
        *_basis(policy),
        *_rules(policy, own, linked),
        *_section("Under every policy", (_short(rule) for rule in base), _about_base(linked)),
        *_section("About the whole set", map(_set_rule, policy.set_rules)),
        *_section("Keeping and sharing", _keeping(policy)),
        *_section("What has to be written or filed", (f"- {output}" for output in policy.outputs)),
        *_section("What is contested or unconfirmed", _open_questions(policy)),
        *_section("Watch list", map(_watch, policy.watch)),
        *_section("Not applied on this day", (_waiting(each) for each in waiting)),
        *_citations(policy),
    ]
    return "\n".join(lines) + "\n"


def _head(policy: Policy) -> Iterator[str]:
    yield from (f"# {policy.title} (`{policy.id}`)", "")
    digest = f" Digest `{policy.digest[:16]}`." if policy.digest else ""
    approval = "An engineering default that a lawyer must approve; not legal advice."
    yield from _wrapped(f"The rules as they stand on {policy.day}. {approval}{digest}")
    for part in policy.parts:
        yield ""
        yield from _wrapped(part.summary)
    for warning in policy.warnings:
        yield ""
        yield from _wrapped(f"**Warning.** {warning.partition(': ')[2] or warning}")


def _basis(policy: Policy) -> Iterator[str]:
    lines = [line for part in policy.parts for line in _grounds(part, named=len(policy.parts) > 1)]
    for name, values in sorted(policy.requires.items()):
        lines.append(f"- The run must state `{name}`: {' or '.join(map(str, values))}. Otherwise it is refused.")
    for point in sorted({point for reading in policy.readings for point in reading}):
        lines.append(f"- Where the specifications leave it open, `{point}` is read the other way.")
    return _section("Basis", lines)


def _grounds(part: Part, *, named: bool) -> Iterator[str]:
    for what, ground in part.basis or ():
        place = f" ({part.title})" if named else ""
        keys = f" [{', '.join(ground.cite)}]" if ground.cite else " No law is cited."
        yield f"- **{what.replace('_', ' ').capitalize()}**{place}. {ground.says}{keys}"


def _rules(policy: Policy, rules: Sequence[Rule], linked: bool) -> Iterator[str]:
    parts = {part.profile for part in policy.parts}
    for topic in _ORDER:
        found = [rule for rule in rules if topic_of(rule) == topic]
        yield from _section(topic, (line for rule in found for line in _rule(rule, parts, linked)))


def topic_of(rule: Rule) -> str:
    """The heading that a rule stands below, by what it looks at."""
    return next(topic for topic, names in _TOPICS if any(name.startswith(names) for name in rule.when))


def _rule(rule: Rule, parts: Iterable[str], linked: bool) -> Iterator[str]:
    profile = rule.id.partition(".")[0]
    origin = "" if profile in parts else f", from [{profile}]({profile}.md)" if linked else f", from {profile}"
    told = "; ".join(filter(None, (_standing(rule), ", ".join(rule.cite), _dates(rule))))
    yield f"- **{EFFECTS[rule.effect]}.** {rule.says} (`{rule.id}`{origin}; {told})"
    yield f"  When {condition(rule.when)}.{_lifting(rule)}"
    for note in rule.notes:
        yield f"  *{note}*"


def _standing(rule: Rule | SetRule) -> str:
    words = "our choice" if rule.status == "ours" else rule.status
    return f"{words}, {rule.confidence}" if rule.confidence else words


def _dates(rule: Rule) -> str:
    days = (("from", rule.valid_from), ("until", rule.valid_until), ("to be reviewed by", rule.review_by))
    return ", ".join(f"{word} {day}" for word, day in days if day)


def _lifting(rule: Rule) -> str:
    if rule.lifted_by:
        return f" A {rule.lifted_by} on file lifts this."
    return " A record on file meets this." if rule.effect in (Effect.REQUIRE_LICENSE, Effect.REQUIRE_CONSENT) else ""


def _short(rule: Rule) -> str:
    return f"- **{EFFECTS[rule.effect]}.** {rule.says} (`{rule.id}`)"


def _about_base(linked: bool) -> str:
    where = "[base](base.md)" if linked else "`base`"
    return f"These rules of {where} hold here as everywhere; those that this policy replaces are left out."


def _is_base(rule: Rule, policy: Policy) -> bool:
    return rule.id.startswith(f"{BASE}.") and BASE not in {part.profile for part in policy.parts}


def _set_rule(rule: SetRule) -> str:
    limit = f"at most {rule.max:g}" if rule.min is None else f"at least {rule.min:g}"
    sample = f", in a sample of {rule.sample}" if rule.sample else f", over {rule.share:g} of all" if rule.share else ""
    least = f", in sets of {rule.of_at_least} or more" if rule.of_at_least else ""
    number = {"law": "by law", "guidance": "by guidance", "ours": "our number"}[rule.numbers]
    cited = f"; {', '.join(rule.cite)}" if rule.cite else ""
    notes = "".join(f" *{note}*" for note in rule.notes)
    time = f"{rule.measure} before collection" if rule.when is When.BEFORE_COLLECTION else rule.measure
    effect = rule.effect.replace("-", " ").capitalize()
    measured = f"{time}: {limit}{sample}{least}; the limit is {number}"
    return f"- **{effect}.** {rule.says} ({measured}; `{rule.id}`; {_standing(rule)}{cited}){notes}"


def _keeping(policy: Policy) -> Iterator[str]:
    for part in policy.parts:
        kept = part.retention
        cited = f" [{', '.join(kept.cite)}]" if kept.cite else ""
        whose = "our number" if kept.status == "ours" else kept.status
        yield f"- Fetched pages are kept as evidence for {kept.bodies_days} days ({whose}). {kept.says}{cited}"
    if policy.share:
        cited = f" [{', '.join(policy.share.cite)}]" if policy.share.cite else ""
        yield f"- Sharing: {policy.share.level.replace('-', ' ')} ({policy.share.status}). {policy.share.says}{cited}"


def _open_questions(policy: Policy) -> Iterator[str]:
    rules: tuple[Rule | SetRule, ...] = (*policy.rules, *policy.set_rules)
    for rule in rules:
        if is_open(rule):
            yield f"- `{rule.id}` ({_standing(rule)}): {rule.says}"
    for keys, entry in _entries(policy):
        if entry.checked == "U":
            yield f"- {keys}: {_instrument(entry)} is unconfirmed; check it before use."


def is_open(rule: Rule | SetRule) -> bool:
    """Whether something about the rule is not settled."""
    return rule.status in OPEN_STATUS or rule.confidence in OPEN_CONFIDENCE


def _watch(entry: Watch) -> str:
    touched = f" May change {', '.join(f'`{rule}`' for rule in entry.touches)}." if entry.touches else ""
    return f"- **{entry.when}**: {entry.what.rstrip('.')}.{touched}"


def _waiting(each: Waiting) -> str:
    return f"- `{each.rule.id}` ({each.why}): {EFFECTS[each.rule.effect].lower()}. {each.rule.says}"


def _citations(policy: Policy) -> Iterator[str]:
    if not policy.citations:
        return
    yield from ("", "## Citations", "", "| key | instrument | issued | applies | how sure |", "|---|---|---|---|---|")
    for keys, entry in _entries(policy):
        until = f" until {entry.applies_until}" if entry.applies_until else ""
        note = f" {entry.note}" if entry.note else ""
        cells = (
            keys,
            f"[{_instrument(entry)}]({entry.url}).{note}",
            str(entry.published),
            f"{entry.applies_from or entry.published}{until}",
            HOW_SURE[entry.checked],
        )
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _entries(policy: Policy) -> list[tuple[str, Citation]]:
    """Each instrument once, with all keys that cite it."""
    found: list[tuple[list[str], Citation]] = []
    for key, entry in sorted(policy.citations.items()):
        keys = next((keys for keys, known in found if known == entry), None)
        if keys is None:
            found.append(([key], entry))
        else:
            keys.append(key)
    return [(", ".join(keys), entry) for keys, entry in found]


def _instrument(entry: Citation) -> str:
    return f"{entry.instrument}, {entry.article}" if entry.article else entry.instrument


def _section(title: str, lines: Iterable[str], before: str = "") -> Iterator[str]:
    """Lines under a heading; nothing where there are none."""
    body = [wrapped for line in lines for wrapped in _wrapped(line)]
    if body:
        yield from ("", f"## {title}", "")
        if before:
            yield from (*_wrapped(before), "")
        yield from body


def _wrapped(text: str) -> list[str]:
    """Lines of a readable length; what belongs to a bullet stands below its text."""
    indent = "  " if text.startswith(("- ", "  ")) else ""
    first = text[: len(text) - len(text.lstrip())]
    wrapper = textwrap.TextWrapper(WIDTH, first, indent, break_on_hyphens=False, break_long_words=False)
    return wrapper.wrap(text.strip())
