"""Documents that are generated from what the program knows, so that they cannot say anything else.

`python -m crawler.documentation` writes them below the folder where it is run; a test fails when one is stale.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from crawler.documentation import personal_data, policies, signals

COMMAND = "python -m crawler.documentation"


def pages() -> Mapping[Path, str]:
    """Path from the root of the repository -> text, of every generated document."""
    every = {**policies.pages(), **signals.pages(), **personal_data.pages()}
    return {Path(path): text for path, text in every.items()}


def stale(root: Path) -> list[Path]:
    """Generated documents that are missing below `root`, or say something else; and those that nothing generates."""
    generated = pages()
    differing = [path for path, text in generated.items() if _text_of(root / path) != text]
    return sorted([*differing, *(path for path in _written(root) if path not in generated)])


def write(root: Path) -> list[Path]:
    """Bring every generated document up to date; says which were not."""
    found = stale(root)
    generated = pages()
    for path in found:
        if path in generated:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(generated[path], encoding="utf-8")
        else:
            (root / path).unlink()
    return found


def _written(root: Path) -> list[Path]:
    """Documents in folders that hold generated ones only."""
    return [path.relative_to(root) for path in (root / policies.FOLDER).glob("*.md")]


def _text_of(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
