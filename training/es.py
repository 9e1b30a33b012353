"""Spanish corpora as gold files.

    python -m training.es FOLDER OUT

FOLDER holds the repositories, see `training.gold`. Licenses as their repositories state them, read on 2026-11-23:
AnCora CC-BY 4.0 (its part-of-speech tags tell persons' names; an older commit, whose files are small enough to be had,
under the license that was stated for the whole corpus later; of its older part CESS-ESP, in nltk/nltk_data, the
sentences that are not there already); MEDDOCAN CC-BY 4.0 (clinical cases with invented
patients); European Court of Human Rights, 44 cases in Spanish, MIT.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from training.gold import Row, Source, Tagged, brat, columns, read_rows, row, spaced, thinned, write

_ANCORA = "642d3bc39e95aa2bec6bd799e53a604f46cc77be"
ANCORA = [
    Source("UniversalDependencies/UD_Spanish-AnCora", _ANCORA, f"es_ancora-ud-{part}.conllu")
    for part in ("dev", "test")
]
MEDDOCAN = [
    Source("PlanTL-GOB-ES/SPACCC_MEDDOCAN", "783a6df385c975b328c99bcffb54196a9ba4078a", f"corpus/{part}/brat/")
    for part in ("train", "dev", "test")
]
COURT = [
    Source(
        "anonym-user-CALD-pseudo/Automatic-pseudonymization-of-case-reports-from-the-ECHR",
        "1c9c6f88f926d45ed9ad942ee796d2b3da6150b1",
        f"ES-manual-{part}.tsv",
    )
    for part in ("train", "dev", "test")
]
CESS = Source("nltk/nltk_data", "5db857e6f7df11eabb5e5665836db9ec8df07e28", "packages/corpora/cess_esp.zip")
LABELS = {"PER": "PERSON", "PERSON": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION"}
_CLASSES = {"p": "PER", "l": "LOC", "o": "ORG"}
_PUNCTUATION = {"-Fpa-": "(", "-Fpt-": ")"}
_MEDDOCAN = {"NOMBRE_SUJETO_ASISTENCIA": "PERSON", "NOMBRE_PERSONAL_SANITARIO": "PERSON"}


def ancora(text: str) -> Iterator[Tagged]:
    """The sentences of a CoNLL-U file whose tags say the class of a name: np0000p, np0000l, np0000o.

    A name of several words has its class at its first word, and its whole form as MWE=Juan_Carlos. A sentence with a
    name of no class (np00000) is left out.
    """
    words: Tagged = []
    left, label, until, has_unknown = 0, "", 0, False
    for line in [*text.splitlines(), ""]:
        fields = line.split("\t")
        if not line.strip() and words:
            if not has_unknown:
                yield words
            words, until, has_unknown = [], 0, False
        if len(fields) < 10 or "." in fields[0]:
            continue
        is_contraction = "-" in fields[0]  # "del", followed by lines for "de" and "el"
        if not is_contraction and int(fields[0]) <= until:
            continue
        until = int(fields[0].partition("-")[2]) if is_contraction else until
        form, tag, misc = fields[1], fields[4], fields[9]
        has_unknown |= tag == "np00000"
        mark = "O"
        if left:
            mark, left = f"I-{label}", left - 1
        elif tag.startswith("np0000") and tag[-1] in _CLASSES:
            label = _CLASSES[tag[-1]]
            whole = next((one[4:] for one in misc.split("|") if one.startswith("MWE=")), form)
            mark, left = f"B-{label}", whole.count("_")
        words.append((form, mark, "SpaceAfter=No" not in misc))


def cess(folder: Path) -> Iterator[Tagged]:
    """The sentences of the CESS-ESP treebank: one leaf a line, (np0000p Juan_Carlos Juan_Carlos)."""
    command = ["git", f"--git-dir={folder / CESS.repository.replace('/', '+') / 'repo'}"]
    command += ["show", f"{CESS.commit}:{CESS.path}"]
    with ZipFile(BytesIO(subprocess.run(command, check=True, capture_output=True).stdout)) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".tbf"))
        trees = "\n".join(archive.read(name).decode("latin-1") for name in names)
    for tree in re.split(r"^\($", trees, flags=re.MULTILINE):
        forms: list[str] = []
        marks: list[str] = []
        for tag, whole in re.findall(r"\(([^\s()]+) ([^\s()]+) [^\s()]+\)", tree):
            label = _CLASSES.get(tag[-1], "") if tag.startswith("np0000") else ""
            parts = [_PUNCTUATION.get(part, part) for part in whole.split("_") if part]
            forms += parts
            marks += [f"{'I' if at else 'B'}-{label}" if label else "O" for at in range(len(parts))]
        if forms and "(np00000" not in tree:
            kept = [(form, mark) for form, mark in zip(forms, marks, strict=True) if not form.startswith("*")]
            after = spaced([form for form, _ in kept])
            yield [(form, mark, space) for (form, mark), space in zip(kept, after, strict=True)]


def meddocan(folder: Path, source: Source) -> Iterator[Row]:
    """The lines of the clinical cases."""
    for path in source.names(folder):
        if path.endswith(".txt"):
            text, marks = (
                Source(source.repository, source.commit, path[:-4] + end).read(folder) for end in (".txt", ".ann")
            )
            yield from brat(text, marks, _MEDDOCAN, "es", "meddocan")


def main() -> None:
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    sentences = (one for source in ANCORA for one in ancora(source.read(folder)))
    write(out / "es_ancora.jsonl", (row(one, LABELS, "es", "ancora") for one in sentences))
    ours = {one["text"].replace(" ", "") for one in read_rows(out / "es_ancora.jsonl")}
    news = (row(one, LABELS, "es", "cess") for one in cess(folder))
    write(out / "es_cess.jsonl", (one for one in news if one["text"].replace(" ", "") not in ours))
    cases = (one for source in MEDDOCAN for one in meddocan(folder, source))
    write(out / "es_meddocan.jsonl", thinned(cases, 1_500, 2_500))
    sentences = (one for source in COURT for one in columns(source.read(folder), 0, 1, " "))
    write(out / "es_court.jsonl", (row(one, LABELS, "es", "court") for one in sentences))


if __name__ == "__main__":
    main()
