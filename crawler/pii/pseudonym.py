"""One person, one token within a crawl; without the key nobody can tell which. HMAC-SHA-256, RFC 2104.

GDPR art. 4(5) asks that the key be kept apart, so it never lies in the output folder.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import unicodedata
from hashlib import sha256
from pathlib import Path

KEY_BYTES = 32
_DIGITS = 10  # hex digits of a token: 40 bits, one collision to be expected among a million persons
_POSSESSIVE = re.compile(r"['’ʼ]s?$")
_CRAWL_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,127}")


class KeyFileError(Exception):
    """The key of a crawl cannot be read, written or named. The message says where and what to do."""


class Pseudonymizer:
    """From (entity, words found) to a token such as "[PERSON-3f9a1c2b7d]"."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        """Raises KeyFileError for a key that is shorter than `KEY_BYTES`."""
        if len(key) < KEY_BYTES:
            raise KeyFileError(f"pseudonym key: {len(key)} bytes; at least {KEY_BYTES} are needed")
        self._key = key

    def __call__(self, entity: str, value: str) -> str:
        message = f"{entity}\0{same(value)}".encode("utf-8", "surrogatepass")
        return f"[{entity}-{hmac.new(self._key, message, sha256).hexdigest()[:_DIGITS]}]"


def same(value: str) -> str:
    """Equal for two ways of writing one name: width, case, spaces and a possessive ending do not count."""
    plain = " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    return _POSSESSIVE.sub("", plain).strip(" .,;:")


def default_key_path(crawl_id: str) -> Path:
    """Where the key of a crawl lies: under XDG_STATE_HOME, else ~/.local/state, never in the output folder.

    Raises:
        KeyFileError: A crawl id that is no plain file name.
    """
    if not _CRAWL_ID.fullmatch(crawl_id):
        raise KeyFileError("crawl id: letters, digits, '.', '_' and '-' are allowed; choose another id")
    state = os.environ.get("XDG_STATE_HOME", "")
    home = Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state"
    return home / "usufruct" / "keys" / f"{crawl_id}.key"


def load_or_create_key(path: Path) -> bytes:
    """The key in this file; a new one, readable by its owner only, where there is none. Safe among processes.

    Raises:
        KeyFileError: The file cannot be read or written, others may read it, or it holds no key.
    """
    try:
        if not path.exists():
            _create(path)
        mode, key = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise KeyFileError(f"{path}: {error.strerror}; give a path that you may write") from error
    if mode & 0o077:
        raise KeyFileError(f"{path}: others may read it (mode {mode & 0o777:03o}); run chmod 600 on it")
    if len(key) != KEY_BYTES:
        raise KeyFileError(f"{path}: {len(key)} bytes where {KEY_BYTES} are expected; restore it or remove it")
    return key


def _create(path: Path) -> None:
    """Write a whole file beside it first: whoever reads sees all of a key or none. The first of two writers wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
