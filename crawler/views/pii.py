"""Personal data as a terminal shows it, and as plain values: what can be found, what was found, and how well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from crawler.audit.line import printable
from crawler.document import Treatment
from crawler.pii.catalog import Entry, Figure
from crawler.pii.measure import Counts, Measured, Score
from crawler.policy.model import Rule
from crawler.policy.policy import Policy
from crawler.scanning import Found, Scanned, Treated, page_rules, treatments
from crawler.views import Values, keys, wrapped
from crawler.views.policies import citation

HINT = "note: this prints personal data, to this terminal only; nothing of it is written anywhere"
NOT_CHECKED = "names of persons are not looked for in this language: a policy would see pii.names-unchecked"
_ROUND = 4  # digits of figures

# ---- what can be found -----------------------------------------------------------------------------------------------


def entry_values(entry: Entry) -> Values:
    """One entity."""
    return {
        "entity": entry.entity,
        "kind": entry.kind,
        "engine": entry.engine,
        "checks": entry.checks,
        "languages": list(entry.languages),
        "measured": [
            {
                "set": one.set,
                "language": one.language,
                "n": one.gold,
                "precision": one.overlap["p"],
                "recall": one.overlap["r"],
                "strict": dict(one.strict),
                "engine": one.engine,
                "command": one.command,
                "day": one.day,
                "note": one.note,
            }
            for one in entry.figures
        ],
    }


def entry_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """Each entity with what it checks, and its figures below it."""
    told = list(entries)
    for entry in told:
        yield f"{entry.entity}  {entry.kind}  by {entry.engine}  [{', '.join(entry.languages)}]"
        yield from wrapped(entry.checks, "    ")
        yield from (f"    {figure_line(one)}" for one in entry.figures)
    yield ""
    yield f"{len(told)} entries; precision and recall count finds that overlap: docs/personal-data.md says on what"


def figure_line(one: Figure) -> str:
    """Precision and recall on one set."""
    note = f"; {one.note}" if one.note else ""
    told = f"precision {one.overlap['p']:.3f}, recall {one.overlap['r']:.3f} of {one.gold} in {one.set}"
    return f"{told} ({one.engine}{note})"


# ---- what was found --------------------------------------------------------------------------------------------------


def scan_values(scanned: Scanned, policies: Sequence[Policy]) -> Values:
    """A scan, and what each policy would do with the finds."""
    return {
        "language": scanned.language,
        "language_detected": scanned.detected,
        "names_checked_by": scanned.engine or None,
        "spans": [_found_values(one) for one in scanned.found],
        "facts": [{"name": fact.name, "value": fact.value} for fact in scanned.said],
        "policies": {policy.id: _policy_values(policy, scanned) for policy in policies},
    }


def _found_values(one: Found) -> Values:
    span, why = one.span, one.why
    return {
        "start": span.start, "end": span.end, "text": one.words, "entity": span.entity, "kind": span.kind,
        "score": round(span.score, _ROUND), "tier": span.tier, "engine": why.engine, "pattern": why.pattern,
        "check": why.check, "context": why.context,
    }  # fmt: skip


def _policy_values(policy: Policy, scanned: Scanned) -> Values:
    return {
        "kinds": {
            kind: {
                "treatment": treated.treatment.name.lower(),
                "rules": [
                    {"rule": rule.id, "effect": rule.effect.value, "cite": list(rule.cite)} for rule in treated.rules
                ],
            }
            for kind, treated in treatments(policy, scanned).items()
        },
        "page": [
            {"rule": rule.id, "effect": rule.effect.value, "cite": list(rule.cite)}
            for rule in page_rules(policy, scanned)
        ],
    }


def scan_lines(scanned: Scanned, policies: Sequence[Policy]) -> Iterator[str]:
    """Each find on a line with its grounds; below them, what each policy would do."""
    told = f"language {scanned.language}" if scanned.language else "language cannot be told"
    yield f"{told}{' (detected)' if scanned.detected and scanned.language else ''}; {len(scanned.found)} found"
    if not scanned.language:
        yield "too short to tell its language; --lang says it, so that names are looked for"
    elif not scanned.engine:
        yield NOT_CHECKED
    for one in scanned.found:
        yield from _found_lines(one)
    if scanned.said:
        yield from wrapped("states " + ", ".join(f"{fact.name} = {fact.value}" for fact in scanned.said))
    for policy in policies:
        yield ""
        yield from _policy_lines(policy, scanned)


def _found_lines(one: Found) -> Iterator[str]:
    span, why = one.span, one.why
    yield f"{span.start}-{span.end}  {span.entity} ({span.kind})  {span.score:.2f} {span.tier}  {printable(one.words)}"
    grounds = [f"by {why.engine}", f"pattern {why.pattern!r}" if why.pattern else "", why.check]
    context = "" if why.context == "none" else f"its word stands {why.context}"
    yield f"    {'; '.join(filter(None, (*grounds, context)))}"


def _policy_lines(policy: Policy, scanned: Scanned) -> Iterator[str]:
    yield f"under {policy.id}, if nothing else is said of the page"
    for kind, treated in treatments(policy, scanned).items():
        yield from _treated_lines(policy, kind, treated)
    for rule in page_rules(policy, scanned):
        yield f"  the page  {rule.effect}: {rule.id} {keys(rule.cite)}".rstrip()


def _treated_lines(policy: Policy, kind: str, treated: Treated) -> Iterator[str]:
    word = "kept" if treated.treatment is Treatment.KEEP else treated.treatment.name.lower()
    yield f"  {kind}  {word}" + (f": {', '.join(rule.id for rule in treated.rules)}" if treated.rules else "")
    for key in _cited(treated.rules):
        if key in policy.citations:
            yield from wrapped(citation(key, policy.citations[key]), "    ")


def _cited(rules: Iterable[Rule]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for rule in rules for key in rule.cite))


# ---- how well --------------------------------------------------------------------------------------------------------


def measured_values(ours: Measured, stock: Measured | None) -> Values:
    """Figures of ours, and of Presidio as it comes beside them."""
    return {**_figures(ours), **({"stock": _figures(stock)} if stock else {})}


def _figures(measured: Measured) -> Values:
    labels = {label: _score_values(one) for label, one in measured.scores.items()}
    return {"labels": labels, "kb_s": round(measured.kb_s, 1)}


def _score_values(one: Score) -> Values:
    return {"n": one.strict.gold, "strict": _rounded(one.strict), "overlap": _rounded(one.overlap)}


def _rounded(counts: Counts) -> dict[str, float]:
    return {name: round(value, _ROUND) for name, value in counts.scores().items()}


def measured_lines(measured: Mapping[str, Measured]) -> Iterator[str]:
    """A table for each finder: strict, then overlapping precision, recall, F1 and F2 of each label, and of all."""
    for name, one in measured.items():
        width = max((len(label) for label in (*one.scores, "all")), default=0)
        yield f"{name}: {one.kb_s:.1f} KB/s on one core"
        yield f"  {'':{width}}       n   strict p     r    f1    f2   overlap p     r    f1    f2"
        for label, found in one.scores.items():
            yield _row(label, found, width)
        if len(one.scores) > 1:
            yield _row("all", one.total, width)


def _row(label: str, one: Score, width: int) -> str:
    strict, overlap = (
        " ".join(f"{value:5.3f}" for value in counts.scores().values()) for counts in (one.strict, one.overlap)
    )
    return f"  {label:{width}} {one.strict.gold:7}      {strict}       {overlap}"
