"""Read annotated corpora of public repositories and write them as gold files, with the labels that we use.

The repositories are bare git folders named `<owner>+<name>/repo` in one folder; what is read is named with its commit,
so the same files come out of any copy.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Tagged = list[tuple[str, str, bool]]  # words of a sentence: form, label in BIO, whether a space follows
Row = dict[str, Any]  # text, spans

_NO_SPACE_BEFORE = frozenset(".,;:!?)]}%»”“…")
_NO_SPACE_AFTER = frozenset("([{«„¿¡")


@dataclass(frozen=True, slots=True)
class Source:
    """A file of a repository at a commit."""

    repository: str  # owner/name
    commit: str
    path: str

    def read(self, folder: Path) -> str:
        """The file's text; raises CalledProcessError where the copy does not hold it."""
        bare = folder / self.repository.replace("/", "+") / "repo"
        command = ["git", f"--git-dir={bare}", "show", f"{self.commit}:{self.path}"]
        return subprocess.run(command, check=True, capture_output=True).stdout.decode("utf-8", "replace")

    def names(self, folder: Path) -> list[str]:
        """The paths of the files below this one."""
        bare = folder / self.repository.replace("/", "+") / "repo"
        command = ["git", f"--git-dir={bare}", "ls-tree", "-r", "--name-only", self.commit, self.path]
        return subprocess.run(command, check=True, capture_output=True).stdout.decode().splitlines()


def spaced(forms: Sequence[str]) -> list[bool]:
    """Whether a space follows each word, by the usual rules of print; for corpora that do not say."""
    after = []
    for at, form in enumerate(forms):
        following = forms[at + 1] if at + 1 < len(forms) else ""
        after.append(form not in _NO_SPACE_AFTER and following not in _NO_SPACE_BEFORE)
    return after


def row(sentence: Tagged, labels: Mapping[str, str], language: str, source: str) -> Row:
    """A sentence as text and spans; `labels` says what a corpus' labels are called here, others are left out."""
    text, spans, open_label = "", [], ""
    for form, tag, space in sentence:
        mark, _, name = tag.partition("-")
        label = labels.get(name, "") if name else ""
        if label and (mark == "B" or label != open_label):
            spans.append({"start": len(text), "end": len(text) + len(form), "label": label})
        elif label:
            spans[-1]["end"] = len(text) + len(form)
        open_label = label
        text += form + (" " if space else "")
    return {"text": text.rstrip(), "spans": spans, "lang": language, "source": source}


def columns(text: str, form: int, tag: int, separator: str | None = "\t") -> Iterator[Tagged]:
    """The sentences of a file with one word a line and empty lines between them."""
    words: list[tuple[str, str]] = []
    for line in [*text.splitlines(), ""]:
        fields = line.split(separator) if line.strip() and not line.startswith(("# ", "#\t")) else []
        if len(fields) > max(form, tag):
            words.append((fields[form], fields[tag]))
        elif words and not line.strip():
            after = spaced([one for one, _ in words])
            yield [(one, mark, space) for (one, mark), space in zip(words, after, strict=True)]
            words = []


def hipe(text: str, longest: int = 400) -> Iterator[Tagged]:
    """The passages of a HIPE-2022 file: up to `longest` characters, cut at the ends of sentences or printed lines."""
    words: Tagged = []
    size = 0
    for line in text.splitlines():
        fields = line.split("\t")
        if line.startswith("#") or len(fields) < 10 or fields[0] == "TOKEN":
            if words and line.startswith("# hipe2022:document_id"):
                yield words
                words, size = [], 0
            continue
        words.append((fields[0], fields[1].upper().replace("-PERS", "-PER"), "NoSpaceAfter" not in fields[9]))
        size += len(fields[0]) + 1
        if "EndOfSentence" in fields[9] or ("EndOfLine" in fields[9] and size > longest):
            yield words
            words, size = [], 0
    if words:
        yield words


def brat(text: str, annotations: str, labels: Mapping[str, str], language: str, source: str) -> Iterator[Row]:
    """The lines of a text with brat annotations; spans of several parts are left out."""
    found = []
    for line in annotations.splitlines():
        match = re.match(r"T\d+\t(\S+) (\d+) (\d+)\t", line)
        if match and match[1] in labels:
            found.append((int(match[2]), int(match[3]), labels[match[1]]))
    offset = 0
    for line in text.splitlines(keepends=True):
        end = offset + len(line.rstrip("\r\n"))
        inside = [
            {"start": first - offset, "end": last - offset, "label": label}
            for first, last, label in found
            if offset <= first and last <= end
        ]
        yield {"text": line.rstrip("\r\n"), "spans": inside, "lang": language, "source": source}
        offset += len(line)


def write(out: Path, rows: Iterable[Row]) -> None:
    """Write a gold file; texts that stand in it already are left out."""
    out.parent.mkdir(parents=True, exist_ok=True)
    seen: set[str] = set()
    with out.open("w", encoding="utf-8") as lines:
        for one in rows:
            if one["text"].strip() and one["text"] not in seen:
                seen.add(one["text"])
                lines.write(json.dumps(one, ensure_ascii=False) + "\n")


def read_rows(path: Path) -> list[Row]:
    """The lines of a gold file as they are."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def thinned(rows: Iterable[Row], with_persons: int, without: int, seed: int = 7) -> list[Row]:
    """So many of the rows with persons and of those without, for corpora that would outweigh the others."""
    order = list(rows)
    random.Random(seed).shuffle(order)
    named = [one for one in order if any(span["label"] == "PERSON" for span in one["spans"])]
    plain = [one for one in order if all(span["label"] != "PERSON" for span in one["spans"])]
    return named[:with_persons] + plain[:without]
