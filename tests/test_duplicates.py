"""Texts that a crawl has already: found again by the digest and by similarity, decided by the policy, and forgotten."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from crawler.arguments import all_facts
from crawler.audit.pages import pages
from crawler.document import Decision, Document, Fact, Gate, Judged, Outcome, Result, Stage, url_id
from crawler.duplicates import MOST_LINES, SIMILAR, Duplicates, bands, of_policy, similarity
from crawler.fingerprint import MODES, fingerprint, line_hashes, normal_text, runs, signature
from crawler.policy.load import load_all
from crawler.redecide import Assumptions, redecide
from crawler.shards import read
from crawler.workers import Work, gate_judge
from tests.test_crawl import crawl
from tests.test_journeys import ROOT, lines, records, scrapy

TODAY = date(2026, 11, 23)
POLICIES = load_all("jp,eu", all_facts(), today=TODAY)
JUDGE = gate_judge(Work(POLICIES, b"k" * 32))
WORDS = [f"{first}{second}" for first in "bcdfghklmnprst" for second in ("an", "ore", "ilt", "ush", "ept", "ond", "ay")]


def text_of(seed: int, words: int = 300) -> str:
    draw = random.Random(seed)
    return " ".join(draw.choice(WORDS) for _ in range(words))


def edited(text: str, edits: int, seed: int) -> str:
    """The text with so many of its words replaced by others."""
    draw, words = random.Random(seed), text.split()
    for place in draw.sample(range(len(words)), edits):
        words[place] = f"edit{draw.random()}"
    return " ".join(words)


def letters_of(seed: int, letters: int = 300) -> str:
    draw = random.Random(seed)
    return "".join(chr(0x4E00 + draw.randrange(2_000)) for _ in range(letters))


def edited_letters(text: str, edits: int, seed: int) -> str:
    draw, letters = random.Random(seed), list(text)
    for place in draw.sample(range(len(letters)), edits):
        letters[place] = chr(0x6E00 + draw.randrange(2_000))
    return "".join(letters)


def page(path: str, text: str, mode: str, results: tuple[str, str] = ("kept", "kept")) -> Judged:
    """A page of a.example as a worker hands it over, judged by jp and eu."""
    url = f"https://a.example/{path}"
    document = Document(url, text, "", "", "en", "", "", {}, {}, None, "test")
    outcomes = tuple(
        Outcome(
            policy.id,
            Result(result),
            Stage.SHARD if result in ("kept", "held") else Stage.SIGNALS,
            Decision(Gate.KEEP, {}, (), None),
            document if result in ("kept", "held") else None,
        )
        for policy, result in zip(POLICIES, results, strict=True)
    )
    return Judged(url, outcomes, (Fact("access", "open"),), fingerprint=fingerprint("a.example", text, mode=mode))


@pytest.fixture
def known(tmp_path: Path) -> Callable[[str], Duplicates]:
    return lambda mode: Duplicates(tmp_path / "frontier" / "duplicates.sqlite", mode, JUDGE.again)


def take(known: Duplicates, judged: Judged, seq: int = 0) -> dict[str, str]:
    """Record a page; policy -> stage."""
    settled = known.settle(judged)
    known.commit(settled, seq)
    return {outcome.policy: outcome.stage.value for outcome in settled.outcomes}


# ---- the texts -------------------------------------------------------------------------------------------------------

SAME = [
    ("case", "The Cat sat.", "the cat SAT."),
    ("white space", "the  cat\n\nsat.", "the cat sat."),
    ("compatibility forms", "ｔｈｅ ｃａｔ ｓａｔ.", "the cat sat."),
    ("Japanese full and half width", "ｶﾞｲﾄﾞ１２", "ガイド12"),
]


@pytest.mark.parametrize(("what", "one", "other"), SAME, ids=[row[0] for row in SAME])
def test_what_counts_as_the_same(what: str, one: str, other: str) -> None:
    """Differences that no reader sees."""
    assert fingerprint("a", one).exact == fingerprint("a", other).exact


@pytest.mark.parametrize("other", ["the cat sat", "the cats sat.", "sat the cat.", "the cat sat. the cat sat."])
def test_what_does_not(other: str) -> None:
    """Words and marks count."""
    assert fingerprint("a", "the cat sat.").exact != fingerprint("a", other).exact


def test_runs_of_scripts_without_spaces() -> None:
    """Five letters each; words elsewhere."""
    assert runs(normal_text("吾輩は猫である")) == ["吾 輩 は 猫 で", "輩 は 猫 で あ", "は 猫 で あ る"]
    assert runs("one two three four five six") == ["one two three four five", "two three four five six"]
    assert runs("only two") == ["only two"]


@pytest.mark.parametrize("letters", [False, True], ids=["words", "Chinese letters"])
def test_near_duplicates_of_a_made_set(letters: bool, known: Callable[[str], Duplicates]) -> None:
    """Texts with known edits: nearly all pairs well above 0.8 are found, nearly none well below it."""
    duplicates = known("near")
    found: dict[bool, list[bool]] = {True: [], False: []}
    for seed in range(60):
        original = letters_of(seed) if letters else text_of(seed)
        assert set(take(duplicates, page(f"original/{seed}", original, "near")).values()) == {"shard"}
        for edits in range(0, 24, 2):
            other = edited_letters(original, edits, seed) if letters else edited(original, edits, seed)
            one, two = set(runs(normal_text(original))), set(runs(normal_text(other)))
            jaccard = len(one & two) / len(one | two)
            if not 0.72 < jaccard < 0.88:
                settled = duplicates.settle(page(f"edited/{seed}/{edits}", other, "near"))
                found[jaccard > SIMILAR].append(settled.outcomes[0].stage is Stage.DUPLICATES)
    assert min(map(len, found.values())) > 100
    assert sum(found[True]) / len(found[True]) > 0.98
    assert sum(found[False]) / len(found[False]) < 0.02


def test_the_signature_estimates_similarity() -> None:
    """Within what chance allows, and 1 for the same runs in any order."""
    one = runs(text_of(1, 2_000))
    assert similarity(signature(one), signature(list(reversed(one)))) == 1.0
    half = signature(one[: len(one) // 2])
    assert abs(similarity(signature(one), half) - 0.5) < 0.15
    assert len(signature(one)) == 512
    assert len(set(bands(signature(one)))) == 21
    assert bands(b"") == ()


# ---- outcomes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "exact", "near"),
    [("keep", "shard", "shard"), ("exact", "duplicates", "shard"), ("near", "duplicates", "duplicates")],
)
def test_modes(mode: str, exact: str, near: str, known: Callable[[str], Duplicates], tmp_path: Path) -> None:
    """Each finds what it is for; keep leaves no file."""
    duplicates, text = known(mode), text_of(1)
    take(duplicates, page("1", text, mode))
    assert take(duplicates, page("2", text.upper(), mode)) == {"jp": exact, "eu": exact}
    assert take(duplicates, page("3", edited(text, 2, 1), mode)) == {"jp": near, "eu": near}
    assert take(duplicates, page("4", text_of(2), mode)) == {"jp": "shard", "eu": "shard"}
    assert (tmp_path / "frontier").exists() is (mode != "keep")


def test_an_outcome_says_what_it_repeats(known: Callable[[str], Duplicates]) -> None:
    """The rule of base decides, and a fact names policy and first page; nothing is left of the document."""
    duplicates, text = known("exact"), text_of(1)
    take(duplicates, page("1", text, "exact"))
    settled = duplicates.settle(page("2", text, "exact", ("held", "dropped")))
    (jp, eu) = settled.outcomes
    assert jp.decision.deciding is not None
    assert (jp.result, jp.stage, jp.decision.deciding.rule, jp.document) == (
        Result.DROPPED, Stage.DUPLICATES, "base.duplicate", None,
    )  # fmt: skip
    assert (eu.result, eu.stage) == (Result.DROPPED, Stage.SIGNALS)
    first = url_id("https://a.example/1")
    assert [fact for fact in settled.facts if fact.name == "duplicate"] == [Fact("duplicate", "exact", f"jp:{first}")]
    assert of_policy(settled.facts, "eu") == (Fact("access", "open"),)


def test_each_policy_has_its_own_first_page(known: Callable[[str], Duplicates]) -> None:
    """What eu refused is no first page for eu; what is held is one."""
    duplicates, text = known("exact"), text_of(1)
    take(duplicates, page("1", text, "exact", ("held", "dropped")))
    assert take(duplicates, page("2", text, "exact")) == {"jp": "duplicates", "eu": "shard"}
    assert take(duplicates, page("3", text, "exact")) == {"jp": "duplicates", "eu": "duplicates"}


def test_the_same_address_is_no_duplicate_of_itself(known: Callable[[str], Duplicates]) -> None:
    """However often it is settled and remembered."""
    duplicates, text = known("near"), text_of(1)
    for _ in range(3):
        assert take(duplicates, page("1", text, "near")) == {"jp": "shard", "eu": "shard"}
    assert take(duplicates, page("2", text, "near")) == {"jp": "duplicates", "eu": "duplicates"}


def test_a_policy_may_keep_duplicates(tmp_path: Path) -> None:
    """A profile of the user's that replaces the rule; the rule is recorded, and the document stays."""
    (tmp_path / "own.yaml").write_text(
        "profile: own\ntitle: Own\nsummary: x\nextends: jp\nrules:\n"
        "  - {id: own.twice, when: {duplicate: [exact, near]}, effect: keep, replaces: [base.duplicate], status: ours,"
        " says: Twice is fine.}\n"
    )
    policies = load_all(f"{tmp_path / 'own.yaml'}", all_facts(), today=TODAY)
    duplicates = Duplicates(tmp_path / "d.sqlite", "exact", gate_judge(Work(policies, b"k" * 32)).again)
    one = page("1", text_of(1), "exact")
    own = replace(one, outcomes=(replace(one.outcomes[0], policy="own"),))
    take(duplicates, own)
    (outcome,) = duplicates.settle(replace(own, url="https://a.example/2")).outcomes
    assert (outcome.result, outcome.stage) == (Result.KEPT, Stage.SHARD)
    assert outcome.document is not None
    assert "own.twice" in {fired.rule for fired in outcome.decision.fired}


