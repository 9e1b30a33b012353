"""Collect what the Korean tagger learns from, all of it CC-BY-SA, and train it.

    python -m training.ko SOURCES GOLD OUT

SOURCES has the repositories of README.md; GOLD is the folder of gold sets (../shared/data/pii). Lines of JSON and
ko.npz go to OUT.

The labeled training half of KLUE is too large for the stores that we know; its sentences are published once more
without labels, and how often each form was labeled as what is published by itself. Both together give the labels
back: most forms are labeled wherever they stand, and of the others ("이" is a surname 276 times) a tagger that has
learned from the gold set says which ones are the most likely. Only the counts of the training half are read.
"""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from crawler.pii import tokens
from crawler.pii.measure import Labeled, read
from crawler.pii.tagger import BOUNDARY, OUTSIDE, Tagger
from crawler.pii.tokens import Token
from training.names_ja_ko import Row, lines, renamed
from training.sources import show, write

SEED = 7
Place = tuple[int, int, int]  # sentence, first and last word
SENTENCES = "korean-named-entity/konne-prep", "raw-sent/train-raw-sent.tsv"
COUNTS = "korean-named-entity/konec", "docs/stat/ne_form_label_freq.tsv"
GOLD_SETS = ("ko_klue_ner_dev",)
PERSONS = ("PS_NAME", "PS_CHARACTER")
FIRST_SETTINGS = "--buckets 32768 --width 48 --hidden 64 --batch 1000 --epochs 4 --seed 7"
SETTINGS = "--buckets 32768 --width 48 --hidden 64 --batch 3000 --epochs 5 --threshold 0.4 --seed 7"
Score = Callable[[Sequence[Sequence[Token]]], list[list[float]]]  # words of sentences -> how likely each is in a name


def sentences(sources: Path) -> list[str]:
    """The sentences of KLUE's training half, as konne-prep mended them. CC-BY-SA-4.0."""
    lines = show(sources, *SENTENCES).decode().splitlines()
    return [line.split("\t", 1)[1] for line in lines]


def counts(sources: Path) -> dict[str, dict[str, int]]:
    """Form -> label -> how often in the training half, by konec. CC-BY-SA-4.0."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for line in show(sources, *COUNTS).decode().splitlines()[1:]:
        form, label, _, _, in_training, *_ = line.split("\t")
        if int(in_training):
            found[form][label] = int(in_training)
    return found


def relabeled(texts: Sequence[str], known: Mapping[str, Mapping[str, int]], score: Score) -> Iterator[Row]:
    """The sentences with their persons; of the places of a form the likeliest, as many as were counted."""
    words = [*map(tokens.load("ko"), texts)]
    places = _places(texts, words, known)
    likely = score(words)
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for form, all_of_it in places.items():
        wanted = sum(known[form].get(label, 0) for label in PERSONS)
        ranked = sorted(all_of_it, key=lambda place: -likely[place[0]][place[1]])
        for sentence, first, last in ranked[:wanted]:
            spans[sentence].append((words[sentence][first][0], words[sentence][last][1]))
    for at, text in enumerate(texts):
        persons = [{"start": start, "end": end, "label": "PERSON"} for start, end in sorted(spans[at])]
        yield {"text": text, "spans": persons, "lang": "ko"}


def _places(
    texts: Sequence[str], words: Sequence[Sequence[Token]], known: Mapping[str, Mapping[str, int]]
) -> dict[str, list[Place]]:
    """Where each form stands as whole words, the longest form first."""
    found: dict[str, list[Place]] = defaultdict(list)
    longest = max(map(len, known))
    for number, (text, said) in enumerate(zip(texts, words, strict=True)):
        at = 0
        while at < len(said):
            start, last = said[at][0], -1
            for then in range(at, len(said)):
                if said[then][1] - start > longest:
                    break
                if text[start : said[then][1]] in known:
                    last = then
            if last >= at:
                found[text[start : said[last][1]]].append((number, at, last))
            at = max(last, at) + 1
    return found


def taught(files: Sequence[Path], out: Path) -> Score:
    """A tagger that has learned from gold files, to label with."""
    learn(files, out, FIRST_SETTINGS)
    tagger = Tagger(out, tokens.load("ko"))

    def score(words: Sequence[Sequence[Token]]) -> list[list[float]]:
        return [(1 - tagger.probabilities([said])[BOUNDARY:-BOUNDARY, OUTSIDE]).tolist() for said in words]

    return score


def learn(files: Sequence[Path], out: Path, settings: str) -> None:
    command = [sys.executable, "-m", "training.tagger", "ko", str(out), *settings.split(), "--train"]
    subprocess.run([*command, *map(str, files)], check=True)


def collect(sources: Path, gold: Sequence[Path], out: Path) -> list[Path]:
    """Write what there is to learn, but for the gold files themselves; all files."""
    texts, known = sentences(sources), counts(sources)
    labeled, files = out / "ko_konec.jsonl", [*gold]
    for _ in range(2):  # the second time with what the first one labeled
        rows = list(relabeled(texts, known, taught(files, out / "ko_first.npz")))
        write(labeled, rows)
        files = [*gold, labeled]
    shared = [{"text": one.text, "spans": _persons(one.spans), "lang": "ko"} for path in gold for one in read(path)]
    write(out / "ko_renamed.jsonl", renamed([*rows, *shared], "ko", SEED))
    write(out / "ko_lines.jsonl", lines("ko", 25, SEED))
    return [*files, out / "ko_renamed.jsonl", out / "ko_lines.jsonl"]


def _persons(spans: Sequence[Labeled]) -> list[Row]:
    return [{"start": start, "end": end, "label": label} for start, end, label in spans if label == "PERSON"]


def main() -> None:
    sources, folder, out = map(Path, sys.argv[1:4])
    files = collect(sources, [folder / f"{name}.jsonl" for name in GOLD_SETS], out)
    learn(files, out / "ko.npz", SETTINGS)


if __name__ == "__main__":
    main()
