"""Addresses of Redis as messages may show them: without what lets somebody in."""

from __future__ import annotations

import re

_USER = re.compile(r"^([a-z]+://)?.*@", re.IGNORECASE | re.DOTALL)  # to the last @, as urllib reads it
_ARGUMENT = re.compile(r"\b(username|password)=[^&#]*", re.IGNORECASE)


def shown(url: str) -> str:
    """The address without user and password.

    >>> shown("redis://user:secret@cache.example:6379/0")
    'redis://...@cache.example:6379/0'
    >>> shown("unix:///run/redis.sock?password=secret&db=0")
    'unix:///run/redis.sock?password=...&db=0'
    """
    return _ARGUMENT.sub(r"\1=...", _USER.sub(r"\1...@", url))


def why(error: Exception) -> str:
    """What is wrong with an address. urllib quotes as the port what may be a piece of the password."""
    if "cast to integer" in str(error):
        return "its port is no number (in a password, / ? and # are written %2F %3F %23)"
    return str(error)
