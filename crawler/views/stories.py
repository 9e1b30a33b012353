"""The story of one URL: as lines for a terminal, and as values. Addresses, quotes and reasons are masked here, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from crawler.audit.line import printable
from crawler.audit.story import Story, Told
from crawler.document import Result
from crawler.explaining import Explanation
from crawler.pii.mask import mask_text, mask_url
from crawler.sources.glance import Glance
from crawler.urls import origin
from crawler.views import Values, cut, titled, wrapped
from crawler.views.explanations import fact_lines, fact_values, grounds, policy_values

Glances = Mapping[str, Glance | None]  # place -> what stands there
Explained = Mapping[str, Explanation]  # policy -> why, from the stored facts
Elsewhere = Mapping[str, Mapping[str, str]]  # masked address -> policy -> result
_DONE = {"keep": "left as it is", "redact": "redacted", "pseudonymize": "pseudonymized"}


def story_values(story: Story, glances: Glances, explained: Explained, elsewhere: Elsewhere) -> Values:
    """Everything, for programs."""
    return {
        "url": mask_url(story.url),
        "url_sha256": story.url_sha256,
        "accepted": story.accepted or None,
        "leads_to": [_elsewhere_values(url, elsewhere) for url in story.leads_to],
        "led_here": [_elsewhere_values(url, elsewhere) for url in story.led_here],
        "evidence": [
            {"place": place, **({name: getattr(seen, name) for name in Glance.__slots__} if seen else {"gone": True})}
            | ({"url": mask_url(seen.url)} if seen else {})
            for place, seen in glances.items()
        ],
        "facts": [fact_values(fact) for fact in story.page.facts] if story.page else None,
        "outcomes": [
            {**told.line, "where": told.where, "published": told.published, "fits": told.fits}
            for told in story.outcomes
        ],
        "explanations": {name: policy_values(each) for name, each in explained.items()},
        "duplicate_of": {policy: mask_url(url) for policy, url in story.first.items()},
        "reviews": [_masked(review) for review in story.reviews],
        "bodies_removed": {file: event.get("time", "") for file, event in story.removed.items()},
        "fits": story.fits,
    }


def story_lines(
    story: Story, glances: Glances, explained: Explained, elsewhere: Elsewhere, policies: Sequence[str]
) -> Iterator[str]:
    """The same for people."""
    yield printable(mask_url(story.url))
    yield f"  {story.url_sha256}"
    yield from _journey(story, glances, elsewhere)
    yield from titled("evidence", (line for place, seen in glances.items() for line in _record(place, seen, story)))
    if story.page:
        yield from titled("what it said", fact_lines(story.page.facts, list(explained.values())))
    for policy in policies:
        told = [one for one in story.outcomes if one.line["policy"] == policy]
        yield ""
        if not told:
            yield f"{policy}: pending; it was accepted and has no outcome yet"
        for one in told:
            yield from _outcome(one, story, explained.get(policy), last=one is told[-1])
    yield from titled("what people decided about it", (_review(review) for review in story.reviews))


def _journey(story: Story, glances: Glances, elsewhere: Elsewhere) -> Iterator[str]:
    yield (
        f"  accepted as address {story.accepted:,} of this crawl" if story.accepted else "  not in the list of accepted"
    )
    if fetched := next((seen for seen in glances.values() if seen and not seen.site_file and seen.time), None):
        yield f"  fetched {_moment({'time': fetched.time})}"
    for url in story.leads_to:
        yield from wrapped(f"leads to {_elsewhere(url, elsewhere)}", "  ")
    for url in story.led_here:
        yield from wrapped(f"reached from {_elsewhere(url, elsewhere)}", "  ")


def _elsewhere(url: str, elsewhere: Elsewhere) -> str:
    results = ", ".join(f"{policy} {result}" for policy, result in elsewhere.get(url, {}).items())
    return printable(f"{mask_url(url)} ({results or 'not in this crawl'})")


def _elsewhere_values(url: str, elsewhere: Elsewhere) -> Values:
    return {"url": mask_url(url), "results": dict(elsewhere.get(url, {}))}


def _record(place: str, seen: Glance | None, story: Story) -> Iterator[str]:
    if seen is None:
        file = place.partition("#")[0]
        event = story.removed.get(file)
        gone = f"removed {_moment(event)}: {event.get('note', '')}" if event else "not there, or cannot be read"
        yield from wrapped(f"{place}  {printable(str(gone))}", "  ")
        return
    own = seen.site_file and origin(seen.url) == origin(story.url)
    what = f"site file {mask_url(seen.url.removeprefix(origin(seen.url)) if own else seen.url)}"
    answer = str(seen.status) if seen.status else seen.error or "no answer"
    body = f"{seen.bytes:,} bytes" if seen.bytes else "no content"
    told = [answer, *([seen.media_type, body, seen.error] if seen.status else [])]
    if seen.bytes and not seen.has_body:
        told.append("without its content")
    yield cut(printable(f"  {place}  {what if seen.site_file else 'the page'}: {', '.join(filter(None, told))}"))


def _outcome(told: Told, story: Story, explanation: Explanation | None, *, last: bool) -> Iterator[str]:
    line = told.line
    title = f", {explanation.policy.title}" if explanation else ""
    decided = f", decided by {line['rule']}" if line.get("rule") else ", no rule fired"
    yield cut(f"{line['policy']}{title}: {line['result']} at {line.get('stage', '')}{decided}")
    yield f"  {_moment(line)}; {told.where}, {'as it was written' if told.fits else 'CHANGED: run scrapy audit verify'}"
    if line.get("note"):
        yield from wrapped(mask_text(str(line["note"])), "  ")
    if line["policy"] in story.first:
        yield from wrapped(f"its text was there before, from {mask_url(story.first[line['policy']])}", "  ")
    yield from _data(line)
    yield from _place(told)
    if not last:
        yield "  a later line about it follows"
    elif explanation is None:
        if line.get("citations"):
            yield f"  {line.get('effect')} ({line.get('status')}), {', '.join(map(str, line['citations']))}"
    else:
        yield from _why(told, explanation)


def _why(told: Told, explanation: Explanation) -> Iterator[str]:
    line, policy = told.line, explanation.policy
    if policy.digest != line.get("digest"):
        yield "  the rules were changed since; what follows is as they stand now"
    again, stands = explanation.outcome, line.get("unchanged")
    result = stands.get("result") if isinstance(stands, Mapping) else line["result"]
    if (again.result, again.rule) != (result, line.get("rule", "")) and not line.get("met"):
        yield from wrapped(f"from its facts alone, rules would say: {again.result}, by {again.rule or 'no rule'}", "  ")
    yield from grounds(explanation)


def _data(line: Mapping[str, object]) -> Iterator[str]:
    """Found by type, treated by kind; never what was found."""
    found, treated = line.get("pii"), line.get("treatments")
    if isinstance(found, Mapping) and found:
        yield from wrapped("found: " + ", ".join(f"{entity} {number}" for entity, number in found.items()), "  ")
    if isinstance(treated, Mapping) and treated:
        told = (f"{kind} {_DONE.get(str(word), word)}" for kind, word in treated.items())
        yield from wrapped("personal data: " + ", ".join(told), "  ")


def _place(told: Told) -> Iterator[str]:
    if place := told.line.get("shard"):
        state = "published" if told.published else "not published, so it counts as pending"
        waits = ", waits for a person" if told.line["result"] == Result.HELD and told.published else ""
        yield f"  record {place}, {state}{waits}"
    stands = told.line.get("unchanged")
    if isinstance(stands, Mapping):
        line = f"line {stands.get('ledger')} of the crawl {stands.get('crawl')}"
        yield from wrapped(f"stands as {stands.get('result')} in {line}, record {stands.get('shard')}", "  ")


def _review(review: Mapping[str, object]) -> str:
    told = _masked(review)
    policy = str(told.get("id", "")).partition(":")[2]
    reason = f": {told['reason']}" if told.get("reason") else ""
    return cut(printable(f"  {_moment(told)}  {policy}  {told.get('mark', '')} by {told.get('by', '')}{reason}"))


def _masked(event: Mapping[str, object]) -> dict[str, object]:
    """`by` stays: whoever decides answers for it by name."""
    return {
        name: mask_text(value) if name == "reason" and isinstance(value, str) else value
        for name, value in event.items()
    }


def _moment(line: Mapping[str, object]) -> str:
    return str(line.get("time", ""))[:19].replace("T", " ")
