"""Signed notes (C2SP signed-note, read 2026-11-23) with Ed25519: whoever has the verifier key can check them.

    <text, one line or more, each with its newline>
    <empty line>
    — <key name> <base64 of key id (4 bytes) and signature (64 bytes)>

Verifier key: `<name>+<key id in hex>+<base64 of 0x01 and the public key>`; the key id is the beginning of the SHA-256
of name, newline, 0x01 and the public key. The private key lies outside of the crawl's folder.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from crawler.secret_file import SecretFileError, load_or_create, state_folder

_ED25519 = b"\x01"  # the signature type
_DASH = "\N{EM DASH} "


class SigningKeyError(Exception):
    """The private key cannot be read or made; the message says where and what to do."""


class SignatureError(ValueError):
    """What should be a signed note or a verifier key is none, or is signed by somebody else; the message says which."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key and the name that it signs under."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys apart."""
        return sha256(f"{self.name}\n".encode() + _ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_base64(_ED25519 + self.public)}"

    def open(self, note: bytes) -> str:
        """The text of a note that this key signed; further signatures, of witnesses, are not looked at.

        Raises:
            SignatureError: It did not.
        """
        text, signatures = split_note(note)
        unsigned = "signed by another key"
        for name, signature in signatures:
            if name == self.name and signature[:4] == self.id:
                unsigned = "changed (its signature does not fit)"
                try:
                    Ed25519PublicKey.from_public_bytes(self.public).verify(signature[4:], text.encode())
                except (InvalidSignature, ValueError):
                    continue
                return text
        raise SignatureError(unsigned)


def parse_verifier_key(text: str) -> VerifierKey:
    """The key that a line of text names, newline or not.

    Raises:
        SignatureError: It names none.

    >>> parse_verifier_key("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k").name
    'example.com/foo'
    """
    text = text.removesuffix("\n")
    name, _, rest = text.partition("+")
    try:
        key = VerifierKey(name, base64.b64decode(rest.partition("+")[2], validate=True)[1:])
    except ValueError:
        key = VerifierKey("", b"")
    if not name or len(key.public) != 32 or str(key) != text:
        raise SignatureError("no verifier key (name+id+base64, as in ledger/key.pub)")
    return key


def split_note(note: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """Text and signatures, each with its key's name, of a signed note. Raises SignatureError."""
    try:
        text, separator, below = note.decode().rpartition("\n\n")
        signatures = [_signature(line) for line in below.removesuffix("\n").split("\n")]
    except ValueError:
        separator = ""
    if not separator or not below.endswith("\n"):
        raise SignatureError("not signed (no signature line stands below its text)")
    return f"{text}\n", signatures


def _signature(line: str) -> tuple[str, bytes]:
    name, _, value = line.removeprefix(_DASH).rpartition(" ")
    signature = base64.b64decode(value, validate=True)
    if not name or f"{_DASH}{name} {_base64(signature)}" != line:
        raise ValueError("no signature line")
    return name, signature


class SigningKey:
    """A private key; it signs under any name."""

    __slots__ = ("_private",)

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    @classmethod
    def load_or_create(cls, path: Path) -> SigningKey:
        """The key in this PEM file (PKCS 8); a new one, readable by its owner only, where there is no file.

        Raises:
            SigningKeyError: The file cannot be read or written, others may read it, or it holds no such key.
        """
        try:
            content = load_or_create(path, _new_pem)
        except SecretFileError as error:
            raise SigningKeyError(str(error)) from error
        try:
            private = load_pem_private_key(content, None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            private = None
        if not isinstance(private, Ed25519PrivateKey):
            raise SigningKeyError(f"{path}: no Ed25519 private key in PEM without password; restore it or remove it")
        return cls(private)

    def verifier(self, name: str) -> VerifierKey:
        """The public half, under this name."""
        if not name or "+" in name or not name.isprintable() or " " in name:
            raise ValueError(f"{name!r} cannot name a key: no spaces, no '+'")
        return VerifierKey(name, self._private.public_key().public_bytes_raw())

    def sign(self, text: str, name: str) -> bytes:
        """The signed note of a text that ends with a newline."""
        signature = self.verifier(name).id + self._private.sign(text.encode())
        return f"{text}\n{_DASH}{name} {_base64(signature)}\n".encode()


def default_key_path() -> Path:
    """Where the key lies that no setting names."""
    return state_folder() / "ledger.key"


def _new_pem() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
