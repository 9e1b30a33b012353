"""Any spaCy model that is installed, through Presidio's engine: "spacy:fr_core_news_md"."""

from __future__ import annotations

from crawler.pii.engines import ReadNames

INSTALL = "run pip install spacy"
MODELS = "fr_core_news_md"
LANGUAGES: tuple[str, ...] = ()


def load(language: str, model: str) -> ReadNames:
    """The names that a model finds. `model` is an installed package ("fr_core_news_md") or a folder; loads in 1 to 2 s.

    Raises:
        EngineError: It is neither, it does not load, or it finds no persons.
    """
    from crawler.pii.name_models import SpacyNames
    from crawler.pii.presidio_engines import reader

    engine = SpacyNames(language, model)
    engine.load()
    return reader(engine, language)
