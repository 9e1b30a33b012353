"""Whether `scrapy audit verify` and tools/verify_ledger.py find every change: random ones to a small crawl.

    python -m benchmarks.mutations [--count 1000] [--seed 1]

Every file of the crawl may be changed, every way of changing is drawn equally often: a bit, a line, the order, a cut, a
stretch that is lost or doubled, two shards or files swapped, a manifest edited with its own hash made to fit, the chain
computed anew, a checkpoint signed by another key, a file deleted or added. Prints how many were found, by kind; the
exit code is 1 when one was not. A change that leaves all bytes what they were is drawn again.
"""

from __future__ import annotations

import argparse
import json
import random
import runpy
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.small_crawl import ROOT, make
from crawler.audit.checkpoint import read_signed, render_key, sign_checkpoint
from crawler.audit.crawl_folder import open_crawl
from crawler.audit.files import UNNAMED
from crawler.audit.ledger import seal
from crawler.audit.merkle import MerkleTree
from crawler.audit.signing import SigningKey
from crawler.audit.verify import verify
from crawler.auditing.verify import READERS
from crawler.shards import manifest

OWN = ("seq", "prev", "hash")
LOCK = UNNAMED[1]  # says nothing, whatever it holds
_TOOL = runpy.run_path(str(ROOT / "tools" / "verify_ledger.py"))


class Mutant:
    """A crawl that is changed, and put back.

    Args:
        crawl: The folder.
        dice: What is drawn from.
    """

    def __init__(self, crawl: Path, dice: random.Random) -> None:
        self.crawl, self.dice = crawl, dice
        self._before: dict[Path, bytes | None] = {}

    def __call__(self, kind: str) -> str:
        """Change something in this way, and say what; "" when all bytes are as before."""
        told = KINDS[kind](self)
        return told if any(_content(path) != before for path, before in self._before.items()) else ""

    def restore(self) -> None:
        """Put every byte back."""
        for path, content in self._before.items():
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(content)
        self._before.clear()

    def write(self, path: Path, content: bytes | None) -> None:
        """Replace a file, or delete it."""
        self._before.setdefault(path, _content(path))
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)

    def edit(self, path: Path, change: Callable[[bytes], bytes]) -> str:
        """Replace a file's content by what it becomes; its name as seen from the crawl."""
        self.write(path, change(path.read_bytes()))
        return path.relative_to(self.crawl).as_posix()

    def files(self, pattern: str = "*") -> list[Path]:
        """Every file of the crawl with such a name, in order."""
        return sorted(path for path in self.crawl.rglob(pattern) if path.is_file() and path.name != LOCK)

    def any_file(self, pattern: str = "*") -> Path:
        return self.dice.choice([path for path in self.files(pattern) if path.stat().st_size])


def _content(path: Path) -> bytes | None:
    with suppress(FileNotFoundError):
        return path.read_bytes()
    return None


def _flip(mutant: Mutant) -> str:
    def flip(content: bytes) -> bytes:
        at = mutant.dice.randrange(len(content))
        return content[:at] + bytes([content[at] ^ 1 << mutant.dice.randrange(8)]) + content[at + 1 :]

    return mutant.edit(mutant.any_file(), flip)


def _truncate(mutant: Mutant) -> str:
    return mutant.edit(mutant.any_file(), lambda content: content[: mutant.dice.randrange(len(content))])


def _stretch(mutant: Mutant) -> str:
    """A stretch of bytes is lost, doubled or overwritten."""

    def change(content: bytes) -> bytes:
        start = mutant.dice.randrange(len(content))
        end = min(len(content), start + mutant.dice.randrange(1, 3_000))
        doubled = content[:end] + content[start:]
        return mutant.dice.choice((content[:start] + content[end:], doubled, content[:start] + bytes(end - start)))

    return mutant.edit(mutant.any_file(), change)


def _append(mutant: Mutant) -> str:
    tail = mutant.dice.choice((b"\n", b" ", b"{}\n", bytes(512), b"x"))
    return mutant.edit(mutant.any_file(), lambda content: content + tail)


