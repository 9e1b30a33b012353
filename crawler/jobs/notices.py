"""Hands what the operator is to be told to `crawler.notify`, in the form it takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from crawler.jobs.model import Target
from crawler.notify import notify


def tell(targets: Sequence[Target], events: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Send events; yields what could not be sent, in words."""
    plain = [{"webhook": to.webhook} if to.webhook else {"command": list(to.command)} for to in targets]
    for event in events:
        if plain:
            yield from notify(plain, event)
