"""Opt-out registries that the operator asks: off by default, pluggable, and never the only reason for a decision.

    OPT_OUT_REGISTRIES = {"ours": "file:optouts.txt", "theirs": "my_package.lookup"}

A list of names and addresses (formats of class_lists.py), or a function of the operator's that takes an address and
answers "listed", "not-listed" or "unknown", at once or awaited. One that fails or takes too long is unknown. Whatever
the answers, policies may weigh them only beside other facts (crawler/policy/check.py).
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from pathlib import Path

from crawler.arguments import ArgumentError
from crawler.class_lists import ListError, read_list
from crawler.classes import SourceClasses

LISTED, NOT_LISTED, UNKNOWN = "listed", "not-listed", "unknown"
FILE = "file:"
TIMEOUT_S = 10.0

Lookup = Callable[[str], str | Awaitable[str]]


class Registries:
    """The registries of one run.

    Args:
        configured: Name -> "file:PATH", or the dotted path of a function.
        timeout_s: For one answer that is awaited.

    Raises:
        ArgumentError: A file cannot be used, or there is no such function.
    """

    def __init__(self, configured: Mapping[str, str], *, timeout_s: float = TIMEOUT_S) -> None:
        self._lookups = {name: _lookup(name, source) for name, source in configured.items()}
        self._timeout_s = timeout_s

    async def answers(self, url: str) -> dict[str, str]:
        """The answer of each registry; {} where none is configured."""
        return {name: await self._ask(lookup, url) for name, lookup in self._lookups.items()}

    async def _ask(self, lookup: Lookup, url: str) -> str:
        try:
            answer = lookup(url)
            if inspect.isawaitable(answer):
                answer = await asyncio.wait_for(answer, self._timeout_s)
        except asyncio.CancelledError:
            raise
        except Exception:  # noqa: BLE001 - whatever a registry does, it has told us nothing
            return UNKNOWN
        return answer if answer in (LISTED, NOT_LISTED) else UNKNOWN


def _lookup(name: str, source: str) -> Lookup:
    if source.startswith(FILE):
        return _listed(Path(source.removeprefix(FILE)))
    module, _, function = source.rpartition(".")
    try:
        found: Lookup = getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise ArgumentError(
            f"OPT_OUT_REGISTRIES: {name}: {source!r} is no function that can be imported ({error}); "
            "give its dotted path, or file: and a path"
        ) from error
    return found


def _listed(path: Path) -> Lookup:
    names = SourceClasses()
    try:
        for name, kind in read_list(path):
            names.add(name, kind, LISTED)
    except ListError as error:
        raise ArgumentError(f"OPT_OUT_REGISTRIES: {error.where}: {error.found}") from error
    return lambda url: LISTED if names.of(url) else NOT_LISTED
