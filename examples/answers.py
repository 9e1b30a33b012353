"""The bytes of each answer of the demonstration, from its manifest; nothing is served here."""

from __future__ import annotations

import gzip
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from examples.manifest import Manifest, ManifestError, Page, read_material

_TYPES = {".json": "application/json", ".xml": "application/xml", ".gz": "application/gzip", ".txt": "text/plain"}
_CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
_CONTENTS = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{name}</title>
<link rel="license" href="{license}">
</head>
<body>
<h1>{name}</h1>
<p>{note}</p>
<ul>
{items}
</ul>
<p>This host and its rules were made for a demonstration.
They say nothing about the sites that its pages come from.</p>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server sends; Content-Length is added by the server."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def answers(manifest: Manifest, port: int) -> Iterator[tuple[str, str, tuple[Answer, ...]]]:
    """Every host and path with what is answered there: first to last, and the last one from then on."""
    for name, host in manifest.hosts.items():
        yield (
            name,
            "/",
            (Answer(200, (("Content-Type", "text/html; charset=utf-8"),), _contents(manifest, name, port)),),
        )
        for page in host.pages:
            early = tuple(Answer(turn["status"], _headers(turn.get("headers", {}), port)) for turn in page.first)
            kind = _TYPES.get(Path(page.path).suffix, "text/html; charset=utf-8")
            headers = _headers({"Content-Type": kind, **page.headers}, port)
            yield name, page.path, (*early, Answer(page.status, headers, _body(manifest, page, port)))


def _headers(headers: Mapping[str, str | list[str]], port: int) -> tuple[tuple[str, str], ...]:
    pairs = (
        (name, value) for name, found in headers.items() for value in (found if isinstance(found, list) else [found])
    )
    return tuple((name, value.replace("{port}", str(port))) for name, value in pairs)


def _body(manifest: Manifest, page: Page, port: int) -> bytes:
    if page.base64:
        return b64decode(page.base64)
    source = manifest.materials[page.file].source if page.file else ""
    text = read_material(manifest, page.file).decode() if page.file else page.text
    for part in page.remove:
        if part not in text:
            raise ManifestError(f"site.yaml: {page.path}: nothing to remove: '{part}' is not in {page.file}")
        text = text.replace(part, "")
    # The original's relative links keep leading to the original site, never into our hosts.
    head = (f'<base href="{escape(source)}">' if source else "") + page.insert
    text = text.replace("<head>", f"<head>{head}", 1) if head else text
    body = (text if source else text.replace("{port}", str(port))).encode(page.encoding)
    return gzip.compress(body, mtime=0) if page.gzip else body


def _contents(manifest: Manifest, name: str, port: int) -> bytes:
    """The host's own front page: what it shows, and a link to each of its pages; the first host links to all hosts."""
    host = manifest.hosts[name]
    links = [(page.path, page.note) for page in host.pages if page.note] + [(link, link) for link in host.links]
    if name == next(iter(manifest.hosts)):
        links += [
            (f"http://{other}:{port}/", f"{other}: {it.note}") for other, it in manifest.hosts.items() if other != name
        ]
    items = "\n".join(f'<li><a href="{escape(url)}">{escape(note)}</a></li>' for url, note in links)
    return _CONTENTS.format(name=name, license=_CC0, note=escape(host.note), items=items).encode()
