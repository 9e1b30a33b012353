"""Stanza's models, through Presidio's engine, for users who have them: "stanza:de" reads stanza's folder of models.

Not tested here with a model: stanza's models cannot be had from the package index. What is tested is that its absence
is told. Stanza expands contractions (French "du"); where that moves offsets, Presidio gives up a line's names, and we
say so instead of passing the line as clean.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from crawler.pii.engines import EngineError, Name, ReadNames

INSTALL = "run pip install stanza, and download a model with stanza.download"
MODELS = "de"
LANGUAGES: tuple[str, ...] = ()


def load(language: str, model: str) -> ReadNames:
    """The names that a stanza model finds; `model` is stanza's name of it, a language's code.

    Raises:
        ImportError: The package stanza is missing.
        EngineError: The model was not downloaded, or finds no persons.
    """
    import_module("stanza")  # Presidio would only fail later, and unclearly

    from presidio_analyzer.nlp_engine import StanzaNlpEngine

    from crawler.pii.presidio_engines import persons_only, reader

    engine = StanzaNlpEngine([{"lang_code": language, "model_name": model}], download_if_missing=False)
    try:
        engine.load()
    except Exception as error:  # stanza's own, which cannot be named where it is missing
        told = (str(error).splitlines() or [type(error).__name__])[0]
        raise EngineError(f"stanza:{model}: it does not load: {told}; nothing is downloaded here") from error
    engine.ner_model_configuration = persons_only(_labels(engine.get_nlp(language)), f"stanza:{model}")
    return _without_silence(reader(engine, language))


def _labels(nlp: Any) -> list[str]:
    """What the model's names may be called; all that we know of, where it does not say."""
    from crawler.pii.presidio_engines import LABELS

    for processor in nlp.tokenizer.snlp.processors.values():
        tags = getattr(processor, "get_known_tags", None)
        if tags is not None:
            return sorted(tags())
    return list(LABELS)


def _without_silence(read: ReadNames) -> ReadNames:
    """Names that could not be placed are an error, so that the page fails instead of passing."""

    def loud(lines: Sequence[str]) -> list[list[Name]]:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message="Can't set named entities")
            return read(lines)

    return loud
