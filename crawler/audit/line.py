"""One line of the ledger: what became of one URL under one policy, and why. Never page text, never personal data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from crawler.document import Judged, Outcome, Stage, url_id

_UNCHANGED = "unchanged"
# Where a page ends for a policy that asked for personal data.
LOOKED_FOR = (Stage.PERSONAL_DATA, Stage.DUPLICATES, Stage.SHARD)


@dataclass(frozen=True, slots=True)
class Line:
    """What a ledger line says; the ledger adds `seq`, `prev` and `hash`.

    Attributes:
        time: UTC, ISO 8601, to the millisecond.
        url: The address with identifiers masked.
        url_sha256: Name of the unmasked address, `crawler.document.url_id`.
        site: Host of the URL, lower case, without port.
        policy: Policy id; `digest` is the digest of its flattened form.
        result: kept, dropped, held, failed or unchanged.
        stage: Where that was decided.
        rule: Id of the deciding rule with its `effect`, `status` and `citations`; "" when none fired.
        rules: Ids of every rule that fired.
        met: Ids of the records that met a requirement.
        pii: Entity -> number found on the page, where the page got so far; never what was found.
        treatments: Kind of personal data -> treatment applied to the document.
        evidence: Records behind the decision, "<file>#<offset>".
        shard: Place of the record, "jp/00000.parquet#17"; "" when there is none.
        note: The facts that the deciding rule looked at, with their places.
        unchanged: Where the record stands that an earlier crawl wrote: its `crawl`, the `ledger` position of its line,
            the `result` there and the `shard`; only in lines of that result.
    """

    time: str
    url: str
    url_sha256: str
    site: str
    policy: str
    digest: str
    result: str
    stage: str
    rule: str = ""
    effect: str = ""
    status: str = ""
    citations: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    met: tuple[str, ...] = ()
    pii: Mapping[str, int] = field(default_factory=dict)
    treatments: Mapping[str, str] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    shard: str = ""
    note: str = ""
    unchanged: Mapping[str, str | int] = field(default_factory=dict)

    def as_mapping(self) -> dict[str, Any]:
        """The line as plain values, ready for `Ledger.append`."""
        values = ((column.name, getattr(self, column.name)) for column in fields(self))
        line = {name: list(value) if isinstance(value, tuple) else value for name, value in values}
        if not self.unchanged:
            del line[_UNCHANGED]  # of that result only; all other lines are as they always were
        return line


def line_of(
    judged: Judged,
    outcome: Outcome,
    *,
    digest: str,
    time: datetime,
    masked_url: str,
    evidence: tuple[str, ...] = (),
    shard: str = "",
    note: str = "",
) -> Line:
    """The ledger line of one outcome.

    Args:
        judged: The URL with its outcomes.
        outcome: One of them.
        digest: Digest of the outcome's policy.
        time: Now, with a zone.
        masked_url: The URL as it may be shown.
        evidence: Every record behind the decision, site files too.
        shard: Where the document was written, if it was.
        note: A sentence without page text.
    """
    deciding = outcome.decision.deciding
    return Line(
        time=time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        url=printable(masked_url),
        url_sha256=url_id(judged.url),
        site=site_of(judged.url),
        policy=outcome.policy,
        digest=digest,
        result=outcome.result.value,
        stage=outcome.stage.value,
        rule=deciding.rule if deciding else "",
        effect=deciding.effect if deciding else "",
        status=deciding.status if deciding else "",
        citations=deciding.citations if deciding else (),
        rules=tuple(fired.rule for fired in outcome.decision.fired),
        met=outcome.decision.met,
        pii=dict(judged.pii) if outcome.stage in LOOKED_FOR else {},
        treatments=dict(written.treatments) if (written := outcome.document or outcome.stands) else {},
        evidence=evidence,
        shard=shard,
        note=printable(note),
        unchanged=outcome.stands.as_mapping() if outcome.stands else {},
    )


def site_of(url: str) -> str:
    """Host of a URL as it stands in the ledger; "" when the URL has none.

    >>> site_of("https://WWW.Example.org:8080/a")
    'www.example.org'
    """
    try:
        return printable(urlsplit(url).hostname or "")
    except ValueError:
        return ""


def printable(text: str) -> str:
    """The text without control characters and lone surrogates, which neither UTF-8 nor a terminal should get.

    >>> printable("a\\x1b[31mb")
    'a\\ufffd[31mb'
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in text)
