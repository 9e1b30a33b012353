"""Collect what the Japanese tagger learns from, all of it CC-BY-SA, and train it.

    python -m training.ja SOURCES GOLD OUT

SOURCES has the repositories of README.md; GOLD is the folder of gold sets (../shared/data/pii). Lines of JSON and
ja.npz go to OUT.
"""

from __future__ import annotations

import io
import random
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from crawler.pii.measure import read
from training.names_ja_ko import Row, lines, renamed
from training.sources import show, write

SEED = 7
GSD = "megagonlabs/UD_Japanese-GSD"
WIKIPEDIA = "ku-nlp/WikipediaAnnotatedCorpus"
GOLD_SETS = ("ja_stockmark_wikipedia", "ja_ud_gsd_ne_dev")
NAMELESS = 0.25  # share of its many sentences without a name that are kept
PERSON_TAG = re.compile("<NE:PERSON:([^>]*)>")
SETTINGS = "--buckets 32768 --width 40 --hidden 48 --batch 3000 --epochs 8 --threshold 0.4 --seed 7"


def gold_gsd(sources: Path) -> Iterator[Row]:
    """UD_Japanese-GSD with named entities, train: Wikipedia, news, blogs, reviews. CC-BY-SA-4.0."""
    import spacy
    from spacy.tokens import DocBin

    packed = DocBin().from_bytes(show(sources, GSD, "spacy/ja_gsd-ud-train.ne.spacy"))
    for doc in packed.get_docs(spacy.blank("xx").vocab):
        for sentence in doc.sents:
            persons = [one for one in sentence.ents if one.label_ == "PERSON"]
            at = sentence.start_char
            yield _row(sentence.text, [(one.start_char - at, one.end_char - at) for one in persons])


def gold_wikipedia(sources: Path, part: str = "train") -> Iterator[Row]:
    """Beginnings of articles with named entities by the rules of IREX. CC-BY-SA-4.0."""
    names = set(show(sources, WIKIPEDIA, f"id/{part}.id").decode().split())
    for path, content in _members(sources, WIKIPEDIA, "knp"):
        if Path(path).stem in names:
            yield from knp(content.decode().splitlines())


def _members(sources: Path, repository: str, under: str) -> Iterator[tuple[str, bytes]]:
    """All files below a folder of a repository, with one call of git."""
    folder = sources / repository.replace("/", "+")
    inner = folder / "repo"
    git = ["git", "-C", str(inner if inner.exists() else folder), "archive", "HEAD", under]
    packed = subprocess.run(git, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as files:
        for member in files:
            content = files.extractfile(member)
            if content is not None:
                yield member.name, content.read()


def knp(lines_of_file: Iterable[str]) -> Iterator[Row]:
    """The sentences of a file of KNP; a name is noted at the phrase where it ends."""
    text, spans = "", []
    names: list[str] = []
    for line in (*lines_of_file, "EOS"):
        if line.startswith(("+ ", "* ", "EOS")):
            spans += [(at, at + len(name)) for name in names if (at := text.rfind(name)) >= 0]
            names = PERSON_TAG.findall(line)
            if line == "EOS" and text:
                yield _row(text, sorted(set(spans)))
                text, spans = "", []
        elif line and not line.startswith("# "):
            text += line.split(" ", 1)[0]


def _row(text: str, spans: Iterable[tuple[int, int]]) -> Row:
    persons = [{"start": start, "end": end, "label": "PERSON"} for start, end in spans]
    return {"text": text, "spans": persons, "lang": "ja"}


def collect(sources: Path, gold: Sequence[Path], out: Path) -> list[Path]:
    """Write what there is to learn, but for the gold files themselves; all files."""
    chance = random.Random(SEED)
    ours = {
        "ja_gsd": list(gold_gsd(sources)),
        "ja_wikipedia": [row for row in gold_wikipedia(sources) if row["spans"] or chance.random() < NAMELESS],
    }
    shared = [
        _row(one.text, [(a, b) for a, b, label in one.spans if label == "PERSON"]) for f in gold for one in read(f)
    ]
    everything = [*ours["ja_gsd"], *ours["ja_wikipedia"], *shared]
    ours["ja_renamed"] = list(renamed(everything, "ja", SEED))
    ours["ja_lines"] = list(lines("ja", 25, SEED))
    for name, rows in ours.items():
        write(out / f"{name}.jsonl", rows)
    return [*(out / f"{name}.jsonl" for name in ours), *gold]


def main() -> None:
    sources, folder, out = map(Path, sys.argv[1:4])
    files = collect(sources, [folder / f"{name}.jsonl" for name in GOLD_SETS], out)
    learn = [sys.executable, "-m", "training.tagger", "ja", str(out / "ja.npz"), *SETTINGS.split(), "--train"]
    subprocess.run([*learn, *map(str, files)], check=True)


if __name__ == "__main__":
    main()
