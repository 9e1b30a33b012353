"""By what a text is known again: its digest, the signature of its word runs, its lines. Made in the workers.

The signature is MinHash (Broder 1997) over runs of five words; letters of scripts without spaces stand for words. Of
two signatures the share of equal places estimates the Jaccard similarity of the two sets of runs, with a standard error
of 0.035 at 0.8. No text can be read from any of it, but whoever has a text can tell that it is the same.
"""

from __future__ import annotations

import sys
import unicodedata
from array import array
from collections.abc import Callable, Iterable
from functools import partial
from hashlib import blake2b, sha256

from crawler.document import Fingerprint
from crawler.text.quality import tokens

KEEP, EXACT, NEAR = MODES = ("keep", "exact", "near")
INSTALL = "run pip install 'usufruct[dedup]'"
PERMUTATIONS = 128
SEED = 42
RUN = 5  # words
MOST_RUNS = 100_000  # longer texts are known by their beginning
MOST_LINES = 2_000

MakeFingerprint = Callable[[str, str], Fingerprint]  # (site, text)


class MissingExtra(ImportError):  # noqa: N818 - says what it is
    """Near duplicates were asked for, and what finds them is not installed; the message says what to do."""


def check_mode(mode: str) -> None:
    """Raise MissingExtra where the mode cannot be had."""
    if mode == NEAR:
        try:
            import rensa  # noqa: F401
        except ImportError as error:
            raise MissingExtra(f"near duplicates need rensa, which is not installed; {INSTALL}") from error


def maker(mode: str) -> MakeFingerprint:
    """What makes the fingerprints that the mode needs; lines are hashed in every mode."""
    return partial(fingerprint, mode=mode)


def fingerprint(site: str, text: str, *, mode: str = NEAR) -> Fingerprint:
    """The fingerprint of the main text of a page of that site; b"" where the mode does not ask for a part."""
    lines = line_hashes(site, text)
    if mode == KEEP:
        return Fingerprint(lines=lines)
    normal = normal_text(text)
    return Fingerprint(
        exact=sha256(normal.encode("utf-8", "surrogatepass")).digest(),
        near=signature(runs(normal)) if mode == NEAR else b"",
        lines=lines,
    )


def normal_text(text: str) -> str:
    """The text as it is compared: compatibility forms, case and white space made one.

    >>> normal_text("Ｆｕｌｌ  width,\\nSTRASSE and straße")
    'full width, strasse and strasse'
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def runs(normal: str) -> list[str]:
    """Its runs of five words, in order; one run where it has fewer words."""
    words = tokens(normal)[: MOST_RUNS + RUN - 1]
    if len(words) < RUN:
        return [" ".join(words)]
    return [" ".join(run) for run in zip(*(words[first:] for first in range(RUN)), strict=False)]


def signature(of_runs: Iterable[str]) -> bytes:
    """128 numbers of 32 bits, little-endian."""
    from rensa import RMinHash

    minhash = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
    minhash.update([run.encode("utf-8", "replace").decode() for run in of_runs])
    numbers = array("I", minhash.digest())
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def line_hashes(site: str, text: str) -> tuple[int, ...]:
    """64 bits for each line that is not empty, once each, in order; the same line of two sites differs."""
    key = sha256(site.encode("utf-8", "surrogatepass")).digest()
    lines = dict.fromkeys(line for line in (" ".join(each.split()) for each in text.split("\n")) if line)
    return tuple(_hash(line.encode("utf-8", "surrogatepass"), key) for line in list(lines)[:MOST_LINES])


def _hash(line: bytes, key: bytes) -> int:
    return int.from_bytes(blake2b(line, digest_size=8, key=key).digest(), "little", signed=True)
