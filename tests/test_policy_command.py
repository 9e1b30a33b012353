"""`scrapy policy`: whether explanations, differences and matrices say what the judge would decide, and say it well."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from ruamel.yaml import YAML

from crawler import views
from crawler.arguments import all_facts
from crawler.audit.crawl_folder import open_crawl
from crawler.audit.facts import FactsWriter
from crawler.audit.find import wanted
from crawler.audit.ledger import Ledger
from crawler.audit.line import line_of
from crawler.audit.pages import StoredPage, name_of, page, pages
from crawler.audit.read_facts import FactsError
from crawler.audit.signing import SigningKey
from crawler.comparing import compare
from crawler.document import Evidence, Fact, Fetched, FetchError, Judged, Span, url_id
from crawler.explaining import explain, select
from crawler.judge import Judge
from crawler.policy.load import load, load_all, names
from crawler.policy.policy import Policy
from crawler.redecide import UNKNOWN, Assumptions, redecide
from crawler.under_policies import Row, Tally, UnderPolicies
from crawler.views import crawls, explanations
from tests import warm

ROOT = Path(__file__).parent.parent
TABLES = Path(__file__).parent / "policy_command"
HERE, THERE = str(TABLES / "here.yaml"), str(TABLES / "there.yaml")
TODAY = date(2026, 11, 22)
URL = "https://news.example/article"
NOBODY = Assumptions(today=TODAY)


def _policy(spec: str, **more: Any) -> Policy:
    return load(spec, all_facts(), today=TODAY, **more)


def _page(facts: Sequence[Fact], *, looked_for: bool = True, url: str = URL) -> StoredPage:
    return StoredPage(url_id(url), url, tuple(facts), looked_for)


# ---- explain ---------------------------------------------------------------------------------------------------------

_ROWS = YAML(typ="safe", pure=True).load((TABLES / "explain.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in _ROWS])
def test_an_explanation_says_what_fired_what_nearly_did_and_what_would_change_it(row: dict[str, Any]) -> None:
    """tests/policy_command/explain.yaml."""
    places = {"tdm-reservation": "header:tdm-reservation", "license.link": "link:license"}
    facts = [Fact(name, value, places.get(name, "")) for name, value in row["stated"].items()]
    (selected,) = select(str(TABLES / f"{row['policy']}.yaml"), all_facts(), TODAY)
    found = explain(_page(facts), selected, NOBODY, TODAY)
    assert found.outcome.result == row["result"]
    assert found.outcome.rule == row["rule"]
    assert sorted(one.rule.id for one in found.fired) == row["fired"]
    assert found.fired[0].rule.id == row["rule"]
    assert [rule.id for rule in found.bills] == row.get("bills", [])
    nearly = [explanations.near_words(near) for near in found.nearly if not near.rule.id.startswith("base.")]
    assert nearly == row["nearly"]
    assert [explanations.change_words(change, found.outcome) for change in found.changes] == row["changes"]


def test_an_explanation_of_one_policy_fits_on_a_screen() -> None:
    """At most 40 lines of 100 columns, for every shipped profile."""
    stated = [
        Fact("run.commercial", "yes"),
        Fact("access", "open"),
        Fact("tdm-reservation", "1", "header:tdm", "x" * 200),
    ]
    stated += [Fact(f"pii.{kind}", True, "text") for kind in ("contact", "person_name", "gov_id", "any")]
    for selected in select("jp,us,eu,cn,uk,strictest", all_facts(), TODAY):
        found = explain(_page(stated), selected, NOBODY, TODAY)
        lines = list(explanations.explanation_lines(URL, found.outcome.facts, [found]))
        assert len(lines) <= 40, selected.policy.id
        assert max(map(len, lines)) <= views.WIDTH


def test_policies_stand_side_by_side() -> None:
    """One line names both, one both results."""
    stated = [Fact("access", "open"), Fact("tdm-reservation", "1", "header:tdm-reservation")]
    found = [explain(_page(stated), each, NOBODY, TODAY) for each in select(f"{HERE},{THERE}", all_facts(), TODAY)]
    lines = list(explanations.explanation_lines(URL, found[0].outcome.facts, found))
    assert any(line.split() == ["here", "there"] for line in lines)
    assert any(line.startswith("result") and "held" in line and "dropped" in line for line in lines)


def test_identifiers_are_masked() -> None:
    """In the address and in quotes, on the screen and in JSON."""
    stated = [Fact("access", "open"), Fact("tdm-reservation", "1", "header:tdm", "by jane.doe@example.org")]
    (selected,) = select(HERE, all_facts(), TODAY)
    url = "https://news.example/?email=jane.doe@example.org"
    found = explain(_page(stated, url=url), selected, NOBODY, TODAY)
    told = "\n".join(explanations.explanation_lines(url, found.outcome.facts, [found]))
    told += json.dumps(explanations.explanation_values(url, found.outcome.facts, [found]))
    assert "jane" not in told
    assert "[EMAIL_ADDRESS]" in told


# ---- deciding again --------------------------------------------------------------------------------------------------


def _find_pii(text: str, language: str) -> tuple[Span, ...]:
    at = text.find("jane@example.org")
    return (Span(at, at + 16, "EMAIL_ADDRESS", "contact", 1.0, "format"),) if at >= 0 else ()


def _evidence() -> Iterator[Evidence]:
    """Pages that leave the journey at every stage."""
    article = "<p>" + "The tide comes and goes twice a day, and tables tell when. Ask jane@example.org. " * 8 + "</p>"
    reserved = (("TDM-Reservation", "1"), ("Content-Type", "text/html"))
    html = (("Content-Type", "text/html"),)
    answers = [
        (200, html, article, ""),
        (200, reserved, article, ""),
        (200, html, f'<link rel="license" href="https://creativecommons.org/licenses/by-nc/4.0/">{article}', ""),
        (200, html, "", ""),
        (200, (("Content-Type", "image/png"),), "no picture", ""),
        (404, html, "", ""),
        (503, html, "", ""),
        (200, html, article, "User-agent: *\nDisallow: /\n"),
        (200, html, article, "User-agent: GPTBot\nDisallow: /\n"),
    ]
    for number, (status, headers, body, robots) in enumerate(answers):
        url = f"https://s{number}.example/page"
        site = {"/robots.txt": Fetched("", 200 if robots else 404, (), robots.encode())}
        run = {"fetched-by": "us", "commercial": "yes", "competes": "no"}
        yield Evidence(url, "UsufructBot", site, Fetched(url, status, headers, body.encode()), run=run)
    away = Fetched("", 0, error=FetchError.TIMEOUT)
    yield Evidence(
        "https://away.example/", "UsufructBot", {"/robots.txt": away}, Fetched("", 0, error=FetchError.NOT_ASKED)
    )


def _crawl(folder: Path, policies: tuple[Policy, ...]) -> list[Judged]:
    """A crawl's folder as far as deciding again needs it: facts, ledger, run.json."""
    judge = Judge(policies, _find_pii, lambda language, names: lambda entity, text: "X", ("en",), today=TODAY)
    judged = [judge(evidence) for evidence in _evidence()]
    key = SigningKey.load_or_create(folder.parent / "ledger.key")
    facts, ledger = FactsWriter(folder, max_rows=20), Ledger(folder, key=key, origin="usufruct/c1")
    for each in judged:
        facts.write(each.url, each.url, each.facts)
        for outcome in each.outcomes:
            line = line_of(each, outcome, digest="", time=datetime.now(UTC), masked_url=each.url)
            ledger.append([line.as_mapping()])
    facts.close()
    ledger.close()
    named = [{"id": policy.id, "digest": policy.digest} for policy in policies]
    (folder / "run.json").write_text(json.dumps({"policies": named, "run": {"commercial": "yes"}}), encoding="utf-8")
    return judged


