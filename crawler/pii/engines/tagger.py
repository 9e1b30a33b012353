"""Our own small tagger; its weights are shipped with us."""

from __future__ import annotations

from crawler.pii import tagger, tokens
from crawler.pii.engines import ReadNames

INSTALL = "run pip install 'usufruct[names]'"
MODELS = ""
LANGUAGES = ("de", "en", "es", "fr", "ja", "ko")  # those of the files in weights/


def load(language: str, model: str) -> ReadNames:
    """The tagger of a language; raises ImportError where its tokenizer's package is missing."""
    return tagger.load(language, tokens.load(language))
