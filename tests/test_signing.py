"""Merkle roots, signed notes and keys, against published vectors and an implementation that is slow and plain."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from crawler.audit.merkle import MerkleTree
from crawler.audit.signing import (
    SignatureError,
    SigningKey,
    SigningKeyError,
    default_key_path,
    parse_verifier_key,
    split_note,
)

TABLES = Path(__file__).parent / "audit"
KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"


def _table(name: str) -> Any:
    return YAML(typ="safe", pure=True).load((TABLES / name).read_text(encoding="utf-8"))


def test_roots_are_those_of_the_reference_implementation() -> None:
    """For every size from nothing to eight leaves."""
    table, tree = _table("merkle.yaml"), MerkleTree()
    roots = [tree.root]
    for leaf in table["leaves"]:
        tree.add(bytes.fromhex(leaf))
        roots.append(tree.root)
    assert roots == table["roots"]


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_roots_are_what_the_rfc_says(leaves: list[bytes]) -> None:
    """At every size on the way."""
    tree = MerkleTree()
    for size, leaf in enumerate(leaves):
        assert (tree.size, tree.root) == (size, _root(leaves[:size]).hex())
        tree.add(leaf)
    assert tree.root == _root(leaves).hex()


def _root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word: k is the largest power of two smaller than n."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + _root(leaves[:k]) + _root(leaves[k:])).digest()


@pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in _table("notes.yaml")])
def test_a_note_opens_with_the_key_that_signed_it(row: dict[str, Any]) -> None:
    """And with no other, and only as it was signed."""
    note = "".join([row["text"], "\n", *(f"{line}\n" for line in row["signatures"])]).encode()
    key = parse_verifier_key(row["key"])
    if row["says"]:
        with pytest.raises(SignatureError, match=row["says"]):
            key.open(note)
    else:
        assert key.open(note) == row["text"]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_a_key_signs_its_public_half_opens(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever the text holds; the verifier key goes through its own text."""
    key = SigningKey.load_or_create(tmp_path_factory.getbasetemp() / "any.key")
    note = key.sign(f"{text}\n", "usufruct/c1")
    assert parse_verifier_key(str(key.verifier("usufruct/c1"))).open(note) == f"{text}\n"


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"{text}\n\n— a AAAA\n".encode()))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    """What is no note is said to be none."""
    with pytest.raises(SignatureError):
        parse_verifier_key(KEY).open(content)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/foo",
        KEY.replace("530d903a", "530d903b"),
        KEY.replace("example.com/foo", "example.com/bar"),
        KEY[:-1],
        KEY + "=",
        KEY + "\n\n",
        KEY.replace("Aeky", "Beky"),
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    ],
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    """Name, id and key have to fit each other, to the letter."""
    with pytest.raises(SignatureError, match="no verifier key"):
        parse_verifier_key(text)
    assert str(parse_verifier_key(KEY + "\n")) == KEY


def test_a_key_is_made_once_and_read_by_its_owner_only(tmp_path: Path) -> None:
    """The second run signs with the same one."""
    path = tmp_path / "new" / "ledger.key"
    first, second = SigningKey.load_or_create(path), SigningKey.load_or_create(path)
    assert first.verifier("a") == second.verifier("a")
    assert first.verifier("a").id != first.verifier("b").id
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    assert [found.name for found in path.parent.iterdir()] == ["ledger.key"]


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """The message says what to do."""
    path = tmp_path / "ledger.key"
    SigningKey.load_or_create(path)
    path.chmod(0o644)
    with pytest.raises(SigningKeyError, match="run chmod 600"):
        SigningKey.load_or_create(path)


@pytest.mark.parametrize("content", [b"", b"\0", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    """It is not replaced: what it signed would have no key."""
    path = tmp_path / "ledger.key"
    path.touch(0o600)
    path.write_bytes(content)
    with pytest.raises(SigningKeyError, match="no Ed25519 private key"):
        SigningKey.load_or_create(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb"])
def test_what_cannot_name_a_key_is_refused(tmp_path: Path, name: str) -> None:
    """Neither spaces nor '+' (C2SP signed-note)."""
    with pytest.raises(ValueError, match="cannot name a key"):
        SigningKey.load_or_create(tmp_path / "k").verifier(name)


def test_the_key_lies_under_the_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """XDG_STATE_HOME where it is an absolute path."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_key_path() == tmp_path / "usufruct" / "ledger.key"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert default_key_path() == Path.home() / ".local" / "state" / "usufruct" / "ledger.key"


def test_a_note_is_taken_apart_at_its_last_blank_line() -> None:
    """Blank lines in the text are the text's."""
    assert split_note("a\n\nb\n\n— k AAAA\n".encode()) == ("a\n\nb\n", [("k", b"\0\0\0")])
