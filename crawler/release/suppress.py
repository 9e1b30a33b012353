"""What must not be in any release: addresses, hosts with all below them, and ids, one a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crawler.class_lists import Kind, address
from crawler.document import url_id
from crawler.release.census import url_of
from crawler.release.problem import ReleaseError
from crawler.urls import host_of, normalize

_ID = re.compile(r"([0-9a-f]{64})(?::.*)?")
_FORMS = "an address, a host, or an id (64 hexadecimal digits, with or without ':policy')"


class Suppressed:
    """Says whether a record is suppressed. Memory grows with the list, not with the set."""

    def __init__(self, path: Path | None) -> None:
        self._urls: set[bytes] = set()
        self._hosts: set[str] = set()
        for where, line in _lines(path) if path else ():
            self._add(where, line)

    def __contains__(self, record: Mapping[str, Any]) -> bool:
        host = host_of(record["url"]).rstrip(".")
        while host:
            if host in self._hosts:
                return True
            host = host.partition(".")[2]
        return bytes.fromhex(url_of(record)) in self._urls

    def _add(self, where: str, line: str) -> None:
        if found := _ID.fullmatch(line):
            self._urls.add(bytes.fromhex(found[1]))
        elif "://" in line:
            self._urls |= {bytes.fromhex(url_id(url)) for url in (line, normalize(line)) if url}
        elif host := address(line, Kind.HOST):
            self._hosts.add(host)
        else:
            raise ReleaseError(f"{where}: neither address nor host nor id; allowed are {_FORMS}, and comments with #")


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if (text := line.strip()) and not text.startswith("#"):
                    yield f"{path}:{number}", text
    except OSError as error:
        raise ReleaseError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ReleaseError(f"{path}: holds a byte that is not UTF-8; save it as UTF-8") from error
