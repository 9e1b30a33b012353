"""Token classification models of the Hugging Face kind, through Presidio's engine: "transformers:/models/my-ner".

The model is a folder, or a name that is in the local cache already; nothing is downloaded. Tested with a small random
model on disk, where the packages transformers and torch are installed.
"""

from __future__ import annotations

from importlib import import_module

from crawler.pii.engines import ReadNames

INSTALL = "run pip install transformers torch"
MODELS = "/models/my-ner"
LANGUAGES: tuple[str, ...] = ()


def load(language: str, model: str) -> ReadNames:
    """The names that a model finds.

    Raises:
        ImportError: transformers or torch is missing.
        EngineError: The model is not here, does not load, or finds no persons.
    """
    for package in ("torch", "transformers"):
        import_module(package)  # Presidio would only fail later, and unclearly
    from crawler.pii.name_models import TransformersNames
    from crawler.pii.presidio_engines import reader

    engine = TransformersNames(language, model)
    engine.load()
    return reader(engine, language)
