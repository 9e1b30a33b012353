"""One person, one pseudonym within a crawl; without the key nobody can tell which. HMAC-SHA-256, RFC 2104.

A pseudonym is natural where something natural can be written that is nobody's (`surrogates`), else a token such as
"[PERSON-3f9a1c2b7d]". GDPR art. 4(5) asks that the key be kept apart, so it never lies in the output folder. A key that
is thrown away after the crawl leaves no way back, and none to carry the pseudonyms over to another crawl.
"""

from __future__ import annotations

import hmac
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path

from crawler.pii.shapes import PERSON, normal
from crawler.pii.surrogates import persons, surrogate
from crawler.pii.surrogates.draw import Draw
from crawler.secret_file import SecretFileError, load_or_create, state_folder

KEY_BYTES = 32
THROWAWAY = "throwaway"  # in place of a key's file: the key is in memory only
STYLES = ("natural", "token")
_DIGITS = 10  # hex digits of a token: 40 bits, one collision to be expected among a million persons
_POSSESSIVE = re.compile(r"['’ʼ]s?$")
_SEPARATORS = re.compile(r"[\s().,/-]+")
_FREE = frozenset(["ADDRESS", "COORDINATES", "DATE_OF_BIRTH", "EMAIL_ADDRESS", "SOCIAL_HANDLE", PERSON])
_CRAWL_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,127}")


class KeyFileError(Exception):
    """The key of a crawl cannot be read, written or named. The message says where and what to do."""


class Pseudonymizer:
    """From (entity, words found) to a pseudonym that only the holder of the key can repeat.

    In one language a value has one pseudonym. Different persons may share one: English names have 150,000, tokens 2^40.
    """

    __slots__ = ("_key", "_natural")

    def __init__(self, key: bytes, style: str = STYLES[0]) -> None:
        """Raises KeyFileError for a key that is shorter than `KEY_BYTES`, or a style that does not exist."""
        if len(key) < KEY_BYTES:
            raise KeyFileError(f"pseudonym key: {len(key)} bytes; at least {KEY_BYTES} are needed")
        self._key = key
        self._natural = checked_style(style) == STYLES[0]

    def __call__(self, entity: str, value: str, language: str = "") -> str:
        """The pseudonym of one value; in a document, use `document`."""
        return self.document(language, ())(entity, value)

    def document(self, language: str, names: Iterable[str]) -> Callable[[str, str], str]:
        """Pseudonyms in one document: a surname alone gets what it has in the full name, if it is clear whose it is.

        Args:
            language: Of the document, ISO 639-1, "" if nobody knows.
            names: Those found anywhere in the document.
        """
        return _InDocument(self, language, names) if self._natural else self.token

    def token(self, entity: str, value: str) -> str:
        """A pseudonym that says of what it is one: "[PERSON-3f9a1c2b7d]"."""
        message = f"{entity}\0{same(value)}".encode("utf-8", "surrogatepass")
        return f"[{entity}-{hmac.new(self._key, message, sha256).hexdigest()[:_DIGITS]}]"

    def draw(self, entity: str, same: str) -> Draw:
        """Choices for one value of an entity; `same` is equal for two ways of writing it."""
        return Draw(self._key, f"{entity}\0{same}")


class _InDocument:
    """Pseudonyms in one document; its names are taken apart when the first one is asked for."""

    def __init__(self, pseudonyms: Pseudonymizer, language: str, names: Iterable[str]) -> None:
        self._pseudonyms, self._language, self._names = pseudonyms, language, names
        self._known: persons.Known | None = None

    def __call__(self, entity: str, value: str) -> str:
        if entity == PERSON:
            parts = persons.each(value)
            return "".join(part if at % 2 else self._person(part) for at, part in enumerate(parts))
        draw = self._pseudonyms.draw(entity, _key_of(entity, value))
        return surrogate(entity, value, self._language, draw) or self._pseudonyms.token(entity, value)

    def _person(self, value: str) -> str:
        bare, end = _bare(value)
        name = persons.parse(bare, self._language)
        if name is None:
            return self._pseudonyms.token(PERSON, bare) + end if bare else value
        return persons.joined(name, self._of_document().part(name) or self._drawn(name)) + end

    def _of_document(self) -> persons.Known:
        if self._known is None:
            bare = dict.fromkeys(_bare(one)[0] for name in self._names for one in persons.each(name)[::2])
            parsed = filter(None, (persons.parse(name, self._language) for name in bare))
            self._known = persons.Known((name, self._drawn(name)) for name in parsed)
        return self._known

    def _drawn(self, name: persons.Name) -> tuple[str, ...]:
        return persons.drawn(name, self._pseudonyms.draw(PERSON, f"{name.language}\0{name.same}"))


def checked_style(style: str) -> str:
    """The style, if it is one of `STYLES`; raises KeyFileError."""
    if style not in STYLES:
        raise KeyFileError(f"PSEUDONYMS={style}: unknown; choose from {', '.join(STYLES)}")
    return style


def new_key() -> bytes:
    """A key that no file holds: when the process ends nobody can repeat or undo what was made with it."""
    return secrets.token_bytes(KEY_BYTES)


def same(value: str) -> str:
    """Equal for two ways of writing one name: width, case, spaces and a possessive ending do not count."""
    plain = " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    return _POSSESSIVE.sub("", plain).strip(" .,;:")


def _bare(name: str) -> tuple[str, str]:
    """A name without spaces around it, and the possessive ending that was cut."""
    stripped = name.strip()
    end = _POSSESSIVE.search(stripped)
    return (stripped[: end.start()], end.group()) if end else (stripped, "")


def _key_of(entity: str, value: str) -> str:
    """Equal for two ways of writing one number: width, case and separators do not count."""
    return same(value) if entity in _FREE else _SEPARATORS.sub("", normal(value)).casefold()


def default_key_path(crawl_id: str) -> Path:
    """Where the key of a crawl lies: never in the output folder.

    Raises:
        KeyFileError: A crawl id that is no plain file name.
    """
    if not _CRAWL_ID.fullmatch(crawl_id):
        raise KeyFileError("crawl id: letters, digits, '.', '_' and '-' are allowed; choose another id")
    return state_folder() / "keys" / f"{crawl_id}.key"


def load_or_create_key(path: Path) -> bytes:
    """The key in this file; a new one, readable by its owner only, where there is none. Safe among processes.

    Raises:
        KeyFileError: The file cannot be read or written, others may read it, or it holds no key.
    """
    try:
        key = load_or_create(path, new_key)
    except SecretFileError as error:
        raise KeyFileError(str(error)) from error
    if len(key) != KEY_BYTES:
        raise KeyFileError(f"{path}: {len(key)} bytes where {KEY_BYTES} are expected; restore it or remove it")
    return key
