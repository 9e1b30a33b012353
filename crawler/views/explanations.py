"""Why a policy decides as it does, on one screen: the facts that matter, the rules, what would change the outcome."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from crawler.document import Fact
from crawler.explaining import Change, Explanation, Near, text_of
from crawler.pii.mask import mask_text, mask_url
from crawler.policy.model import RUN
from crawler.redecide import UNKNOWN, Redecided
from crawler.views import WIDTH, Values, cut, keys, wrapped
from crawler.views.outcomes import outcome_values, treatments_of
from crawler.views.policies import citation, rule_values

MOST_FACTS, MOST_RULES, MOST_CHANGES = 9, 6, 8  # of each kind on one screen; JSON holds all
SIDE_BY_SIDE = 3  # policies beside each other
NOT_KNOWN = "open so far; the rest was not looked at"
_LABEL = 14  # columns of the labels beside policies


def explanation_values(url: str, facts: Sequence[Fact], explanations: Sequence[Explanation]) -> Values:
    """One page under some policies."""
    return {
        "url": mask_url(url),
        "facts": [fact_values(fact) for fact in facts],
        "policies": [policy_values(each) for each in explanations],
    }


def fact_values(fact: Fact) -> Values:
    """A fact without identifiers."""
    value = mask_text(fact.value) if isinstance(fact.value, str) else fact.value
    return {"name": fact.name, "value": value, "where": mask_text(fact.where), "quote": mask_text(fact.quote)}


def policy_values(each: Explanation) -> Values:
    """What one policy makes of it."""
    return {
        "policy": each.policy.id,
        "digest": each.policy.digest,
        **outcome_values(each.outcome),
        "stage": each.outcome.stage.value,
        "met": list(each.outcome.decision.met),
        "fired": [{**rule_values(one.rule), "facts": [fact_values(fact) for fact in one.facts]} for one in each.fired],
        "nearly": [
            {**rule_values(near.rule), "needs": near.name, "one_of": list(near.wanted), "stated": list(near.found)}
            for near in each.nearly
        ],
        "bills_that_would_fire": [rule_values(rule) for rule in each.bills],
        "would_change": [
            {"what": change.what, "then": outcome_values(change.to) if change.to else None} for change in each.changes
        ],
        "citations": {
            key: each.policy.citations[key].model_dump(mode="json", exclude_none=True)
            for key in dict.fromkeys(key for one in each.fired for key in one.rule.cite)
        },
    }


def explanation_lines(url: str, facts: Sequence[Fact], explanations: Sequence[Explanation]) -> Iterator[str]:
    """One screen: the facts that matter, then the policy; several policies side by side."""
    yield cut(mask_url(url))
    yield from fact_lines(facts, explanations)
    if len(explanations) == 1:
        yield from _one(explanations[0])
        return
    tables = -(-len(explanations) // SIDE_BY_SIDE)
    columns = -(-len(explanations) // tables)
    for start in range(0, len(explanations), columns):
        yield ""
        yield from _side_by_side(explanations[start : start + columns])


def fact_lines(facts: Sequence[Fact], explanations: Sequence[Explanation]) -> Iterator[str]:
    """Those that made rules fire; then what else was found at some place and rules look at."""
    fired = [fact for each in explanations for one in each.fired for fact in one.facts]
    looked_at = {name for each in explanations for rule in each.policy.rules for name in rule.when}
    others = [fact for fact in facts if fact.name in looked_at and fact.where and not fact.name.startswith(RUN)]
    told = list(dict.fromkeys((*sorted(fired, key=lambda fact: fact.name.startswith(RUN)), *others)))
    width = min(max((len(_said(fact)) for fact in told), default=0), 42)
    for fact in told[:MOST_FACTS]:
        quote = f"  {json.dumps(mask_text(fact.quote), ensure_ascii=False)}" if fact.quote else ""
        yield cut(f"  {_said(fact):{width}}  {mask_text(fact.where)}{quote}".rstrip())
    yield from _more(len(told) - MOST_FACTS, "facts")


def _said(fact: Fact) -> str:
    return f"{fact.name} = {mask_text(text_of(fact.value))}"


def _one(each: Explanation) -> Iterator[str]:
    """One policy."""
    yield cut(f"{each.policy.id}, {each.policy.title}: {_verdict(each.outcome)}")
    if kinds := treatments_of(each.outcome):
        yield from wrapped("personal data: " + ", ".join(f"{kind} {word}" for kind, word in kinds.items()), "  ")
    yield from grounds(each)


def grounds(each: Explanation) -> Iterator[str]:
    """What a policy's answer rests on: rules with citations, what nearly fired, what would change it."""
    policy = each.policy
    if each.outcome.decision.met:
        yield cut(f"  met by {', '.join(each.outcome.decision.met)}")
    for number, one in enumerate(each.fired[:MOST_RULES]):
        rule = one.rule
        standing = f"{rule.status}, {rule.confidence}" if rule.confidence else rule.status
        if number:
            yield cut(f"  {rule.id} ({rule.effect}; {standing}): {rule.says} {keys(rule.cite)}".rstrip())
            continue
        yield f"  {rule.id} ({rule.effect}; {standing})"
        yield from wrapped(rule.says, "    ")
        for key in rule.cite:
            yield cut(f"    {citation(key, policy.citations[key])}")
    yield from _more(len(each.fired) - MOST_RULES, "rules that fired")
    yield from _listed("nearly fired", [near_words(near) for near in each.nearly], MOST_RULES)
    yield from _listed("bills that would fire", [f"{rule.id} ({rule.effect}): {rule.says}" for rule in each.bills], 3)
    yield from _listed("what would change it", [change_words(one, each.outcome) for one in each.changes], MOST_CHANGES)


