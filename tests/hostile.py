"""Opt-out registries that do to a process what a hostile page might: for tests of those who watch it."""

from __future__ import annotations

import os
import signal


def lookup(url: str) -> str:
    """Hang for one address, die for another one; every other is not listed."""
    while url.endswith("/hangs"):
        pass
    if url.endswith("/dies"):
        os.kill(os.getpid(), signal.SIGKILL)
    return "not-listed"
