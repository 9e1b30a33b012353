"""Check a crawl of Usufruct without anything of Usufruct: read these lines, and trust nobody.

    python3 tools/verify_ledger.py CRAWL [OLD_CHECKPOINT ...] [--key VKEY]

Checked: hash and place of each ledger line; Merkle root (RFC 6962) and signature (C2SP signed-note, Ed25519) of the
checkpoint, and of older ones that you kept; the shards of every manifest; the files that ledger/files lists. Without
--key the folder's own key is taken: get it elsewhere. Needs Python 3.11 and `cryptography`. Exit code 1: it is wrong.
"""

import argparse
import json
import re
import sys
from base64 import b64decode, b64encode
from hashlib import file_digest, sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

UNNAMED = r"ledger/(\d+\.jsonl|checkpoint|files|key\.pub)|\.lock|frontier/.*\.sqlite.*|.*\.(part|journal)"


def need(fits: object, otherwise: object) -> None:
    if not fits:
        raise ValueError(otherwise)


def opened(path: Path, key: str) -> tuple[int, str, str]:
    name, public = key.partition("+")[0], b64decode(key.split("+", 2)[2])  # public: 0x01, then 32 bytes
    key_id = sha256(f"{name}\n".encode() + public).digest()[:4]
    text, _, signature = path.read_bytes().decode().rpartition(f"\n\n— {name} ")
    signed = b64decode(signature)
    need(signed[:4] == key_id and f"{b64encode(signed).decode()}\n" == signature, f"{path}: not signed by {key} alone")
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(signed[4:], f"{text}\n".encode())
    origin, size, root, *files = text.split("\n")
    need(origin == name, f"{path}: of another crawl")
    return int(size), b64decode(root, validate=True).hex(), "".join(files).removeprefix("files ")


def check_file(path: Path, digest: str) -> None:
    with path.open("rb") as file:
        need(file_digest(file, "sha256").hexdigest() == digest, f"{path}: changed")


def check(crawl: Path, older: list[Path], key: str) -> str:
    own, run = (crawl / "ledger/key.pub").read_text().removesuffix("\n"), json.loads((crawl / "run.json").read_bytes())
    need(own == run["ledger_key"] == (key or own) and own.startswith(f"usufruct/{run['id']}+"), f"another key: {own}")
    signed = {path: opened(path, own) for path in (crawl / "ledger/checkpoint", *older)}
    manifests = {path: json.loads(path.read_bytes()) for path in sorted(crawl.glob("**/manifest.json"))}
    sizes = {size for size, *_ in signed.values()} | {found["ledger"]["size"] for found in manifests.values()}
    head, roots, known, size = "0" * 64, list[bytes](), {0: ("0" * 64, sha256().hexdigest())}, 0  # known: head, root
    removed, (sealed, _, listed) = set[str](), signed[crawl / "ledger/checkpoint"]
    paths = sorted((crawl / "ledger").glob("*.jsonl"))
    need(paths and paths[-1].name == f"{len(paths) - 1:05d}.jsonl", f"{crawl}/ledger: a file is missing")
    numbered = ((path, *line) for path in paths for line in enumerate(path.read_bytes().splitlines(True), 1))
    for path, number, content in numbered:
        stated = re.fullmatch(rb'(.*?)"hash":"([0-9a-f]{64})",(.*)\n', content) or [b""] * 4
        digest = sha256(stated[1] + stated[3]).hexdigest()
        need(digest == stated[2].decode(), f"{path} line {number}: changed (its hash does not fit)")
        line = json.loads(content)
        need((line["seq"], line["prev"]) == (size, head), f"{path} line {number}: not where it belongs")
        need("event" in line or not listed or size < sealed, f"{path} line {number}: an outcome after the run's end")
        head, node, bits, size = digest, sha256(b"\0" + content[:-1]).digest(), size, size + 1
        while bits & 1:
            node, bits = sha256(b"\1" + roots.pop() + node).digest(), bits >> 1
        roots.append(node)
        if size in sizes:
            for left in reversed(roots[:-1]):
                node = sha256(b"\1" + left + node).digest()
            known[size] = head, node.hex()
        removed |= line["files"].keys() if line.get("event") == "bodies-removed" else set()
    for path, (length, root, _) in signed.items():
        need(length in known, f"{path}: signs {length} lines, {size} are there: missing are seq {size} to {length - 1}")
        need(known[length][1] == root, f"{path}: its root is not that of the first {length} lines")
    for path, found in manifests.items():
        need(known.get(found["ledger"]["size"], ("",))[0] == found["ledger"]["head"], f"{path}: of another ledger")
        for shard in found["shards"]:
            check_file(path.parent / shard["file"], shard["sha256"])
    listing = (crawl / "ledger/files").read_text() if listed else ""
    need(not listed or sha256(listing.encode()).hexdigest() == listed, f"{crawl}/ledger/files: not what was signed")
    files = {name: digest for digest, _, name in (line.split("  ", 2) for line in listing.splitlines())}
    there = {path.relative_to(crawl).as_posix() for path in crawl.rglob("*") if not path.is_dir()}
    for name in sorted((files.keys() - removed) | there) if listed else ():
        if not re.fullmatch(UNNAMED, name):
            need(name in files and name not in removed, f"{crawl / name}: the run ended without it")
            check_file(crawl / name, files[name])
    return f"OK: {size} lines, {len(files)} files{'' if listed else ' (the run has not ended)'}, key {own}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("crawl", type=Path)
    parser.add_argument("older", type=Path, nargs="*")
    parser.add_argument("--key", default="")
    try:
        print(check(**vars(parser.parse_args())))
    except (InvalidSignature, AttributeError, LookupError, OSError, TypeError, ValueError) as error:
        sys.exit(f"WRONG: {error or 'the signature does not fit'}")
