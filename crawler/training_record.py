"""The training record of a page that is written, with the field names that training pipelines read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from crawler.document import Document, Outcome, url_id
from crawler.pii.mask import mask_url
from crawler.shards.record import json_text, moment


def training_record(
    document: Document, outcome: Outcome, *, url: str, digest: str, position: int, source: str
) -> dict[str, Any]:
    """One record.

    Args:
        document: What is written of the page.
        outcome: Why.
        url: Its masked address.
        digest: Of the policy that decided.
        position: Of its line in the ledger.
        source: The crawl's id.
    """
    return {
        "id": f"{url_id(document.url)}:{outcome.policy}",
        "text": document.text,
        "url": url,
        "source": source,
        "added": moment(datetime.now(UTC)),
        "created": f"{document.date}Z" if document.date else "",
        "title": document.title,
        "author": document.author,
        "language": document.language,
        "license": mask_url(document.license),
        "metadata": _metadata(document, outcome, digest, position),
    }


def _metadata(document: Document, outcome: Outcome, digest: str, position: int) -> dict[str, Any]:
    deciding = outcome.decision.deciding
    return {
        "policy": outcome.policy,
        "digest": digest,
        "gate": outcome.decision.gate.name.lower(),
        "rule": deciding.rule if deciding else "",
        "rules": json_text([fired.rule for fired in outcome.decision.fired]),
        "met": json_text(outcome.decision.met),
        "ledger": position,
        "pii": json_text(dict(document.pii)),
        "treatments": json_text(dict(document.treatments)),
        "engine": document.engine,
        "boilerplate_lines": document.boilerplate_lines,
        "fetched": moment(document.fetched_at) if document.fetched_at else "",
    }
