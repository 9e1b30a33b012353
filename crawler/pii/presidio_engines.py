"""Presidio's NLP engines as readers of lines: of what they compute only the names of persons are kept.

Each line is a text of its own. Lines joined into longer texts are no faster here (measured with fr_core_news_md and
en_core_web_md), and short ones lose a tenth of their names; alone, a line's finds depend on nothing but the line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine

from crawler.pii.engines import EngineError, Name, ReadNames
from crawler.pii.shapes import PERSON

# What models call persons: spaCy's and most others', then Polish, Swedish, Korean and GiNZA's.
LABELS = ("PERSON", "PER", "persName", "PRS", "PS", "Person", "B-PER", "I-PER", "B-PERSON", "I-PERSON")
CASELESS = ("am", "ar", "bn", "fa", "he", "hi", "ja", "ka", "km", "ko", "mr", "ne", "ta", "te", "th", "ur", "yue", "zh")
_BATCH = 128  # lines
_SURROGATE = re.compile("[\ud800-\udfff]")


def persons_only(labels: Sequence[str], where: str) -> NerModelConfiguration:
    """A configuration that keeps persons of all the labels that a model gives.

    Raises:
        EngineError: None of its labels is known to mean persons.
    """
    persons = {label: PERSON for label in labels if label in LABELS}
    if not persons:
        told = ", ".join(sorted(labels)[:20]) or "none"
        raise EngineError(f"{where}: this model names no persons; its labels are {told}")
    ignored = sorted(set(labels) - set(persons) - {PERSON})
    return NerModelConfiguration(model_to_presidio_entity_mapping=persons, labels_to_ignore=ignored)


def reader(engine: SpacyNlpEngine, language: str) -> ReadNames:
    """A function from lines to names, with an engine that is loaded.

    The words of the lines are forgotten after each call: spaCy would keep every new one for as long as it lives. So
    give it many lines at once. Lines without a capital letter are read too: 1 in 100 names of fr_core_news_md is there.
    """
    nlp: Any = engine.get_nlp(language)

    def read(lines: Sequence[str]) -> list[list[Name]]:
        found: list[list[Name]] = [[] for _ in lines]
        places = [place for place, line in enumerate(lines) if _has_letter(line)]
        texts = [_SURROGATE.sub("\ufffd", lines[place]) for place in places]
        with nlp.memory_zone():
            batch: Any = engine.process_batch(texts, language, batch_size=_BATCH)
            for place, (_, artifacts) in zip(places, batch, strict=True):
                found[place] = _names(artifacts)
        return found

    return read


def _names(artifacts: Any) -> list[Name]:
    names = [
        (entity.start_char, entity.end_char, float(score))
        for entity, score in zip(artifacts.entities, artifacts.scores, strict=True)
        if entity.label_ == PERSON
    ]
    return sorted(names)


def _has_letter(line: str) -> bool:
    return any(char.isalpha() for char in line)


def local_model(model: str, where: str) -> str:
    """The folder of a model of the Hugging Face kind: the one that is named, or its place in the local cache.

    Raises:
        ImportError: huggingface_hub is missing.
        EngineError: It is neither.
    """
    if Path(model).is_dir():
        return model
    hub: Any = import_module("huggingface_hub")
    try:
        found = next(
            path
            for name in ("config.json", "gliner_config.json")
            if isinstance(path := hub.try_to_load_from_cache(model, name), str)
        )
    except (StopIteration, ValueError) as error:  # ValueError: no name that a hub would know
        raise EngineError(
            f"{where}: there is no such folder, and the local cache has no such model; download it yourself, "
            f"nothing is downloaded here"
        ) from error
    return str(Path(found).parent)
