"""Tell somebody that a run failed, keeps less than it did, or met new opt-outs: by webhook or by command.

A webhook gets the event as the body of a POST, a command gets it on its standard input, both as one JSON object. What
goes wrong is returned in words and never raised: a notification must not end the run that it tells of. Addresses of
webhooks and arguments of commands may hold secrets, so neither is ever shown whole.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
from base64 import b64encode
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from threading import Thread
from time import sleep
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

TIMEOUT_S = 10.0  # for one try
PAUSE_S = 1.0  # before the second one
ALLOWED = "allowed are {webhook: https://...} and {command: [program, argument]}"
UNREADABLE = "[no http(s) address]"
AGAIN = (408, 425, 429)  # and 5xx: the same request may be welcome a moment later

Target = Mapping[str, Any]  # {"webhook": address} or {"command": [program, argument, ...]}


class _NotToldError(Exception):
    """The message says why."""


class _PerhapsLaterError(_NotToldError):
    """The same may work a moment later."""


def notify(
    targets: Iterable[Target], event: Mapping[str, Any], *, timeout_s: float = TIMEOUT_S, pause_s: float = PAUSE_S
) -> list[str]:
    """Hand an event to each target, one after the other; blocks until all have answered or failed.

    Args:
        targets: As `jobs.yaml` lists them.
        event: Anything that JSON holds.
        timeout_s: For one try; a webhook that did not answer is asked once more, a command is killed.
        pause_s: Between the two tries.

    Returns:
        Problems, in words, without secrets; empty when everybody was told.
    """
    try:
        body = json.dumps(dict(event), ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    except (TypeError, ValueError) as error:
        return [f"notify: the event cannot be written as JSON ({type(error).__name__}); nobody was told"]
    return [
        problem
        for place, target in enumerate(targets)
        if (problem := problem_of(target, place) or _told(target, body, timeout_s, pause_s))
    ]


def problem_of(target: object, place: int = 0) -> str:
    """What is wrong with a target as it is written, for a check before anything runs; "" for nothing."""
    where = f"notify[{place}]"
    if not isinstance(target, Mapping) or len(target) != 1 or next(iter(target)) not in ("webhook", "command"):
        names = ", ".join(map(str, target)) if isinstance(target, Mapping) else type(target).__name__
        return f"{where}: found {names or 'nothing'}; {ALLOWED}"
    if "command" in target:
        command = target["command"]
        if not isinstance(command, list | tuple) or not command or not all(isinstance(word, str) for word in command):
            return f"{where}: command is a list of words, without a shell: [program, argument, ...]"
        return "" if command[0] and not any("\0" in word for word in command) else f"{where}: command has no program"
    address = target["webhook"]
    if not isinstance(address, str) or masked(address) == UNREADABLE:
        return f"{where}: webhook is an http(s) address"
    return ""


def masked(address: str) -> str:
    """An address as it may be shown: whom it belongs to, without what may be a secret.

    >>> masked("https://robot:hunter2@hooks.example:8443/services/T0/B0/x9?token=1")
    'https://hooks.example:8443/...'
    """
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return UNREADABLE
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or any(c <= " " for c in address):
        return UNREADABLE
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme.lower()}://{host}{port}/..."


def _told(target: Target, body: bytes, timeout_s: float, pause_s: float) -> str:
    """Why a target could not be told; "" when it was."""
    try:
        if "command" in target:
            _run(target["command"], body, timeout_s)
            return ""
        try:
            _post_in_time(target["webhook"], body, timeout_s)
        except _PerhapsLaterError:
            sleep(pause_s)
            _post_in_time(target["webhook"], body, timeout_s)
    except _NotToldError as error:
        return f"notify: {error}"
    return ""


def _post_in_time(address: str, body: bytes, timeout_s: float) -> None:
    """POST the event within so many seconds, all together; raises _NotToldError.

    A socket's own time-out is for each piece that it waits for: a server that sends a byte now and then, or a resolver
    that is slow, would hold the run up. A thread that is late is left behind, and ends with its server or with us.
    """
    said: list[_NotToldError | None] = []

    def post() -> None:
        try:
            _post(address, body, timeout_s)
        except _NotToldError as error:
            said.append(error)
        else:
            said.append(None)

    thread = Thread(target=post, daemon=True)
    thread.start()
    thread.join(timeout_s)
    if not said:
        raise _PerhapsLaterError(f"{masked(address)} did not answer (TimeoutError)")
    if said[0]:
        raise said[0]


def _post(address: str, body: bytes, timeout_s: float) -> None:
    """POST the event; raises _NotToldError."""
    parts = urlsplit(address)
    plain = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()
    request = Request(plain, data=body, method="POST", headers=_headers(parts))
    try:
        with _opener().open(request, timeout=timeout_s) as answer:
            status = answer.status
    except HTTPError as error:
        status = error.code
        error.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = error.reason if isinstance(error, URLError) else error
        raise _PerhapsLaterError(f"{masked(address)} did not answer ({type(why).__name__})") from None
    if not 200 <= status < 300:
        kind = _PerhapsLaterError if status >= 500 or status in AGAIN else _NotToldError
        why = "; redirects are not followed" if 300 <= status < 400 else ""
        raise kind(f"{masked(address)} answered {status}, not 2xx{why}")


def _headers(parts: SplitResult) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "User-Agent": "usufruct"}
    if parts.username is not None:
        user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = "Basic " + b64encode(user.encode("utf-8")).decode("ascii")
    return headers


def _opener() -> OpenerDirector:
    """HTTP and nothing else: no files, no FTP, and no redirects, which would take the event to somebody else."""
    opener = OpenerDirector()
    for handler in (ProxyHandler(), HTTPHandler(), HTTPSHandler(), HTTPDefaultErrorHandler(), HTTPErrorProcessor()):
        opener.add_handler(handler)
    return opener


def _run(command: list[str], body: bytes, timeout_s: float) -> None:
    """Run a command with the event on its standard input; raises _NotToldError.

    It is the leader of a group of its own, so that what it started is stopped with it.
    """
    name = PurePath(command[0]).name
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
    except (OSError, ValueError) as error:
        raise _NotToldError(f"{name} cannot be started ({getattr(error, 'strerror', '') or error})") from None
    try:
        process.communicate(body, timeout=timeout_s)  # one that does not read its input is none that failed
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise _NotToldError(f"{name} ran longer than {timeout_s:g} s and was killed") from None
    except OSError as error:
        raise _NotToldError(f"{name} could not be told ({error.strerror})") from None
    if process.returncode:
        raise _NotToldError(f"{name} ended with exit code {process.returncode}")
