"""Where training texts come from: public repositories as git directories, read without a work tree; files to gold."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

NO_SPACE_BEFORE = frozenset([*".,!?:;)]%", "n't", "'s", "’s", "'re", "'ve", "'ll", "'d", "'m", "''"])
NO_SPACE_AFTER = frozenset(["(", "[", "$", "#", "``"])
Word = tuple[str, str]  # form, mark: "O", "B-PER", "I-PER"


def show(sources: Path, repository: str, path: str, commit: str = "HEAD") -> bytes:
    """One file of a public repository ("owner/name"), from a clone in the folder `sources`/owner+name[/repo]."""
    folder = sources / repository.replace("/", "+")
    inner = folder / "repo"
    git = ["git", "-C", str(inner if inner.exists() else folder), "show", f"{commit}:{path}"]
    return subprocess.run(git, check=True, capture_output=True).stdout


def files(sources: Path, repository: str, under: str, ending: str, commit: str = "HEAD") -> list[str]:
    """The paths below a folder of a repository with this ending, sorted."""
    folder = sources / repository.replace("/", "+")
    inner = folder / "repo"
    git = ["git", "-C", str(inner if inner.exists() else folder), "ls-tree", "-r", "--name-only", commit, under]
    listed = subprocess.run(git, check=True, capture_output=True, text=True).stdout.splitlines()
    return sorted(path for path in listed if path.endswith(ending))


def columns(text: str, form: int, mark: int) -> Iterator[list[Word]]:
    """The sentences of a file of columns (CoNLL, iob2): words and marks by the numbers of their columns."""
    words: list[Word] = []
    for line in text.splitlines():
        parts = line.split("\t") if "\t" in line else line.split()
        if not line.strip() or line.startswith("-DOCSTART-"):
            if words:
                yield words
            words = []
        elif not line.startswith("# ") and len(parts) > max(form, mark if mark >= 0 else 0):
            words.append((parts[form], parts[mark]))
    if words:
        yield words


def row(words: Sequence[Word], person: Iterable[str], language: str) -> dict[str, object]:
    """A sentence as people write it, with its persons; `person` are the names of that class in the marks."""
    classes = set(person)
    text = ""
    spans: list[tuple[int, int, str]] = []
    before = ""
    for form, mark in words:
        if text and form not in NO_SPACE_BEFORE and before not in NO_SPACE_AFTER:
            text += " "
        start = len(text)
        text += form
        kind, _, name = mark.partition("-")
        if name in classes:
            if kind == "I" and spans and spans[-1][2] == "open":
                spans[-1] = (spans[-1][0], len(text), "open")
            else:
                spans.append((start, len(text), "open"))
        elif spans:
            spans[-1] = (*spans[-1][:2], "closed")
        before = form
    persons = [{"start": start, "end": end, "label": "PERSON"} for start, end, _ in spans]
    return {"text": text, "spans": persons, "lang": language}


def write(path: Path, rows: Iterable[dict[str, object]]) -> None:
    """Lines of JSON; says how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with path.open("w", encoding="utf-8") as out:
        for one in rows:
            out.write(json.dumps(one, ensure_ascii=False) + "\n")
            count += 1
    print(f"{path.name}: {count} texts", flush=True)
