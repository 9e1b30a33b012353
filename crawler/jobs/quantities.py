"""Lengths of time ("6h") and sizes ("20 GB") as people write them."""

from __future__ import annotations

import re

SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
BYTES = {
    "B": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40,
}  # fmt: skip
TIME_FORMS = "a number and s, m, h, d or w: 90s, 90m, 6h, 1d, 1h30m"
SIZE_FORMS = "a number and B, kB, MB, GB, TB, KiB, MiB, GiB or TiB: 20 GB, 500 MiB"

_PARTS = re.compile(r"(?a:(?:\d+[smhdw])+)")
_PART = re.compile(r"(?a:(\d+)([smhdw]))")
_SIZE = re.compile(r"(?a:(\d+(?:\.\d+)?)\s*([kKMGT]i?B|B))")
_LONGEST_S = 366 * 86_400


def seconds(text: str) -> int:
    """A length of time, from one second to a year.

    >>> seconds("90m"), seconds("1h30m"), seconds("1d")
    (5400, 5400, 86400)

    Raises:
        ValueError: It is none; the message says what is allowed.
    """
    told = "".join(text.split())
    if not _PARTS.fullmatch(told):
        raise ValueError(f"no length of time; allowed is {TIME_FORMS}")
    found = sum(int(number) * SECONDS[unit] for number, unit in _PART.findall(told))
    if not 1 <= found <= _LONGEST_S:
        raise ValueError("allowed are lengths of time from 1s to 366d")
    return found


def in_words(number: float) -> str:
    """Seconds as `seconds` reads them.

    >>> in_words(5400), in_words(86400), in_words(0.4), in_words(604800)
    ('1h30m', '1d', '0s', '7d')
    """
    left, told = round(number), ""
    for unit in ("d", "h", "m", "s"):
        whole, left = divmod(left, SECONDS[unit])
        told += f"{whole}{unit}" if whole else ""
    return told or "0s"


def size(text: str) -> int:
    """A size in bytes, at least one.

    >>> size("20 GB"), size("500 MiB"), size("1.5kB")
    (20000000000, 524288000, 1500)

    Raises:
        ValueError: It is none; the message says what is allowed.
    """
    match = _SIZE.fullmatch(text.strip())
    if not match or match[2] == "kiB":
        raise ValueError(f"no size; allowed is {SIZE_FORMS}")
    found = int(float(match[1]) * BYTES[match[2]])
    if found < 1:
        raise ValueError("allowed are sizes from 1 B")
    return found


def size_in_words(number: int) -> str:
    """Bytes in the unit that suits.

    >>> size_in_words(20_000_000_000), size_in_words(1234), size_in_words(5)
    ('20 GB', '1.2 kB', '5 B')
    """
    for unit in ("TB", "GB", "MB", "kB"):
        if number >= BYTES[unit]:
            return f"{number / BYTES[unit]:.1f}".removesuffix(".0") + f" {unit}"
    return f"{number} B"
