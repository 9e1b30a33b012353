"""`scrapy pii`: what can be found, what is found and why, what a policy does with it, and how well it is found."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import Settings

from crawler.commands.pii import Command
from crawler.pii import measure
from crawler.pii.catalog import catalog, figures, speeds
from crawler.pii.measure import Gold, GoldError, labels_of, score
from crawler.pii.presidio import known_entities
from crawler.pii.shapes import PERSON

TEXT = "The card 4111 1111 1111 1111 belongs to ken@example.com, said the clerk of the old town hall."


def pii(*words: str) -> int:
    command = Command()
    command.settings = Settings()
    command.settings.setmodule("crawler.settings")
    command.settings.set("PII_NAMES", False)
    parser = argparse.ArgumentParser()
    command.add_options(parser)
    opts, args = parser.parse_known_args(words)
    command.run(args, opts)
    return command.exitcode


def gold_file(folder: Path, *rows: dict[str, Any], name: str = "gold") -> str:
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


# ---- list ------------------------------------------------------------------------------------------------------------


def test_list_has_every_entity_with_what_it_checks(capsys: pytest.CaptureFixture[str]) -> None:
    assert pii("list", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["entity"] for row in rows} == set(known_entities()) - {PERSON}
    assert all(row["checks"] and row["kind"] and row["engine"] and row["languages"] for row in rows)


def test_list_of_a_language_leaves_out_other_countries_and_says_what_is_not_looked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert pii("list", "--lang", "ja") == 0
    told = capsys.readouterr().out
    assert "JP_MY_NUMBER" in told
    assert "EMAIL_ADDRESS" in told
    assert "US_SSN" not in told
    assert "pii.names-unchecked" in told


def test_names_are_listed_once_a_language() -> None:
    found = [entry for entry in catalog({"en": "tagger", "fr": "spacy:x"}) if entry.entity == PERSON]
    assert [(entry.languages, entry.engine) for entry in found] == [(("en",), "tagger"), (("fr",), "spacy:x")]


def test_measured_figures_are_of_entities_that_exist() -> None:
    for one in figures():
        assert one.entity in known_entities(), one
        assert all(0 <= value <= 1 for value in (*one.strict.values(), *one.overlap.values()))
        assert one.command
    assert all(one.ours > 0 for one in speeds())


# ---- scan ------------------------------------------------------------------------------------------------------------


def test_scan_says_what_was_found_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert pii("scan", TEXT, "--json") == 0
    out, err = capsys.readouterr()
    scanned = json.loads(out)
    card, address = scanned["spans"]
    assert (card["entity"], card["tier"], card["check"]) == ("CREDIT_CARD", "checked", "check digits fit")
    assert (address["text"], address["kind"], address["engine"]) == ("ken@example.com", "contact", "patterns")
    assert (scanned["language"], scanned["language_detected"], scanned["names_checked_by"]) == ("en", True, None)
    assert "personal data" in err


def test_scan_says_what_a_policy_would_do_and_on_what_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    assert pii("scan", TEXT, "--policy", "eu,jp", "--json") == 0
    policies = json.loads(capsys.readouterr().out)["policies"]
    contact = policies["eu"]["kinds"]["contact"]
    assert contact["treatment"] == "redact"
    assert contact["rules"][0]["rule"] == "eu.contact"
    assert contact["rules"][0]["cite"]
    assert [rule["rule"] for rule in policies["eu"]["page"]] == ["eu.names-unchecked"]
    assert pii("scan", TEXT, "--policy", "eu") == 0
    told = capsys.readouterr().out
    assert "contact  redact: eu.contact" in told
    assert "General Data Protection Regulation" in told


def test_scan_shows_what_is_said_of_persons_and_what_follows_for_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert pii("scan", "I was diagnosed with diabetes and cried.", "--lang", "en", "--policy", "cn", "--json") == 0
    scanned = json.loads(capsys.readouterr().out)
    assert {"name": "sensitive.class", "value": "health"} in scanned["facts"]
    assert [(span["entity"], span["engine"]) for span in scanned["spans"]] == [("SENSITIVE", "lexicon")]
    assert "cn.sensitive" in [rule["rule"] for rule in scanned["policies"]["cn"]["page"]]


def test_scan_reads_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "page.txt"
    path.write_text(TEXT, encoding="utf-8")
    assert pii("scan", str(path)) == 0
    assert "EMAIL_ADDRESS" in capsys.readouterr().out


def test_scan_reads_the_main_text_of_a_saved_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "page.html"
    path.write_text(f"<html><body><article><p>{TEXT}</p></article></body></html>", encoding="utf-8")
    assert pii("scan", str(path), "--json") == 0
    assert [span["text"] for span in json.loads(capsys.readouterr().out)["spans"]][-1] == "ken@example.com"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("scan", "no/such/file.txt"), "no/such/file.txt: no such file"),
        (("scan", "page.html"), "page.html: no such file"),
        (("scan", TEXT, "--lang", "qq"), "--lang qq: unknown language"),
        (("scan", TEXT, "--policy", "atlantis"), "unknown profile 'atlantis'"),
        (("eval", "none.jsonl"), "none.jsonl: cannot be read: No such file"),
        (("eval", __file__), "line 1: "),
        (("eval", __file__, "--against", "others"), "--against others: unknown; there is stock"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert pii(*words) == 1
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1


# ---- eval ------------------------------------------------------------------------------------------------------------

ROWS = (
    {"text": "ken@example.com", "spans": [{"start": 0, "end": 15, "label": "EMAIL"}], "lang": "en"},
    {"text": "no address", "spans": [{"start": 0, "end": 2, "label": "EMAIL"}]},
    {"text": "4111111111111112", "spans": [{"start": 0, "end": 16, "label": "CREDIT_CARD"}], "valid": False},
    {"text": "mild weather", "spans": [{"start": 0, "end": 4, "label": "WEATHER"}]},
)


def test_eval_prints_the_figures_of_every_label_that_we_find(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under the gold's own name of the label; what nothing finds is left out, unless it is asked for."""
    assert pii("eval", gold_file(tmp_path, *ROWS), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    half = {"p": 1.0, "r": 0.5, "f1": 0.6667, "f2": 0.5556}
    assert found["labels"] == {"EMAIL": {"n": 2, "strict": half, "overlap": half}}
    assert found["kb_s"] > 0
    assert "stock" not in found


def test_eval_against_stock_measures_presidio_in_the_same_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert pii("eval", gold_file(tmp_path, *ROWS), "--json", "--against", "stock") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["stock"]["labels"]["EMAIL"]["n"] == 2
    assert found["stock"]["labels"]["EMAIL"]["strict"]["p"] == 1.0
    assert found["stock"]["kb_s"] > 0


def test_a_label_that_nothing_finds_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert pii("eval", gold_file(tmp_path, *ROWS), "--labels", "EMAIL,WEATHER") == 1
    assert "--labels WEATHER: nothing here finds it" in capsys.readouterr().err


def test_several_files_are_told_apart_and_summed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert pii("eval", gold_file(tmp_path, *ROWS), gold_file(tmp_path, *ROWS, name="more")) == 0
    told = capsys.readouterr().out.splitlines()
    counts = [line.split()[1] for line in told if line.strip().startswith("EMAIL")]
    assert counts == ["2", "2", "4"]


@pytest.mark.parametrize(
    "line",
    [
        "[]",
        "{}",
        "nonsense",
        '{"text": 1, "spans": []}',
        '{"text": "a", "spans": [{"start": 0, "end": 2, "label": "X"}]}',
    ],
)
def test_a_line_that_is_no_gold_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(f'{{"text": "", "spans": []}}\n{line}\n', encoding="utf-8")
    with pytest.raises(GoldError, match="line 2: "):
        list(measure.read(path))


def test_a_find_counts_once_and_only_for_its_own_label() -> None:
    """Overlapping finds count as hits, exact ones as strict; other labels of the same entity do not count against."""
    entities = {"STREET": {"ADDRESS"}, "ADDRESS": {"ADDRESS"}}
    gold = [(0, 10, "STREET"), (20, 30, "ADDRESS")]
    scores = score([(gold, [(0, 10, "ADDRESS"), (22, 30, "ADDRESS"), (40, 50, "ADDRESS")])], entities, entities)
    street, address = scores["STREET"], scores["ADDRESS"]
    assert (street.strict.gold_hit, street.strict.found, street.overlap.found_hit) == (1, 2, 1)
    assert (address.strict.gold_hit, address.overlap.gold_hit, address.overlap.found) == (0, 1, 2)


def test_the_labels_of_a_set_are_read_as_our_entities() -> None:
    golds = [Gold("x" * 9, ((0, 1, "PER"), (1, 2, "STREET_ADDRESS"), (2, 3, "WEATHER")))]
    assert labels_of(golds, [PERSON, "ADDRESS"]) == {
        "PER": frozenset([PERSON]),
        "STREET_ADDRESS": frozenset(["ADDRESS"]),
    }
