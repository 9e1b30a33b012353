"""Presidio's engine for identifiers, built our way; import it inside a worker only.

Our recognizers run as Presidio's `LocalRecognizer`; stock are its `AnalyzerEngine` and registry. Its pattern
recognizers stay out: `\\b` beside Chinese letters, an e-mail check that asks the network, 13-digit Visa, and a phone
recognizer that walks the whole text once for each region.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from presidio_analyzer import AnalyzerEngine, EntityRecognizer, LocalRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine, NoOpNlpEngine

from crawler.pii.gate import Places
from crawler.pii.matching import finds
from crawler.pii.recognizers import Recognizer

ANY_LANGUAGE = "xx"
TIER = "tier"  # key in recognition_metadata


def pattern_analyzer(recognizers: Iterable[Recognizer]) -> AnalyzerEngine:
    """An analyzer of identifiers for texts in normal form, in any language; metadata of results say the tier."""
    registry = _Registry(
        recognizers=[IdentifierRecognizer(*one) for one in enumerate(recognizers)], supported_languages=[ANY_LANGUAGE]
    )
    return AnalyzerEngine(
        registry=registry,
        nlp_engine=NoOpNlpEngine(models=[{"lang_code": ANY_LANGUAGE, "model_name": ""}]),
        supported_languages=[ANY_LANGUAGE],
        context_aware_enhancer=_NoEnhancer(),
    )


class _Registry(RecognizerRegistry):
    """Presidio's registry searches all recognizers once for each entity; with some 150 of both, that is felt."""

    def get_recognizers(
        self,
        language: str,
        entities: list[str] | None = None,
        all_fields: bool = False,
        ad_hoc_recognizers: list[EntityRecognizer] | None = None,
    ) -> list[EntityRecognizer]:
        """The recognizers of these entities; all of ours know every language and one entity."""
        wanted = set(entities or ())
        return [one for one in self.recognizers if all_fields or one.supported_entities[0] in wanted]


class Candidates(NlpArtifacts):
    """What takes the place of tokens here: where each recognizer needs to look."""

    def __init__(self, places: Places, engine: NlpEngine) -> None:
        no_tokens: Any = []
        super().__init__([], no_tokens, [], [], engine, ANY_LANGUAGE)
        self.places = places


class IdentifierRecognizer(LocalRecognizer):
    """One of our recognizers as Presidio's; its number is what `gate.Places` knows it by."""

    def __init__(self, number: int, recognizer: Recognizer) -> None:
        self._number, self._one = number, recognizer
        self.name: str  # set by Presidio, which does not say of what type
        super().__init__(
            supported_entities=[recognizer.entity],
            supported_language=ANY_LANGUAGE,
            name=f"usufruct {recognizer.entity}",
        )

    def load(self) -> None:
        """There is nothing to load."""

    def analyze(self, text: str, entities: Sequence[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """What `matching.finds` finds in the places of `Candidates`, else anywhere; the metadata say the tier."""
        places = nlp_artifacts.places.get(self._number, ()) if isinstance(nlp_artifacts, Candidates) else None
        return [
            RecognizerResult(
                self._one.entity,
                find.start,
                find.end,
                find.score,
                recognition_metadata={
                    RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
                    RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
                    TIER: "checked" if find.checked else "format",
                },
            )
            for find in finds(self._one, text, places)
        ]


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