@pytest.fixture(scope="module")
def policies() -> tuple[Policy, ...]:
    """Every shipped policy that any run can be judged under."""
    named = [name for name in names() if not _policy(name).requires]
    return load_all(",".join(named), all_facts(), today=TODAY)


def test_stored_facts_are_decided_as_the_judge_decided(tmp_path: Path, policies: tuple[Policy, ...]) -> None:
    """The same result and the same deciding rule, for every page, under every policy, whatever stage it reached."""
    judged = _crawl(tmp_path, policies)
    for each, stored in zip(judged, pages(tmp_path), strict=True):
        found = redecide(stored, policies, NOBODY)
        for outcome in each.outcomes:
            again = found[outcome.policy]
            assert again.result == outcome.result, (each.url, outcome.policy)
            assert again.decision == outcome.decision


def test_what_the_crawl_did_not_look_at_is_not_known(tmp_path: Path) -> None:
    """A page that every policy of the crawl closed before its text was looked at is neither kept nor dropped."""
    strict, mild = _policy(THERE), _policy(HERE)
    _crawl(tmp_path, (strict,))
    tally = Tally()
    crawled = UnderPolicies(open_crawl(tmp_path), (strict, mild), NOBODY)
    list(crawled.rows(tally))
    assert tally.results[strict.id][UNKNOWN] == 0
    assert tally.results[mild.id][UNKNOWN] > 0
    (note,) = crawled.notes(tally)
    assert f"far enough: here {tally.results[mild.id][UNKNOWN]};" in note


