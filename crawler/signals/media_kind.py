"""States what kind of work was fetched (text, image, audio, video, code, document), by its declared media type.

Specification: ours; media types as registered with IANA, read 2026-11-22. Servers send files that they do not know as
octets, and programs as plain text: there the ending of the name says more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from crawler.document import Evidence, Fact

WHERE = ("header Content-Type, else the ending of the name",)
NEEDS: tuple[str, ...] = ()
FACTS = ("media.kind",)
SPECIFICATION = "ours: media types as registered with IANA, read 2026-11-22"

_TREES = ("text", "image", "audio", "video")
_VAGUE = (
    "",
    "text/plain",
    "application/octet-stream",
    "binary/octet-stream",
    "application/x-download",
    "application/force-download",
)
_TYPES: Mapping[str, tuple[str, ...]] = {
    "text": ("application/xhtml+xml", "application/rss+xml", "application/atom+xml"),
    "audio": ("application/ogg",),
    "video": ("application/mp4", "application/vnd.apple.mpegurl", "application/dash+xml"),
    "code": (
        *(
            "application/javascript",
            "application/x-javascript",
            "application/ecmascript",
            "text/javascript",
            "text/css",
        ),
        *(
            "application/x-sh",
            "application/x-python-code",
            "application/x-httpd-php",
            "application/sql",
            "application/wasm",
        ),
        *("application/x-ipynb+json", "text/ecmascript", "text/typescript"),
    ),
    "document": (
        *("application/pdf", "application/epub+zip", "application/msword", "application/rtf", "text/rtf"),
        *("application/postscript", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"),
        *("application/x-mobipocket-ebook", "application/vnd.amazon.ebook", "image/vnd.djvu", "text/csv"),
    ),
}
_FAMILIES = (  # beginnings of media types
    ("application/vnd.openxmlformats-officedocument.", "document"),
    ("application/vnd.oasis.opendocument.", "document"),
    ("text/x-", "code"),  # x-python, x-c, x-java-source ...
)
_ENDINGS: Mapping[str, str] = {
    "text": "html htm xhtml txt md rst",
    "image": "jpg jpeg png gif webp avif heic heif tif tiff bmp svg jxl psd dng",
    "audio": "mp3 wav flac ogg oga opus m4a aac",
    "video": "mp4 m4v mov webm mkv avi ogv mpg mpeg",
    "code": "py pyi ipynb c h cc cpp hpp cs java kt scala go rs rb php pl lua r jl js mjs ts jsx tsx swift sh ps1 sql",
    "document": "pdf epub mobi doc docx odt rtf xls xlsx ods csv ppt pptx odp ps eps djvu tex",
}
_KIND_OF_TYPE = {type_: kind for kind, types in _TYPES.items() for type_ in types}
_KIND_OF_ENDING = {ending: kind for kind, endings in _ENDINGS.items() for ending in endings.split()}
_ENDING = re.compile(r"[^/]\.([A-Za-z0-9]{1,8})$")


def read(evidence: Evidence) -> Iterator[Fact]:
    """State `media.kind` once, where an answer brought content and either way of telling knows it."""
    if evidence.page is None or not evidence.page.has_content:
        return
    header = next(iter(evidence.page.header("content-type")), "")
    declared = header.partition(";")[0].strip().lower()
    ending = _ending(evidence.url)
    if declared in _VAGUE and ending.lower() in _KIND_OF_ENDING:
        yield Fact("media.kind", _KIND_OF_ENDING[ending.lower()], "url", ending)
    elif kind := _kind(declared):
        yield Fact("media.kind", kind, "header:content-type", header[:200])


def _kind(declared: str) -> str:
    """Of a media type; "" where it does not tell, as with archives and data."""
    if declared in _KIND_OF_TYPE:
        return _KIND_OF_TYPE[declared]
    families = (kind for beginning, kind in _FAMILIES if declared.startswith(beginning))
    tree = declared.partition("/")[0]
    return next(families, tree if tree in _TREES else "")


def _ending(url: str) -> str:
    try:
        found = _ENDING.search(urlsplit(url).path)
    except ValueError:
        return ""
    return found[1] if found else ""
