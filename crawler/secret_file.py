"""Files that hold a secret key: outside of every crawl, readable by their owner only, made whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path


class SecretFileError(Exception):
    """The file cannot be read or made, or others may read it; the message says where and what to do."""


def state_folder() -> Path:
    """Where keys lie that no setting names: under XDG_STATE_HOME, else ~/.local/state, never in a crawl."""
    state = os.environ.get("XDG_STATE_HOME", "")
    home = Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state"
    return home / "usufruct"


def load_or_create(path: Path, make: Callable[[], bytes]) -> bytes:
    """What the file holds; what `make` returns where there is no file. Safe among processes. Raises SecretFileError."""
    try:
        if not path.exists():
            _create(path, make())
        mode, content = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise SecretFileError(f"{path}: {error.strerror}; give a path that you may write") from error
    if mode & 0o077:
        raise SecretFileError(f"{path}: others may read it (mode {mode & 0o777:03o}); run chmod 600 on it")
    return content


def _create(path: Path, content: bytes) -> None:
    """Write a whole file beside it first: whoever reads sees all of a key or none. The first of two writers wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
