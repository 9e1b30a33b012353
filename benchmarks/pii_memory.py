"""What a worker takes to look for personal data: memory, and the time until it is ready, for each choice of engines.

    python -m benchmarks.pii_memory [--texts 2000]

Each row is a new worker process, started as the crawl starts its own (forkserver). Columns: seconds from asking for
the worker until it answers; MiB resident when it is ready, after one text in each of its languages, after half of the
texts, after all, and at most. Texts are made up, about 2 KB each and no line twice, so that nothing that is remembered
is of use. A worker that keeps growing grows between the last two. Linux only: memory is read from /proc.
"""

from __future__ import annotations

import argparse
import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

from crawler.arguments import all_facts
from crawler.judge import Judge
from crawler.pii.engines import resolve
from crawler.policy.load import load_all
from crawler.workers import Work, page_judge

IN = {
    "de": ("Gestern sprach {name} in Köln über {word}.", "Frau {name}, {word} 12, 50667 Köln, Tel. {number}"),
    "en": ("Yesterday {name} spoke about the {word} in Leeds.", "Contact: {name}, {word}@example.com, {number}"),
    "es": ("Ayer {name} habló de {word} en Sevilla.", "Don {name}, calle {word} 12, tel. {number}"),
    "fr": ("Hier {name} a parlé de {word} à Lyon.", "Mme {name}, 12 rue {word}, tél. {number}"),
    "ja": ("昨日、{sign}さんは京都で{sign}について話した。", "担当：{sign}、電話{number}"),
    "ko": ("어제 {sign} 씨는 부산에서 {sign} 이야기를 했다.", "담당자 {sign}, 전화 {number}"),
    "zh": ("昨天{sign}在上海谈到{sign}。", "联系人：{sign}，电话{number}"),
}
SIGNS = {"ja": (0x4E00, 0x9FA0), "ko": (0xAC00, 0xD7A4), "zh": (0x4E00, 0x9FA0)}
LINES = 40
_judge: Judge | None = None  # the worker's own


def text(language: str, chance: random.Random) -> str:
    """A text of lines that were never seen before."""
    return "\n".join(_line(language, chance) for _ in range(LINES))


def _line(language: str, chance: random.Random) -> str:
    word, other, first, last = ("".join(chance.choices("abcdefghilmnoprstu", k=chance.randrange(4, 9))) for _ in "1234")
    sign = "".join(chr(chance.randrange(*SIGNS.get(language, (65, 90)))) for _ in range(3))
    name = f"{first.title()} {last.title()}"
    number = f"0{chance.randrange(10**8, 10**9)}"
    return f"{chance.choice(IN[language])} {other}".format(name=name, word=word, sign=sign, number=number)


def mib(field: str = "VmRSS") -> float:
    """What the kernel says of this process: "VmRSS" resident now, "VmHWM" at most."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def start(work: Work) -> None:
    """Build what a worker of a crawl builds."""
    global _judge
    _judge = page_judge(work)


def ready() -> float:
    """The memory of a worker that has read nothing."""
    return mib()


def read(languages: Sequence[str], count: int, seed: int) -> float:
    """The memory after so many texts more, in each language by turns."""
    assert _judge is not None
    chance = random.Random(seed)
    for at in range(count):
        language = languages[at % len(languages)]
        _judge.find_pii(text(language, chance), language)
    return mib()


def measured(engines: Mapping[str, str], languages: Sequence[str], texts: int) -> Iterator[float]:
    """One row, see above."""
    work = Work(load_all("eu", all_facts(), today=date(2026, 1, 1)), bytes(32), engines)
    began = perf_counter()
    with ProcessPoolExecutor(1, get_context("forkserver"), start, (work,)) as pool:
        resident = pool.submit(ready).result()
        yield perf_counter() - began
        yield resident
        for count, seed in ((len(languages), 1), (texts // 2, 2), (texts - texts // 2, 3)):
            yield pool.submit(read, languages, count, seed).result()
        yield pool.submit(mib, "VmHWM").result()


def rows() -> Iterator[tuple[str, Mapping[str, str], Sequence[str]]]:
    """No engine, each alone, all."""
    engines = resolve("default", {})
    yield "identifiers", {}, sorted(IN)
    for language in sorted(engines):
        yield f"{language} {engines[language]}", {language: engines[language]}, [language]
    yield "all", engines, sorted(engines)


def main() -> None:
    """Print a row a worker."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=2_000)
    arguments = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # inherited by the workers, as in a crawl
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    show: Callable[..., str] = "{:<14}{:>9}{:>8}{:>8}{:>8}{:>8}{:>8}".format
    print(show("worker", "ready, s", "ready", "first", "half", "all", "most"))
    for name, engines, languages in rows():
        figures = list(measured(engines, languages, arguments.texts))
        print(show(name, f"{figures[0]:.2f}", *(f"{figure:.0f}" for figure in figures[1:])), flush=True)


if __name__ == "__main__":
    main()