def test_a_run_can_be_assumed_otherwise(tmp_path: Path) -> None:
    """With run.commercial=no, a license for non-commercial use is enough."""
    policy = _policy("eu")
    _crawl(tmp_path, (policy,))
    stored = list(pages(tmp_path))
    open_for_all = replace(NOBODY, run={"commercial": "no"})
    rules = [redecide(each, [policy], open_for_all)[policy.id].decision.fired for each in stored]
    assert any(fired.rule == "base.noncommercial-license" for each in rules for fired in each)


def test_a_page_is_found_by_id_address_and_record(tmp_path: Path) -> None:
    """And nothing is found where there is nothing."""
    _crawl(tmp_path, (_policy(HERE),))
    url = "https://s0.example/page"
    record = f"{url_id(url)}:here"
    for asked in (url, url_id(url), name_of(record)):
        found = page(tmp_path, wanted(asked))
        assert found
        assert found.url == url
        assert found.looked_for
    assert page(tmp_path, wanted("https://s0.example/other")) is None


def test_a_damaged_file_of_facts_is_named(tmp_path: Path) -> None:
    """Not a traceback, and not an empty answer."""
    _crawl(tmp_path, (_policy(HERE),))
    (tmp_path / "facts" / "00000.parquet").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(FactsError, match=r"00000\.parquet"):
        list(pages(tmp_path))


# ---- differences -----------------------------------------------------------------------------------------------------


def test_rules_are_compared_by_what_they_look_at() -> None:
    """`train-ai: reserved` is looked at by both; `conditional` by one of them only."""
    found = compare(_policy(HERE), _policy(THERE))
    differing = {str(dict(each.when)): (each.left[0].id, each.right[0].id) for each in found.differing}
    assert differing == {"{'train-ai': ('reserved',)}": ("here.reservation", "there.reservation")}
    assert {each.left[0].id for each in found.only_left} == {"here.sale", "here.contact"}
    only_right = {(each.right[0].id, str(dict(each.when))) for each in found.only_right}
    assert ("there.reservation", "{'train-ai': ('conditional',)}") in only_right
    assert ("there.open-only", "{'license.class': ('noderivs', 'noncommercial')}") in only_right
    assert found.beside["page bodies"] == ("30 days", "10 days")
    assert found.beside["rules about the set"] == ("here.one-creator", "none")


@pytest.mark.parametrize("name", ["jp", "eu", "strictest"])
def test_a_policy_does_not_differ_from_itself(name: str) -> None:
    """Nothing differs, nothing is in one only."""
    found = compare(_policy(name), _policy(name))
    assert (found.differing, found.only_left, found.only_right, found.beside) == ((), (), (), {})
    assert found.agreeing


def test_swapping_sides_swaps_the_difference() -> None:
    """diff P Q is diff Q P read the other way."""
    one, other = compare(_policy("jp"), _policy("cn")), compare(_policy("cn"), _policy("jp"))
    assert one.agreeing == other.agreeing
    assert [each.left for each in one.differing] == [each.right for each in other.differing]
    assert [each.left for each in one.only_left] == [each.right for each in other.only_right]


def test_only_changed_outcomes_are_counted_as_changes(tmp_path: Path, policies: tuple[Policy, ...]) -> None:
    """The counts are those of the rows."""
    chosen = tuple(policy for policy in policies if policy.id in ("jp", "cn"))
    _crawl(tmp_path, chosen)
    tally = Tally()
    found: list[Row] = list(UnderPolicies(open_crawl(tmp_path), chosen, NOBODY).rows(tally))
    assert tally.pages == len(found) == len(list(_evidence()))
    assert tally.changes.total() == sum(row.differs for row in found) > 0
    assert crawls.changed(tally).startswith(f"{tally.changes.total()} of {tally.pages} pages differ: ")


