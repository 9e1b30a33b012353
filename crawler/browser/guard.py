"""What stands before every request: who may ask, what may be asked, and what a page may load.

The server is bound to loopback, yet any page in the same browser can send requests there. So the Host header has to
name us (else a name of somebody else's was bound to 127.0.0.1), only the review may be posted to, and no page may
load or run what is not ours. Datasette's own pages run three short scripts of theirs; these are allowed by hash.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from hashlib import sha256
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

NAMES = ("127.0.0.1", "localhost")
OURS = re.compile(r"/(?:(?:site|url|rule|search|review|jobs)(?:/.*)?|usufruct\.css)?")
DASHBOARDS = "/-/dashboards"
_OWN = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_CHARTS = f"{_OWN}; script-src 'self'; connect-src 'self'"
_TABLES = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; script-src 'self' {}"
)
_HEADERS = {
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


class Guard:
    """An application that lets through what may be asked of the one inside.

    Args:
        inside: The application.
        port: That it is served on.
        scripts: Text of the inline scripts that pages of Datasette have.
    """

    def __init__(self, inside: App, port: int, scripts: Iterable[str] = ()) -> None:
        self._inside = inside
        self._hosts = {f"{name}:{port}" for name in NAMES}
        self._origins = {f"http://{host}" for host in self._hosts}
        self._tables = _TABLES.format(" ".join(sorted(f"'sha256-{digest(script)}'" for script in scripts))).rstrip()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._inside(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if headers.get("host", "") not in self._hosts:
            await _refuse(send, 421, "This server answers to 127.0.0.1 and localhost only.")
        elif scope["method"] not in ("GET", "HEAD") and not self._may_post(scope, headers):
            await _refuse(send, 405, "Only the review writes, and only from its own pages.")
        else:
            await self._inside(scope, receive, self._guarded(scope["path"], send))

    def _may_post(self, scope: Scope, headers: dict[str, str]) -> bool:
        """A form of ours. Browsers say where a form comes from; one that does not say is none of ours."""
        ours = headers.get("origin") in self._origins or headers.get("sec-fetch-site") == "same-origin"
        return scope["method"] == "POST" and scope["path"].startswith("/review/") and ours

    def _guarded(self, path: str, send: Send) -> Send:
        others = _CHARTS if path.startswith(DASHBOARDS) else self._tables
        policy = _OWN if OURS.fullmatch(path) else others

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message.get("headers", ()) if pair[0].lower().decode() not in _HEADERS]
                added = {**_HEADERS, "content-security-policy": policy}
                message["headers"] = [*kept, *((name.encode(), value.encode()) for name, value in added.items())]
            await send(message)

        return guarded


def digest(text: str) -> str:
    """SHA-256 in base64, as a content security policy names a script or style."""
    return base64.b64encode(sha256(text.encode()).digest()).decode()


async def _refuse(send: Send, status: int, says: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-security-policy", _OWN.encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": says.encode() + b"\n"})
