"""The lists of invented names and streets, one file a language; read when first needed."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).parent / "lists"
FALLBACK = "en"  # for languages in Latin letters without a list of their own
OTHER_SCRIPTS = frozenset(["ja", "zh", "ko", "ru"])
_PLAIN = frozenset(["street", "address"])  # patterns, not lists


@cache
def words(language: str) -> Mapping[str, Any]:
    """The lists of a language that has a file, as tuples; patterns as text."""
    with (FOLDER / f"{language}.toml").open("rb") as file:
        found = tomllib.load(file)
    return MappingProxyType({name: _listed(name, value) for name, value in found.items()})


@cache
def languages() -> frozenset[str]:
    """ISO 639-1 codes of the languages that have lists."""
    return frozenset(path.stem for path in FOLDER.glob("*.toml"))


def latin(language: str) -> str:
    """The language whose lists serve a text in Latin letters."""
    return language if language in languages() - OTHER_SCRIPTS else FALLBACK


def _listed(name: str, value: Any) -> Any:
    return tuple(value.split()) if isinstance(value, str) and name not in _PLAIN else value
