"""Which language a text is in, by py3langid (a maintained langid with 97 languages, no download, BSD license)."""

from __future__ import annotations

SAMPLE_CHARACTERS = 4_000  # the model is a bag of n-grams: more text changes nothing but time
SHORTEST = 20  # below this many letters any answer is a guess


def detect(text: str) -> str:
    """ISO 639-1 code of the text's language; "" for a text too short to tell."""
    sample = text[:SAMPLE_CHARACTERS]
    if sum(map(str.isalpha, sample)) < SHORTEST:
        return ""
    from py3langid import classify  # loads its model when first asked, in the worker

    return str(classify(sample)[0])


def known_languages() -> tuple[str, ...]:
    """The codes that `detect` may answer, sorted."""
    from py3langid import classify, langid

    classify("")  # loads the model
    return tuple(sorted(str(label) for label in langid.IDENTIFIER.labels))