def _lines(mutant: Mutant) -> str:
    """A line of text is lost, doubled, moved, changed, or changes places with another one."""

    def change(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        one, other = mutant.dice.randrange(len(lines)), mutant.dice.randrange(len(lines))
        match mutant.dice.randrange(5):
            case 0:
                del lines[one]
            case 1:
                lines.insert(other, lines[one])
            case 2:
                lines[one], lines[other] = lines[other], lines[one]
            case 3:
                lines.insert(other, lines.pop(one))
            case _:
                at = mutant.dice.randrange(len(lines[one]))
                lines[one] = lines[one][:at] + mutant.dice.randbytes(1) + lines[one][at + 1 :]
        return b"".join(lines)

    path = mutant.dice.choice([*mutant.files("*.jsonl"), *mutant.files("*.json"), *mutant.files("ledger/*")])
    return mutant.edit(path, change)


def _segment(mutant: Mutant) -> str:
    """Several lines of the ledger are lost, doubled or moved."""

    def change(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        start = mutant.dice.randrange(len(lines))
        segment = lines[start : start + mutant.dice.randrange(1, 10)]
        rest = lines[:start] + lines[start + len(segment) :]
        at = mutant.dice.randrange(len(rest) + 1)
        doubled = lines[:at] + segment + lines[at:]
        return b"".join(mutant.dice.choice((rest, doubled, rest[:at] + segment + rest[at:])))

    return mutant.edit(mutant.any_file("ledger/*.jsonl"), change)


def _swap(mutant: Mutant) -> str:
    """Two shards change names, or two files."""
    shards = [path for path in mutant.files() if path.name.startswith("0") and path.parent.parent != mutant.crawl]
    shards += [path for path in mutant.files("*.parquet") if path.parent.name != "facts"]
    one, other = mutant.dice.sample(mutant.dice.choice((shards, mutant.files())), 2)
    first, second = one.read_bytes(), other.read_bytes()
    mutant.write(one, second)
    mutant.write(other, first)
    return f"{one.relative_to(mutant.crawl)} and {other.relative_to(mutant.crawl)}"


def _manifest(mutant: Mutant) -> str:
    """An entry is changed, doubled, lost or moved, and the manifest's own hash computed anew."""
    path = mutant.any_file("manifest.json")
    content = manifest.read(path.parent)
    assert content
    shards, dice = content["shards"], mutant.dice
    changes: list[Callable[[], Any]] = [
        lambda: content.update(records=content["records"] + dice.choice((-1, 1))),
        lambda: content["ledger"].update(size=content["ledger"]["size"] - dice.randrange(1, 4)),
        lambda: content["ledger"].update(head=dice.randbytes(32).hex()),
        lambda: content.update(digest=dice.randbytes(32).hex()),
        lambda: content.update(policy="eu"),
        lambda: content.update(format="jsonl.zst"),
        lambda: content.update(crawl="another"),
        lambda: content.update(note="new"),
    ]
    if shards:
        shard = dice.choice(shards)
        changes += [
            lambda: shards.remove(shard),
            lambda: shards.append(shard),
            lambda: shard.update(records=shard["records"] + 1),
            lambda: shard.update(sha256=dice.randbytes(32).hex()),
            lambda: shard.update(bytes=shard["bytes"] + 1),
            lambda: shard.update(file="00007.parquet"),
            lambda: shard["ledger"].update({"from": shard["ledger"]["from"] + 1}),
            lambda: shard["ledger"].update(to=shard["ledger"]["to"] - 1),
        ]
    dice.choice(changes)()
    mutant.write(path, manifest.render(content))
    return path.relative_to(mutant.crawl).as_posix()


def _rechain(mutant: Mutant) -> str:
    """A line is changed, left out or put in, and every hash after it computed anew; without the key."""
    path = mutant.any_file("ledger/*.jsonl")
    contents = path.read_bytes().splitlines()
    at = mutant.dice.randrange(len(contents))
    lines = [{name: value for name, value in json.loads(line).items() if name not in OWN} for line in contents]
    match mutant.dice.randrange(3):
        case 0:
            lines[at]["note"] = "rewritten"
        case 1:
            del lines[at]
        case _:
            lines.insert(at, {**lines[at], "url_sha256": mutant.dice.randbytes(32).hex()})
    head, sealed, tree = json.loads(contents[0])["prev"], [], MerkleTree()
    for seq, line in enumerate(lines):
        content, head = seal(line, seq, head)
        sealed.append(content)
        tree.add(content[:-1])
    mutant.write(path, b"".join(sealed))
    if mutant.dice.random() < 0.5:
        _resign(mutant, tree.size, tree.root)
    return path.relative_to(mutant.crawl).as_posix()


def _foreign(mutant: Mutant) -> str:
    """The checkpoint is signed by another key, as it is or of another size."""
    signed = read_signed(mutant.crawl / "ledger")
    assert signed
    _resign(mutant, signed.size - mutant.dice.randrange(3), signed.root)
    return "ledger/checkpoint"


def _resign(mutant: Mutant, size: int, root: str) -> None:
    key = SigningKey(Ed25519PrivateKey.from_private_bytes(mutant.dice.randbytes(32)))
    origin = f"usufruct/{json.loads((mutant.crawl / 'run.json').read_bytes())['id']}"
    mutant.write(mutant.crawl / "ledger/checkpoint", sign_checkpoint(size, root, key, origin))
    if mutant.dice.random() < 0.5:
        mutant.write(mutant.crawl / "ledger/key.pub", render_key(key.verifier(origin)))


def _delete(mutant: Mutant) -> str:
    path = mutant.any_file()
    mutant.write(path, None)
    return path.relative_to(mutant.crawl).as_posix()


def _add(mutant: Mutant) -> str:
    like = mutant.any_file()
    path = like.with_name(mutant.dice.choice(("00007", "x")) + "".join(like.suffixes))
    mutant.write(path, mutant.dice.choice((b"", like.read_bytes())))
    return path.relative_to(mutant.crawl).as_posix()


KINDS: dict[str, Callable[[Mutant], str]] = {
    "a bit": _flip,
    "a cut": _truncate,
    "a stretch of bytes": _stretch,
    "something at the end": _append,
    "a line": _lines,
    "a segment of the ledger": _segment,
    "two files swapped": _swap,
    "a manifest with its hash": _manifest,
    "the chain anew": _rechain,
    "another key": _foreign,
    "a file deleted": _delete,
    "a file added": _add,
}


def ours(crawl: Path) -> bool:
    """Whether `scrapy audit verify` finds something wrong."""
    return bool(verify(open_crawl(crawl), READERS).found)


def independent(crawl: Path) -> bool:
    """Whether tools/verify_ledger.py does; its own errors are those that it catches."""
    try:
        _TOOL["check"](crawl, [], "")
    except (InvalidSignature, AttributeError, LookupError, OSError, TypeError, ValueError):
        return True
    return False


FINDERS = {"ours": ours, "independent": independent}


def mutate(crawl: Path, count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Make `count` changes, one after the other; how many of each kind, and those that a verifier did not find."""
    dice = random.Random(seed)
    mutant = Mutant(crawl, dice)
    made: Counter[str] = Counter()
    missed = []
    while made.total() < count:
        kind = dice.choice(list(KINDS))
        try:
            if told := mutant(kind):
                made[kind] += 1
                missed += [f"{kind}: {told} ({name})" for name, finds in FINDERS.items() if not finds(crawl)]
        finally:
            mutant.restore()
    return made, missed


def main() -> int:
    """0 when every change was found, and nothing is wrong before and after."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        crawl = make(Path(folder))
        wrong = [name for name, finds in FINDERS.items() if finds(crawl)]
        begin = monotonic()
        made, missed = mutate(crawl, given.count, given.seed)
        seconds = monotonic() - begin
        wrong += [name for name, finds in FINDERS.items() if finds(crawl)]
    for kind, count in sorted(made.items()):
        print(f"{count:5d}  {kind}")
    for told in missed:
        print(f"NOT FOUND  {told}")
    print(f"{made.total()} changes, {len(missed)} times not found, by two verifiers in {seconds:.0f} s")
    for name in wrong:
        print(f"{name}: something is wrong without any change")
    return 1 if missed or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
