"""GLiNER models, through Presidio's recognizer: "gliner:/models/my-gliner".

The model is a folder, or a name that is in the local cache already; nothing is downloaded. Not tested here with a
model, which the package index does not have; tested with a stand-in that answers as the package does.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from crawler.pii.engines import EngineError, Name, ReadNames
from crawler.pii.shapes import PERSON

if TYPE_CHECKING:
    from presidio_analyzer.predefined_recognizers import GLiNERRecognizer

INSTALL = "run pip install gliner"
MODELS = "/models/my-gliner"
LANGUAGES: tuple[str, ...] = ()

_ASKED = "person"  # what the model is asked for, in the word that its kind was trained with


def load(language: str, model: str) -> ReadNames:
    """The names that a GLiNER model finds.

    Raises:
        ImportError: The package gliner is missing.
        EngineError: The model is not here, or does not load.
    """
    import_module("gliner")  # Presidio would only say that something is missing

    from presidio_analyzer.predefined_recognizers import GLiNERRecognizer

    from crawler.pii.presidio_engines import local_model

    where = f"gliner:{model}"
    path = local_model(model, where)
    try:
        recognizer = GLiNERRecognizer(
            supported_language=language, entity_mapping={_ASKED: PERSON}, model_name=path, local_files_only=True
        )
        if recognizer.gliner is None:
            recognizer.load()
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        told = (str(error).splitlines() or [type(error).__name__])[0]
        raise EngineError(f"{where}: it does not load: {told}") from error
    return reader(recognizer)


def reader(recognizer: GLiNERRecognizer) -> ReadNames:
    """A function from lines to names; each line is read alone, in overlapping chunks where it is long."""

    def read(lines: Sequence[str]) -> list[list[Name]]:
        return [_names(recognizer, line) if line.strip() else [] for line in lines]

    return read


def _names(recognizer: GLiNERRecognizer, line: str) -> list[Name]:
    """The names in a line; of two that overlap the first, which is the longer one if both start together."""
    found: list[Name] = []
    for one in sorted(recognizer.analyze(line, [PERSON]), key=lambda one: (one.start, -one.end)):
        if not found or one.start >= found[-1][1]:
            found.append((one.start, one.end, float(one.score)))
    return found
