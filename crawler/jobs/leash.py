"""`python -m crawler.jobs.leash PID COMMAND...`: becomes the command, and is asked to end when the process PID dies.

A run whose watcher was killed is not left alone: nobody would end it at its limits or record what came of it. It ends
as if asked to, and is gone on with. Only Linux can do this (prctl(2), PR_SET_PDEATHSIG); elsewhere it runs to its end.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Bind, then become the command. SIGINT, which shells take from what runs in the background, is heard again."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
        if os.getppid() != parent:  # it died before we were bound
            sys.exit(128 + signal.SIGTERM)
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
