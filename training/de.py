"""German corpora as gold files.

    python -m training.de FOLDER OUT

FOLDER holds the repositories, see `training.gold`. Licenses as their repositories state them, read on 2026-11-23:
GermEval 2014 (NoSta-D) CC-BY 4.0 (webanno/webanno, use case gallery); Legal Entity Recognition CC-BY 4.0; NewsEye and
SoNAR CC-BY 4.0 (hipe-eval/HIPE-2022-data). For measuring only: SmartData CC-BY 4.0, but its annotations carry the note
"Research use only"; UNER German PUD CC-BY-SA 3.0.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from training.gold import Row, Source, columns, hipe, row, thinned, write

GERMEVAL = [
    Source("davidsbatista/NER-datasets", "db7ff3ca4ba1df39907f8bdc036a556fed5ecde7", f"GermEval2014/NER-de-{part}.tsv")
    for part in ("dev", "test")
]
LEGAL = [
    Source(
        "elenanereiss/Legal-Entity-Recognition", "f9c2b950898c56fdc328e553d5537c7611a0ffb1", f"data/ler_{part}.conll"
    )
    for part in ("dev", "test")
]
_HIPE = "147f5bc3c7fb7e5c6b024a9ffd6503cd019fb9ea"
NEWSEYE = [
    Source("hipe-eval/HIPE-2022-data", _HIPE, f"data/v2.1/newseye/de/HIPE-2022-v2.1-newseye-{part}-de.tsv")
    for part in ("dev", "dev2", "test")
]
SONAR = [
    Source("hipe-eval/HIPE-2022-data", _HIPE, f"data/v2.1/sonar/de/HIPE-2022-v2.1-sonar-{part}-de.tsv")
    for part in ("dev", "test")
]
PUD = Source("UniversalNER/UNER_German-PUD", "47eb039b6d80079b280ba70efe4136413fb7af9c", "de_pud-ud-test.iob2")
SMARTDATA = Source("DFKI-NLP/smartdata-corpus", "796c8b8f5d76fcdeb7f2458c4f8df5711e2115af", "v1_20180119/")

LABELS = {"PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION", "RR": "PERSON", "AN": "PERSON"}


def smartdata(folder: Path, part: str) -> Iterator[Row]:
    """The documents of the SmartData corpus, one line of text each."""
    bare = folder / SMARTDATA.repository.replace("/", "+") / "repo"
    command = ["git", f"--git-dir={bare}", "show", f"{SMARTDATA.commit}:{SMARTDATA.path}{part}.json.gz"]
    text = gzip.decompress(subprocess.run(command, check=True, capture_output=True).stdout).decode()
    decoder, place = json.JSONDecoder(), 0
    while place < len(text.rstrip()):
        document, place = decoder.raw_decode(text, place)
        while place < len(text) and text[place].isspace():
            place += 1
        body = document["text"]["string"]
        spans = [
            {"start": one["span"]["start"], "end": one["span"]["end"], "label": "PERSON"}
            for one in document["conceptMentions"]["array"]
            if one["type"].upper() == "PERSON"
        ]
        yield {"text": body, "spans": spans, "lang": "de", "source": "smartdata"}


def main() -> None:
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    for name, sources in (("germeval", GERMEVAL), ("legal", LEGAL)):
        fields = (1, 2, "\t") if name == "germeval" else (0, 1, " ")
        sentences = (one for source in sources for one in columns(source.read(folder), *fields))
        rows = (row(one, LABELS, "de", name) for one in sentences)
        write(out / f"de_{name}.jsonl", thinned(rows, 1_000, 2_000) if name == "legal" else rows)
    for name, sources in (("newseye", NEWSEYE), ("sonar", SONAR)):
        passages = (one for source in sources for one in hipe(source.read(folder)))
        write(out / f"de_{name}.jsonl", (row(one, LABELS, "de", name) for one in passages))
    pud = columns(PUD.read(folder), 1, 2)
    write(out / "de_pud.jsonl", (row(one, LABELS, "de", "pud") for one in pud))
    write(out / "de_smartdata.jsonl", (one for part in ("train", "test") for one in smartdata(folder, part)))


if __name__ == "__main__":
    main()