# ---- what is remembered ----------------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from pathlib import Path
from crawler.duplicates import Duplicates
from tests.test_duplicates import JUDGE, page, take, text_of
duplicates = Duplicates(Path(sys.argv[1]), "near", JUDGE.again)
for number in range(20):
    take(duplicates, page(f"{number}", text_of(number), "near"), seq=2 * number)
print("ready", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_run_loses_nothing_and_forgets_what_the_ledger_lost(tmp_path: Path) -> None:
    """After kill -9 every page is known; those whose lines were cut off are not."""
    path = tmp_path / "frontier" / "duplicates.sqlite"
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "ready\n"), done.stderr
    duplicates = Duplicates(path, "near", JUDGE.again)
    duplicates.sync()
    duplicates.cut(30)  # lines 0 to 29 are there: the pages 0 to 14
    stages = [duplicates.settle(page(f"again/{n}", text_of(n), "near")).outcomes[0].stage.value for n in range(20)]
    assert stages == ["duplicates"] * 15 + ["shard"] * 5
    duplicates.close(remove=True)
    duplicates.close()
    assert os.listdir(path.parent) == []


def test_boilerplate_lines_are_counted_by_site(known: Callable[[str], Duplicates]) -> None:
    """Lines of other pages of the same site, each once; the text is left as it is."""
    duplicates = known("keep")

    def count(path: str, text: str, site: str = "a.example") -> int:
        judged = replace(page(path, text, "keep"), fingerprint=fingerprint(site, text, mode="keep"))
        settled = duplicates.settle(judged)
        duplicates.commit(settled, 0)
        document = settled.outcomes[0].document
        assert document is not None
        assert document.text == text
        return document.boilerplate_lines

    assert count("1", "Home\nAbout  us\nOne") == 0
    assert count("2", "Home\n\nAbout us\nTwo\nHome") == 2
    assert count("3", "Home\nAbout us\nOne", site="b.example") == 0
    assert count("4", "Three") == 0
    assert len(set(line_hashes("a", "x\ny\nx\n"))) == 2


