"""Takes the package document out of an EPUB, and nothing else out of the archive.

Specification: EPUB 3.3, 4 (Open Container Format: META-INF/container.xml names the package document).
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from urllib.parse import unquote

from defusedxml.ElementTree import fromstring

MAX_OPF_BYTES = 4 * 1024 * 1024
MAX_FILES = 20_000  # in the archive, whose list is held in memory as a whole
_MAX_CONTAINER_BYTES = 64 * 1024
_CONTAINER = "META-INF/container.xml"
_ROOT_FILE = "{urn:oasis:names:tc:opendocument:xmlns:container}rootfile"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the two that OCF allows
_ENTRY = b"PK\x01\x02"  # begins each file in the archive's list
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


def package(body: bytes) -> tuple[bytes, str]:
    """The first package document and "", or b"" and why there is none."""
    if body.count(_ENTRY) > MAX_FILES:
        return b"", "too-large"
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            container = _content(archive, _CONTAINER, _MAX_CONTAINER_BYTES)
            root = next(fromstring(container).iter(_ROOT_FILE))
            path = posixpath.normpath(unquote(root.get("full-path", "")))
            return _content(archive, path, MAX_OPF_BYTES), ""
    except (KeyError, StopIteration):
        return b"", "no-package"
    except _TooLargeError:
        return b"", "too-large"
    except (
        SyntaxError,
        LookupError,
        *_DAMAGED,
    ):  # XML that is none is a SyntaxError, an unknown encoding a LookupError
        return b"", "damaged"


class _TooLargeError(Exception):
    """A file of the archive is longer than any that is meant well."""


def _content(archive: zipfile.ZipFile, path: str, limit: int) -> bytes:
    info = archive.getinfo(path)
    if info.compress_type not in _METHODS:
        raise zipfile.BadZipFile
    with archive.open(info) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise _TooLargeError
    return content
