"""The documentation is tested too: what it names exists, and what exists is named."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from scrapy.settings import default_settings

from crawler import settings
from crawler.arguments import CRAWLING_ARGUMENTS, JUDGING_ARGUMENTS
from crawler.audit.line import Line

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_argument_stands_in_the_readme() -> None:
    """As a row of the table, or beside another in one."""
    table = "\n".join(line.split("|")[1] for line in README.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`([a-z_]+)`", table)) >= {*CRAWLING_ARGUMENTS, *JUDGING_ARGUMENTS}


def test_every_file_that_is_linked_exists() -> None:
    """In the README and below docs/."""
    for path in (
        ROOT / "README.md",
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("policies/*.md"),
        *ROOT.glob("benchmarks/*.md"),
    ):
        for link in re.findall(r"\]\(([^)#]+)", path.read_text(encoding="utf-8")):
            if "://" not in link:
                assert (path.parent / link).exists(), f"{path.name}: {link}"


def test_every_setting_that_is_named_exists() -> None:
    """`-s NAME=` in any document."""
    for path in (ROOT / "README.md", *ROOT.glob("docs/*.md")):
        for name in re.findall(r"-s ([A-Z_]+)=", path.read_text(encoding="utf-8")):
            assert hasattr(settings, name) or hasattr(default_settings, name), name


def test_what_is_done_with_the_first_crawl_is_done_under_its_policies() -> None:
    """Who follows the README releases and searches what it made them crawl."""
    crawled = re.search(r"scrapy crawl web .*-a policy=(\S+) .*-a out=crawls/first\n", README)
    assert crawled
    for pattern in (r"scrapy release crawls/first -a policy=(\S+)", r"scrapy audit find crawls/first --policy (\S+)"):
        assert set(re.findall(pattern, README)) <= set(crawled[1].split(",")), pattern


def test_what_an_operator_sees_is_what_is_said() -> None:
    """The messages of the first minute, by their words."""
    told = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    seen = [row.split("|")[1] for row in told.splitlines() if row.startswith("| `another process")]
    code = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("crawler/*.py"))
    words = re.findall(r"`([^`]+)`", "".join(seen))
    assert len(words) == 2
    assert all(word in code for word in words)


def test_every_extra_that_is_named_exists_and_can_be_had() -> None:
    """In a document or a message; the README says how, and which are in its environment already."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        extras = tomllib.load(file)["project"]["optional-dependencies"]
    for path in (ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("crawler/**/*.py")):
        for name in re.findall(r"usufruct\[(\w+)\]", path.read_text(encoding="utf-8")):
            assert name in extras, f"{path.name}: {name}"
    installed = set(
        re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    )
    first = {name: re.split(r"[<>=!; ]", packages[0])[0] for name, packages in extras.items()}
    told, _, others = README[README.index("In `.venv/` is") : README.index("## Crawl your own seeds")].partition(
        "need."
    )
    for name, package in first.items():
        assert (f"`{name}`" in told) == (package in installed), name
        assert f"`{name}`" in told or name in others, name


def test_every_field_of_a_ledger_line_is_described() -> None:
    """docs/audit.md."""
    described = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
    for name in (*Line.__dataclass_fields__, "seq", "prev", "hash"):
        assert f"`{name}`" in described, name


def test_no_document_names_a_registry_or_a_machine() -> None:
    """Commits hold no registry hosts, machine paths or download addresses."""
    forbidden = re.compile("|".join(("pypi" + r"\.org", "files" + r"\.pythonhosted", "/root" + "/", "/work" + "/")))
    suffixes = (".py", ".md", ".txt", ".toml", ".yaml", ".cfg")
    for path in ROOT.rglob("*"):
        if path.suffix in suffixes and not {".venv", "crawls", "releases"} & set(path.relative_to(ROOT).parts):
            assert not forbidden.search(path.read_text(encoding="utf-8", errors="replace")), path
