"""States the words of X-Robots-Tag headers that speak to us or to everybody.

Specification: none; de-facto grammar, with noai and noimageai of DeviantArt (2022), as in reference/signals.md 7,
read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawler.document import Evidence, Fact
from crawler.signals import _robotswords as robotswords
from crawler.signals._headers import placed

WHERE = ("header X-Robots-Tag",)
NEEDS: tuple[str, ...] = ()
FACTS = (
    "x-robots-tag",
    "x-robots-tag.image",
    "x-robots-tag.malformed",
    "x-robots-tag.other",
    "x-robots-tag.image@loose-separators",
    "x-robots-tag.image@noindex",
    "x-robots-tag@loose-separators",
    "x-robots-tag@noindex",
)
SPECIFICATION = "X-Robots-Tag, de-facto grammar with noai and noimageai (DeviantArt 2022), read 2026-11-22"


def read(evidence: Evidence) -> Iterator[Fact]:
    """State one `x-robots-tag` per word, each header line read alone, in header order.

    Yields:
        `x-robots-tag.image` repeats noimageai where the response itself is an image. `x-robots-tag.other` is a word
        to another bot ("otherbot: noai"), `x-robots-tag.malformed` says why a word that tries to be noai is not.
        `where` is "header:x-robots-tag", with an index where there are several.
    """
    page = evidence.page
    if page is None or not (lines := placed(page, "x-robots-tag")):
        return
    is_image = any(kind.strip().lower().startswith("image/") for kind in page.header("content-type"))
    for where, line in lines:
        quote = line[:200]
        for word in robotswords.of_header(line):
            if not word.speaks_to(evidence.agent):
                yield Fact("x-robots-tag.other", f"{word.addressee}: {word.word}"[:200], where, quote)
                continue
            yield Fact("x-robots-tag", word.word[:200], where, quote)
            if is_image and word.word == "noimageai":
                yield Fact("x-robots-tag.image", word.word, where, quote)
            if word.malformed:
                yield Fact("x-robots-tag.malformed", word.malformed, where, quote)
            for point, read_as in word.other_readings():
                yield Fact(f"x-robots-tag@{point}", read_as, where, quote)
                if is_image and read_as == "noimageai":
                    yield Fact(f"x-robots-tag.image@{point}", read_as, where, quote)