# ---- the command -----------------------------------------------------------------------------------------------------


def _scrapy(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return warm.run("policy", *words, cwd=cwd)


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A crawl under jp and cn."""
    folder = tmp_path_factory.mktemp("crawl")
    _crawl(folder, load_all("jp,cn", all_facts(), today=TODAY))
    return folder


def test_list_and_show_name_everything() -> None:
    """As text, as JSON, and as Markdown."""
    listed = json.loads(_scrapy("list", "--json").stdout)
    assert {"jp", "eu", "permissive-2023", "strictest"} <= {each["name"] for each in listed}
    assert next(each for each in listed if each["name"] == "permissive-2023")["caution"]
    shown = json.loads(_scrapy("show", HERE, "--json").stdout)
    assert {rule["id"] for rule in shown["rules"]} >= {"here.silence", "base.robots-disallowed"}
    assert shown["citations"]["HERE-1"]["instrument"] == "Act of Here"
    text = _scrapy("show", HERE, "--markdown").stdout
    for said in (
        "## Copyright and licenses",
        "Silence is consent.",
        "## Watch list",
        "Ruling of the High Court",
        "our number",
    ):
        assert said in text
    assert "here.bill" not in text


def test_the_commands_answer_about_a_crawl(crawl: Path) -> None:
    """explain, diff and matrix, with and without JSON and CSV; a policy the crawl was not judged under, too."""
    told = _scrapy("explain", "jp,eu", f"{crawl}#https://s1.example/page")
    assert told.returncode == 0, told.stderr
    assert "eu.reservation" in told.stdout
    (explained,) = json.loads(
        _scrapy("explain", "eu", f"{crawl}#{url_id('https://s1.example/page')}:jp", "--json").stdout
    )
    assert explained["policies"][0]["result"] == "dropped"
    assert _scrapy("diff", "jp", "eu", str(crawl)).stdout.split("\n", 1)[0].endswith("differ: held -> dropped 2")
    differences = json.loads(_scrapy("diff", "jp", "eu", str(crawl), "--json").stdout)
    assert differences["differing"] == len(differences["differences"]) == 2
    table = list(csv.DictReader(io.StringIO(_scrapy("matrix", str(crawl), "--csv", "-a", "policy=jp,eu").stdout)))
    assert {row["url"]: row["eu rule"] for row in table}["https://s1.example/page"] == "eu.reservation"
    assert len(json.loads(_scrapy("matrix", str(crawl), "--json").stdout)["rows"]) == len(table)
    few = _scrapy("matrix", str(crawl), "--limit", "1").stdout
    assert f"{len(table) - 1} pages more" in few


_PAGE = "<p>" + "The tide comes and goes twice a day, and the tables tell when. " * 9 + "</p>"


def test_an_address_is_fetched_and_explained(httpserver: HTTPServer) -> None:
    """By a crawl of that page alone, which asks robots.txt first; the outcome is the judge's."""
    httpserver.expect_request("/article").respond_with_data(
        _PAGE, content_type="text/html", headers={"TDM-Reservation": "1"}
    )
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /private\n")
    loopback = ("-s", "ALLOWED_PRIVATE_NETWORKS=127.0.0.0/8", "-s", "PII_NAMES=False", "--json")
    (told,) = json.loads(_scrapy("explain", HERE, httpserver.url_for("/article"), *loopback).stdout)
    assert told["policies"][0]["rule"] == "here.sale"
    assert any(fact["where"].startswith("robots.txt") for fact in told["facts"])
    (told,) = json.loads(_scrapy("explain", HERE, httpserver.url_for("/private/a"), *loopback).stdout)
    assert told["policies"][0]["rule"] == "base.robots-disallowed"
    assert not [request for request, _ in httpserver.log if request.path.startswith("/private")]


def test_a_saved_page_is_explained(tmp_path: Path) -> None:
    """With the run's facts and records of the operator, as in a crawl."""
    (tmp_path / "page.html").write_text(f'<meta name="tdm-reservation" content="1">{_PAGE}', encoding="utf-8")
    record = "{id: license-7, kind: license, source: news.example}"
    (tmp_path / "records.yaml").write_text(f"records:\n  - {record}\n", encoding="utf-8")
    words = ("explain", HERE, str(tmp_path / "page.html"), "--url", URL, "-s", "PII_NAMES=False")
    assert "here, Here: dropped (require-license), decided by here.sale" in _scrapy(*words).stdout
    given_away = _scrapy(*words, "-a", "commercial=no").stdout
    assert "held (review), decided by here.reservation" in given_away
    licensed = _scrapy(*words, "-a", f"records={tmp_path / 'records.yaml'}").stdout
    assert "met by license-7" in licensed


@pytest.mark.parametrize(
    ("name", "body"), [("empty.html", b"<p></p>"), ("image.png", b"\x89PNG\r\n\x1a\n"), ("none.html", b"")]
)
def test_a_page_without_text_is_explained(tmp_path: Path, name: str, body: bytes) -> None:
    """It is dropped, and nothing breaks."""
    (tmp_path / name).write_bytes(body)
    told = _scrapy("explain", "jp", str(tmp_path / name), "--url", URL, "-s", "PII_NAMES=False")
    assert told.returncode == 0, told.stderr
    assert "dropped (drop), decided by base.no-text" in told.stdout


def test_new_writes_a_policy_that_passes_check(tmp_path: Path) -> None:
    """Once; a second time it stays as it is. A mistake is named with its line."""
    (tmp_path / "scrapy.cfg").write_text((ROOT / "scrapy.cfg").read_text(encoding="utf-8"), encoding="utf-8")
    file = tmp_path / "acme.yaml"
    assert _scrapy("new", str(file)).returncode == 0
    checked = _scrapy("check", str(file))
    assert (checked.returncode, checked.stdout.split()[1]) == (0, "OK")
    before = file.read_text(encoding="utf-8")
    again = _scrapy("new", str(file))
    assert again.returncode == 1
    assert "is there already" in again.stderr
    assert file.read_text(encoding="utf-8") == before
    file.write_text(before.replace("effect: drop", "effect: dropp"), encoding="utf-8")
    wrong = _scrapy("check", str(file))
    assert wrong.returncode == 1
    assert "acme.yaml:" in wrong.stdout
    assert "did you mean 'drop'" in wrong.stdout


def test_tables_of_users_are_run(tmp_path: Path) -> None:
    """N of M agree; a row that does not fit, or a table that cannot be read, makes the command fail."""
    table = tmp_path / "mine.yaml"
    row = "{id: silence, facts: {license.class: all-rights-reserved}, gate: %s, rule: here.silence, cite: [HERE-1]}"
    table.write_text(f"policy: {HERE}\nrows:\n  - {row % 'keep'}\n", encoding="utf-8")
    fitting = _scrapy("test", str(table))
    assert fitting.returncode == 0, fitting.stderr
    assert "1 of 1 agree" in fitting.stdout.splitlines()
    assert "here.contact" in fitting.stdout
    table.write_text(f"policy: {HERE}\nrows:\n  - {row % 'drop'}\n", encoding="utf-8")
    failing = _scrapy("test", str(table))
    assert failing.returncode == 1
    assert "0 of 1 agree" in failing.stdout.splitlines()
    assert _scrapy("test", str(tmp_path / "none.yaml")).returncode == 1
    table.write_text(
        f"policy: {HERE}\nrows:\n  - {{id: slip, facts: {{train-ai: reservd}}, gate: keep}}\n", encoding="utf-8"
    )
    assert f"note: {table}:3: nothing states train-ai: reservd" in _scrapy("test", str(table)).stdout
    table.write_text("rows: []\n", encoding="utf-8")
    assert _scrapy("test", str(table)).returncode == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("show", "jpn"), "did you mean 'jp'?"),
        (("explain", "jp", "no-such-file.html"), "no such file"),
        (("explain", "eu-research", "README.md"), "give -a actor="),
        (("diff", "jp", "eu", "docs"), "no crawl"),
        (("matrix", "nowhere"), "no such folder"),
        (("check",), "scrapy policy list"),
        (("new", "jp"), "a name of your own"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_mistake_is_answered_by_one_clear_message(words: tuple[str, ...], says: str) -> None:
    """On standard error, without a traceback."""
    done = _scrapy(*words)
    assert done.returncode != 0
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
