"""`-s JOBDIR=`: the same command, given again, goes on where it was. The folder says which crawl it was about.

Scrapy keeps its own queues there; ours stand in the crawl's folder, where an auditor finds what is pending, too.
"""

from __future__ import annotations

import json
from pathlib import Path

from crawler.arguments import ArgumentError
from crawler.durable import make_folder, write_whole

FILE = "usufruct.json"


class Job:
    """What a job's folder says.

    Args:
        folder: JOBDIR; None or "" for no job.

    Attributes:
        out: Folder of the crawl that the job is about; "" when it has none yet.

    Raises:
        ArgumentError: The folder holds something else.
    """

    def __init__(self, folder: str | None) -> None:
        self._path = Path(folder) / FILE if folder else None
        self.out = ""
        if self._path is None or not self._path.exists():
            return
        try:
            self.out = str(json.loads(self._path.read_bytes())["out"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ArgumentError(f"-s JOBDIR={folder}: {FILE} in it is not ours; give a new folder") from error

    def choose(self, given: str) -> str:
        """The crawl's folder, "" when nobody has named one. Raises ArgumentError when both do, and differ."""
        if given and self.out and given != self.out:
            raise ArgumentError(f"-a out={given}: this job's crawl is {self.out}; leave it out, or give a new JOBDIR")
        return given or self.out

    def note(self, out: str) -> None:
        """Remember the crawl's folder. Raises WriteError."""
        if self._path is not None and not self.out:
            make_folder(self._path.parent)
            write_whole(self._path, json.dumps({"out": out}).encode() + b"\n")
