"""Choices that only the holder of the key can repeat: HMAC-SHA-256 (RFC 2104) as a stream of numbers."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")

DIGITS = "0123456789"


class Draw:
    """Numbers that follow from a key and a message, the same ones each time."""

    __slots__ = ("_count", "_key", "_message")

    def __init__(self, key: bytes, message: str) -> None:
        self._key = key
        self._message = message.encode("utf-8", "surrogatepass")
        self._count = 0

    def below(self, limit: int) -> int:
        """A number from 0 to below the limit; the bias of 64 bits over a short list is below one in 2^50."""
        self._count += 1
        block = hmac.new(self._key, b"%d\0%b" % (self._count, self._message), sha256).digest()
        return int.from_bytes(block[:8], "big") % limit

    def one_of(self, choices: Sequence[T]) -> T:
        """One of the choices, which must not be empty."""
        return choices[self.below(len(choices))]

    def digits(self, count: int) -> str:
        """So many digits."""
        return "".join(self.one_of(DIGITS) for _ in range(count))

    def hex(self, count: int) -> str:
        """So many hexadecimal digits, in lower case."""
        return "".join(self.one_of("0123456789abcdef") for _ in range(count))
