"""Presidio's engines for spaCy and for token classification models, cut down to what names of persons need.

Measured in spaCy 3.8: the name model of en and fr reads its own vectors, so alone it gives the same names at 1.5 times
the speed; numpy's matrix product is 1.3 to 1.5 times faster than spaCy's own, and gives the same names. Import it in a
worker only.
"""

from __future__ import annotations

import re
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, SpacyNlpEngine, TransformersNlpEngine

from crawler.pii.engines import EngineError
from crawler.pii.presidio_engines import CASELESS, local_model, persons_only

_NAMES = ("ner", "beam_ner", "entity_ruler")
_UNUSED = (
    "attribute_ruler",
    "lemmatizer",
    "morphologizer",
    "parser",
    "senter",
    "sentencizer",
    "tagger",
    "textcat",
    "textcat_multilabel",
    "trainable_lemmatizer",
)


class SpacyNames(SpacyNlpEngine):
    """Presidio's spaCy engine with nothing but the name model, which is never downloaded."""

    def __init__(self, language: str, model: str) -> None:
        super().__init__(models=[{"lang_code": language, "model_name": model}])
        self.language, self.model = language, model

    def load(self) -> None:
        """Load what is installed; raises EngineError."""
        nlp = load_pipeline(self.model)
        labels: list[str] = []
        for name in set(nlp.pipe_names) & set(_NAMES):
            labels += nlp.get_pipe(name).labels
        self.ner_model_configuration = persons_only(labels, f"spacy:{self.model}")
        self.nlp: Any = {self.language: nlp}

    def _doc_to_nlp_artifact(self, doc: Any, language: str) -> NlpArtifacts:
        """Names without lemmas, which only Presidio's context enhancer would read."""
        entities, scores = self._get_updated_entities(doc.ents, self._get_scores_for_entities(doc))
        return NlpArtifacts(entities, doc, [], [], self, language, scores)


class TransformersNames(TransformersNlpEngine):
    """Presidio's engine without the spaCy model that it wants for lemmas."""

    def __init__(self, language: str, model: str) -> None:
        names = {"spacy": "", "transformers": model}
        configuration = NerModelConfiguration(aggregation_strategy="max", alignment_mode="expand", stride=14)
        super().__init__([{"lang_code": language, "model_name": names}], configuration)
        self.language, self.model = language, model

    def load(self) -> None:
        """Load what is here; raises EngineError."""
        where = f"transformers:{self.model}"
        nlp = self._pipeline(local_model(self.model, where), where)
        labels = {label.removeprefix("B-").removeprefix("I-") for label in _labels(nlp)}
        self.ner_model_configuration = persons_only(sorted(labels - {"O"}), where)
        self.nlp: Any = {self.language: nlp}

    def _pipeline(self, path: str, where: str) -> Any:
        import spacy
        from presidio_analyzer.nlp_engine.huggingface_token_pipe import FACTORY_NAME

        nlp = spacy.blank("zh" if self.language in CASELESS else "xx")  # zh: each character is a word
        configured = self.ner_model_configuration
        settings = {
            "model": path,
            "stride": configured.stride,
            "alignment_mode": configured.alignment_mode,
            "aggregation_strategy": configured.aggregation_strategy,
            "spans_key": self.entity_key,
        }
        try:
            component: Any = nlp.add_pipe(FACTORY_NAME, config=settings)
        except (ImportError, OSError, ValueError, KeyError, RuntimeError) as error:
            told = (str(error).splitlines() or [type(error).__name__])[0]
            raise EngineError(f"{where}: it does not load: {told}") from error
        # Presidio's component skips a text that it cannot read; then a page would pass as clean.
        component._predict_batch = lambda docs: [component.pipeline(doc.text) for doc in docs]
        return nlp

    def _doc_to_nlp_artifact(self, doc: Any, language: str) -> NlpArtifacts:
        """Names without lemmas, which only Presidio's context enhancer would read."""
        entities, scores = self._get_updated_entities(self._get_entities(doc), self._get_scores_for_entities(doc))
        return NlpArtifacts(entities, doc, [], [], self, language, scores)


def _labels(nlp: Any) -> set[str]:
    pipeline = nlp.get_pipe(nlp.pipe_names[-1]).pipeline
    return set(pipeline.model.config.id2label.values())


def load_pipeline(model: str) -> Any:
    """A pipeline with the name model and what it reads (vectors that are shared, a transformer), on the processor.

    Raises:
        EngineError: The model is not here, or does not fit the spaCy that is installed.
    """
    import spacy

    if not (spacy.util.is_package(model) or Path(model).is_dir()):
        package = re.sub(r"[-_.]+", "-", model).lower()
        raise EngineError(
            f"spacy:{model}: there is no such package and no such folder; install {package} from its publisher, "
            f"or name another model; nothing is downloaded here"
        )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"\[W095\]")  # a copy says 3.7, its weights fit 3.8
        try:
            nlp = spacy.load(model, exclude=list(_UNUSED))
        except (ImportError, OSError, ValueError, KeyError) as error:  # spaCy's for parts that do not fit
            told = str(error).splitlines()[0]
            raise EngineError(f"spacy:{model}: it does not load in spaCy {version('spacy')}: {told}") from error
    _without_idle(nlp)
    return nlp


def _without_idle(nlp: Any) -> None:
    """Take out shared vectors that nothing reads any more, and multiply with numpy."""
    from thinc.api import NumpyOps

    for name in ("tok2vec", "transformer", "curated_transformer"):
        if name in nlp.pipe_names and not set(nlp.get_pipe(name).listening_components) & set(nlp.pipe_names):
            nlp.remove_pipe(name)
    if "ner" in nlp.pipe_names:
        ops = NumpyOps(use_blis=False)
        for node in nlp.get_pipe("ner").model.walk():
            node.ops = ops