def test_memory_for_lines_is_bounded(known: Callable[[str], Duplicates]) -> None:
    """The oldest are forgotten."""
    duplicates = known("keep")
    many = MOST_LINES // 1_000 + 5
    for number in range(many):
        text = "\n".join(f"{number} {line}" for line in range(1_000))
        duplicates.commit(page(str(number), text, "keep"), 0)
    assert len(duplicates._lines) == MOST_LINES


# ---- a whole crawl ---------------------------------------------------------------------------------------------------

ARTICLE = "".join(f"<p>{text_of(seed, 60)}.</p>" for seed in range(5))
PAGES = {
    "/1": ARTICLE,
    "/2": ARTICLE.upper().replace("<P>", "<p>").replace("</P>", "</p>"),
    "/3": ARTICLE.replace(" bore ", " snore ", 2),
    "/4": "".join(f"<p>{text_of(seed, 60)}.</p>" for seed in range(20, 25)),
}


@pytest.fixture
def site(httpserver: HTTPServer) -> HTTPServer:
    def answer(request: Request) -> Response:
        body = f"<html><body><main>{PAGES[request.path]}</main></body></html>"
        return Response(body, content_type="text/html")

    httpserver.expect_request(re.compile(r"/\d")).respond_with_handler(answer)
    httpserver.expect_request(re.compile(r"/[^\d]+")).respond_with_data("", status=404)
    return httpserver


