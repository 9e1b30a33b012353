"""The generated documents say what the program says, and hold everything that the files of policies hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crawler.arguments import all_facts
from crawler.documentation import COMMAND, pages, stale, write
from crawler.documentation.policies import DAY, FOLDER, OVERVIEW
from crawler.documentation.policy_page import markdown
from crawler.policy.library import Library, profiles
from crawler.policy.load import build
from crawler.policy.model import Rule
from crawler.policy.set_rules import SetRule

ROOT = Path(__file__).parent.parent


def test_no_generated_document_is_stale() -> None:
    """What stands in docs/ is what the files of policies say today."""
    assert not (found := stale(ROOT)), f"{', '.join(map(str, found))}: stale; run `{COMMAND}` and commit the result"


def test_writing_mends_what_is_stale(tmp_path: Path) -> None:
    """A changed page, a missing page, and one whose profile is gone."""
    write(tmp_path)
    assert not stale(tmp_path)
    (tmp_path / OVERVIEW).write_text("changed", encoding="utf-8")
    (tmp_path / FOLDER / "jp.md").unlink()
    (tmp_path / FOLDER / "atlantis.md").write_text("gone", encoding="utf-8")
    assert {str(path) for path in write(tmp_path)} == {OVERVIEW, f"{FOLDER}/atlantis.md", f"{FOLDER}/jp.md"}
    assert not stale(tmp_path)


@pytest.mark.parametrize("name", profiles())
def test_a_page_holds_all_that_the_profile_says(name: str) -> None:
    """Every rule with its sentence, every citation with its date, every entry of the watch list."""
    policy = build(Library(all_facts()), name, DAY)
    text = re.sub(r"\s+", " ", pages()[Path(FOLDER) / f"{name}.md"])
    rules: tuple[Rule | SetRule, ...] = (*policy.rules, *policy.set_rules)
    for rule in rules:
        assert rule.says in text, rule.id
        assert f"`{rule.id}`" in text
    for key, entry in policy.citations.items():
        assert key in text
        assert entry.instrument.replace("|", "\\|") in text
        assert str(entry.published) in text
    for watched in policy.watch:
        assert str(watched.when) in text
        assert watched.what.rstrip(".") in text


def test_what_is_unconfirmed_is_shown_as_unconfirmed() -> None:
    """A rule of which we are not sure stands under the heading that says so."""
    library = Library(all_facts())
    for name in profiles():
        policy = build(library, name, DAY)
        open_questions = markdown(policy).partition("## What is contested or unconfirmed")[2].partition("\n## ")[0]
        for rule in policy.rules:
            unsure = rule.status == "contested" or rule.confidence in ("disputed", "unconfirmed")
            assert (f"`{rule.id}`" in open_questions) is unsure, rule.id


def test_the_overview_links_every_page() -> None:
    """And no page that is not there."""
    found = pages()
    linked = set(re.findall(r"\(policies/([a-z0-9-]+)\.md\)", found[Path(OVERVIEW)]))
    assert linked == {path.stem for path in found if path.parent == Path(FOLDER)}
