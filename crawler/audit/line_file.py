"""A file of lines that ends with a whole line."""

from __future__ import annotations

import os

from crawler.durable import AppendFile

_BLOCK = 64 * 1024


class LineFile(AppendFile):
    """An append-only file of lines, each ended by a newline; opening it drops a torn last one."""

    def last_line(self) -> bytes:
        """The last line without its newline; b"" in an empty file."""
        end = max(self.bytes - 1, 0)
        tail = b""
        while end and b"\n" not in tail:
            start = max(end - _BLOCK, 0)
            tail = os.pread(self._fd, end - start, start) + tail
            end = start
        return tail.rpartition(b"\n")[2]

    def _whole_bytes(self) -> int:
        end = super()._whole_bytes()
        while end:
            start = max(end - _BLOCK, 0)
            newline = os.pread(self._fd, end - start, start).rfind(b"\n")
            if newline >= 0:
                return start + newline + 1
            end = start
        return 0