def _listed(title: str, lines: Sequence[str], most: int) -> Iterator[str]:
    if lines:
        yield title
    for line in lines[:most]:
        yield cut(f"  {line}")
    yield from _more(len(lines) - most, "of them")


def _more(number: int, what: str) -> Iterator[str]:
    if number > 0:
        yield f"  more {what}: {number}, see --json"


def _verdict(outcome: Redecided) -> str:
    gate = outcome.decision.gate.name.lower().replace("_", "-")
    return f"{_result(outcome)} ({gate}), {f'decided by {outcome.rule}' if outcome.rule else 'no rule fired'}"


def _result(outcome: Redecided) -> str:
    return NOT_KNOWN if outcome.result == UNKNOWN else outcome.result


def near_words(near: Near) -> str:
    """What a rule would have needed."""
    wanted = " or ".join(map(text_of, near.wanted))
    found = f"it is {' and '.join(mask_text(text_of(value)) for value in near.found)}" if near.found else "not stated"
    return f"{near.rule.id} ({near.rule.effect}) if {near.name} were {wanted}; {found}"


def change_words(change: Change, outcome: Redecided) -> str:
    """A change and what would follow."""
    if change.to is None:
        return change.what
    follows = f"{_result(change.to)}, by {change.to.rule or 'no rule'}"
    if change.to.result == outcome.result and (kinds := treatments_of(change.to)) != treatments_of(outcome):
        follows += "; " + (", ".join(f"{kind} {word}" for kind, word in kinds.items()) or "no treatment")
    return f"{change.what}: {follows}"


def _side_by_side(explanations: Sequence[Explanation]) -> Iterator[str]:
    """A column a policy."""
    columns = [_column(each) for each in explanations]
    width = (WIDTH - _LABEL) // len(columns) - 2
    for label in columns[0]:
        cells = [[line for text in column[label] for line in textwrap.wrap(text, width) or [""]] for column in columns]
        if not any(cells):
            continue
        for number, parts in enumerate(zip_longest(*cells, fillvalue="")):
            head = label if not number else ""
            yield (f"{head:{_LABEL}}" + "  ".join(f"{part:{width}}" for part in parts)).rstrip()


def _column(each: Explanation) -> dict[str, list[str]]:
    deciding = each.fired[0].rule if each.outcome.rule else None
    kinds = treatments_of(each.outcome)
    return {
        "": [each.policy.id],
        "result": [_verdict(each.outcome).partition(",")[0]],
        "decided by": [deciding.id, deciding.says] if deciding else ["no rule fired"],
        "status": [" ".join(filter(None, (deciding.status, deciding.confidence)))] if deciding else [],
        "citation": [citation(key, each.policy.citations[key]) for key in deciding.cite[:2]] if deciding else [],
        "personal data": [", ".join(f"{kind} {word}" for kind, word in kinds.items())] if kinds else [],
        "also fired": [", ".join(one.rule.id for one in each.fired[1:])] if each.fired[1:] else [],
        "nearly fired": [near_words(near) for near in each.nearly[:2]],
        "would change": [change_words(one, each.outcome) for one in each.changes if one.to][:4],
    }
