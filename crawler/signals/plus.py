"""States what the XMP of a file says about data mining, in the words of PLUS and IPTC.

Specification: PLUS Data Mining, part of IPTC Photo Metadata Standard 2023.1, read 2026-11-22. The property holds an
address of the PLUS vocabulary; programs show labels, the file holds addresses.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawler.document import Evidence, Fact
from crawler.signals._xmp import Value, values

WHERE = ("XMP inside the file",)
NEEDS: tuple[str, ...] = ()
FACTS = ("plus.data-mining", "plus.data-mining.malformed", "plus.flag")
SPECIFICATION = "PLUS Data Mining, IPTC Photo Metadata Standard 2023.1, read 2026-11-22"

_NAMESPACE = "http://ns.useplus.org/ldf/xmp/1.0/"
_VOCABULARY = "http://ns.useplus.org/ldf/vocab/"
_SEE_TERMS = frozenset(
    (
        "DMI-PROHIBITED-SEECONSTRAINT",
        "DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR",
        "DMI-PROHIBITED-SEELINKEDRIGHTSEXPR",
    )
)
_WORDS = _SEE_TERMS | {
    "DMI-UNSPECIFIED",
    "DMI-ALLOWED",
    "DMI-PROHIBITED-AIMLTRAINING",
    "DMI-PROHIBITED-GENAIMLTRAINING",
    "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING",
    "DMI-PROHIBITED",
}


def read(evidence: Evidence) -> Iterator[Fact]:
    """State each value of the property.

    Yields:
        `plus.data-mining` with the vocabulary's word; `plus.flag` "see-terms" where it points to terms, and
        "unknown-value" or "label-instead-of-uri" for what is no word of it; `plus.data-mining.malformed` with the same
        reason where such a value plainly prohibits.
    """
    for value in values(evidence.embedded, _NAMESPACE, "DataMining", "plus:DataMining"):
        yield from _stated(value)


def _stated(value: Value) -> Iterator[Fact]:
    word, where, quote = value.text.removeprefix(_VOCABULARY), value.where, value.text[:200]
    if word in _WORDS and word != value.text:
        yield Fact("plus.data-mining", word, where, quote)
        if word in _SEE_TERMS:
            yield Fact("plus.flag", "see-terms", where, quote)
        return
    reason = "unknown-value" if "://" in value.text else "label-instead-of-uri"
    yield Fact("plus.flag", reason, where, quote)
    if "prohibited" in value.text.lower():
        yield Fact("plus.data-mining.malformed", reason, where, quote)
