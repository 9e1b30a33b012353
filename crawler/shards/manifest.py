"""`manifest.json`: which shards a policy's folder has, with counts and hashes, and under which rules they were made.

    {policy, digest, format, ..., shards: [{file, records, bytes, sha256, ledger: {from, to}}], records,
     ledger: {size, head}, hash}

`shards[i].ledger` says between which sizes of the ledger the shard was written: a line before `from` that names a place
in it speaks of an earlier, lost shard of that name. `hash` is the SHA-256 in hex of the canonical JSON (RFC 8785) of
everything else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import rfc8785

FILE = "manifest.json"


class ManifestError(ValueError):
    """The manifest was changed, or belongs to something else; the message says what to do."""


def render(manifest: Mapping[str, Any]) -> bytes:
    """The file's content; `hash` is added."""
    content = {key: value for key, value in manifest.items() if key != "hash"}
    content["hash"] = sha256(rfc8785.dumps(content)).hexdigest()
    return json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n"


def read(folder: Path) -> dict[str, Any] | None:
    """The manifest of a folder; None when it has none.

    Raises:
        ManifestError: It is not byte for byte what we wrote.
    """
    path = folder / FILE
    try:
        content = path.read_bytes()
        manifest = json.loads(content)
        if isinstance(manifest, dict) and render(manifest) == content:
            return manifest
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ManifestError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError):  # no JSON, no UTF-8, or numbers that JSON cannot hold
        pass
    raise ManifestError(f"{path}: changed (its hash does not fit)")