def test_a_crawl_without_duplicates(site: HTTPServer, tmp_path: Path) -> None:
    """Every address has its line, the folder verifies, stored facts give the same answer, and a release is made."""
    seeds = ",".join(site.url_for(path) for path in PAGES)
    out = tmp_path / "out"
    arguments = ("-a", f"seeds={seeds}", "-a", "duplicates=near", "-s", "CONCURRENT_REQUESTS=1")
    process = crawl(out, "-a", "policy=jp,us,jp+quality", *arguments)
    assert process.returncode == 0, process.stderr
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for line in lines(out):
        found.setdefault(line["policy"], {})["/" + line["url"].rsplit("/", 1)[1]] = line["result"], line["stage"]
    for policy in ("jp", "us", "jp+quality"):
        results = sorted(found[policy].values())
        assert len(results) == 4
        assert [stage for _, stage in results] == ["duplicates", "duplicates", "shard", "shard"]
        assert len(records(out, policy)) == 2
    dropped = [line for line in lines(out) if line["stage"] == "duplicates"]
    names = {url_id(site.url_for(path)) for path in PAGES}
    for line in dropped:
        said = re.fullmatch(rf"duplicate=(exact|near) \({re.escape(line['policy'])}:([0-9a-f]{{64}})\)", line["note"])
        assert said, line["note"]
        assert said[2] in names - {line["url_sha256"]}
        assert (line["rule"], line["shard"]) == ("base.duplicate", "")
    assert json.loads((out / "run.json").read_text())["duplicates"] == "near"
    assert not list(out.rglob("*.sqlite*"))
    assert scrapy("audit", "verify", str(out)).returncode == 0
    _check_redecided(out, found)
    process = scrapy("release", str(out), "-a", "policy=us", "-a", f"out={tmp_path / 'release'}")
    assert process.returncode == 0, process.stderr + process.stdout
    assert sum(1 for path in (tmp_path / "release").glob("[0-9]*") for _ in read(path)) == 2


def _check_redecided(out: Path, found: dict[str, dict[str, tuple[str, str]]]) -> None:
    """Stored facts: the same under the same policies; another policy does not take over their duplicates."""
    policies = load_all("jp,us,jp+quality,eu", all_facts(), today=TODAY)
    for stored in pages(out):
        path = "/" + stored.url.rsplit("/", 1)[1]
        answers = redecide(stored, policies, Assumptions())
        for policy in ("jp", "us", "jp+quality"):
            assert (answers[policy].result, answers[policy].stage.value) == found[policy][path]
        assert (answers["eu"].result, answers["eu"].stage) == ("held", Stage.SHARD)  # names were not looked for


WITHOUT_RENSA = """
import sys
from datetime import date
sys.modules["rensa"] = None
from crawler.arguments import ArgumentError, judging
for mode in ("exact", "near"):
    given = {"policy": "jp", "out": "out", "duplicates": mode}
    try:
        print(mode, judging(given, today=date(2026, 11, 23), fetched_by="us").duplicates)
    except ArgumentError as error:
        print(error)
"""


def test_an_extra_that_is_not_installed_is_named() -> None:
    """Before anything starts; exact needs none."""
    done = subprocess.run([sys.executable, "-c", WITHOUT_RENSA], cwd=ROOT, capture_output=True, text=True, check=True)
    exact, near = done.stdout.splitlines()
    assert exact == "exact exact"
    assert near.startswith("-a duplicates=near: near duplicates need rensa, which is not installed; run pip install")
    assert "usufruct[dedup]" in near


def test_the_argument_is_checked() -> None:
    """Before anything starts."""
    process = crawl(Path("out"), "-a", "seeds=http://127.0.0.1:9/", "-a", "policy=jp", "-a", "duplicates=fuzzy")
    assert process.returncode != 0
    assert f"allowed are {', '.join(MODES)}" in process.stderr
