"""French corpora as gold files.

    python -m training.fr FOLDER OUT

FOLDER holds the repositories, see `training.gold`. Licenses as their repository states them, read on 2026-11-23:
NewsEye and AjMC CC-BY 4.0 (hipe-eval/HIPE-2022-data); UD French GSD CC-BY-SA 4.0, whose proper nouns are told apart
here by given names and towns, and whose sentences with one that cannot be told are left out. AjMC (commentaries on
Sophocles) is for measuring only. The output of fr_core_news_md is no source: its license
(LGPL-LR) is not ours to pass on.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from training.gold import Source, Tagged, hipe, row, write
from training.invented import Inventor

_HIPE = "147f5bc3c7fb7e5c6b024a9ffd6503cd019fb9ea"
NEWSEYE = [
    Source("hipe-eval/HIPE-2022-data", _HIPE, f"data/v2.1/newseye/fr/HIPE-2022-v2.1-newseye-{part}-fr.tsv")
    for part in ("dev", "dev2", "test")
]
AJMC = [
    Source("hipe-eval/HIPE-2022-data", _HIPE, f"data/v2.1/ajmc/fr/HIPE-2022-v2.1-ajmc-{part}-fr.tsv")
    for part in ("train", "dev", "test")
]
_GSD = "830e2782304af08b3cc1c9250475343e04274d81"
GSD = [Source("UniversalDependencies/UD_French-GSD", _GSD, f"fr_gsd-ud-{part}.conllu") for part in ("dev", "test")]
LABELS = {"PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION"}


def words(text: str) -> Iterator[list[tuple[str, str, bool]]]:
    """The sentences of a CoNLL-U file: forms as printed ("du" is one), classes of word, whether a space follows."""
    sentence: list[tuple[str, str, bool]] = []
    until = 0
    for line in [*text.splitlines(), ""]:
        fields = line.split("\t")
        if not line.strip() and sentence:
            yield sentence
            sentence, until = [], 0
        if len(fields) < 10 or "." in fields[0]:
            continue
        first, _, last = fields[0].partition("-")
        if not last and int(first) <= until:
            continue
        until = int(last or 0) or until
        sentence.append((fields[1], fields[3], "SpaceAfter=No" not in fields[9]))


def told_apart(sentence: list[tuple[str, str, bool]], given: set[str], towns: set[str]) -> Tagged | None:
    """The sentence with its persons marked; None if a proper noun may be one or not."""
    marked: Tagged = []
    kind = before = ""
    for at, (form, part, space) in enumerate(sentence):
        goes_on = part == "PROPN" and bool(marked) and before == "PROPN"
        if part != "PROPN":
            kind = ""
        elif not goes_on:
            full = at + 1 < len(sentence) and sentence[at + 1][1] == "PROPN"
            place = form in towns or (at > 0 and sentence[at - 1][0] in ("à", "en", "au", "aux"))
            kind = "O" if place else "B-PER" if form in given and full else ""
            if not kind:
                return None
        mark = "O" if part != "PROPN" or kind == "O" else "I-PER" if goes_on else "B-PER"
        marked.append((form, mark, space))
        before = part
    return marked


def main() -> None:
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    inventor = Inventor("fr", 7)
    given = {name for pools in (inventor.home, inventor.abroad) for names, _ in pools for name in names}
    towns = {*inventor.cities[0], *inventor.cities[1], *inventor.countries}
    told = (told_apart(one, given - towns, towns) for source in GSD for one in words(source.read(folder)))
    write(out / "fr_gsd.jsonl", (row(one, LABELS, "fr", "gsd") for one in told if one))
    for name, sources in (("newseye", NEWSEYE), ("ajmc", AJMC)):
        passages = (one for source in sources for one in hipe(source.read(folder)))
        write(out / f"fr_{name}.jsonl", (row(one, LABELS, "fr", name) for one in passages))


if __name__ == "__main__":
    main()
