"""The step for datatrove's pipelines, in a real one."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers.jsonl import JsonlWriter

from crawler.arguments import ArgumentError
from crawler.audit.crawl_folder import open_crawl
from crawler.audit.verify import verify
from crawler.auditing.verify import READERS
from crawler.engines.datatrove import Usufruct

WORDS = "Every morning the small harbor town wakes to the sound of engines and gulls over the quiet water. "
ROWS = [
    {"id": "1", "text": f"{WORDS}Write to anna.berg@example.org for the timetable.", "metadata": {"url": "https://a.example/1"}},
    {"id": "2", "text": f"<!doctype html><html lang=en><title>Town</title><body><main><p>{WORDS * 3}</main>",
     "metadata": {"url": "https://a.example/2"}},
    {"id": "3", "text": "<html><head><meta name=robots content=noai><body><p>" + WORDS, "metadata": {"url": "https://b.example/"}},
    {"id": "4", "text": WORDS, "metadata": {"url": "https://a.example/1"}},
    {"id": "5", "text": WORDS},
]  # fmt: skip


def _run(folder: Path, step: Usufruct) -> list[dict[str, Any]]:
    (folder / "in").mkdir()
    (folder / "in/00.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    LocalPipelineExecutor(
        pipeline=[JsonlReader(str(folder / "in")), step, JsonlWriter(str(folder / "out"))],
        tasks=1, logging_dir=str(folder / "logs"),
    ).run()  # fmt: skip
    return [json.loads(line) for path in (folder / "out").glob("*.gz") for line in gzip.open(path)]


def test_a_pipeline_gets_clean_documents_and_leaves_proof(tmp_path: Path) -> None:
    """Kept ones go on without personal data; every document has its line, whose ledger verifies."""
    step = Usufruct("jp", str(tmp_path / "judged"), settings={"PII_NAMES": False, "WORKERS": 1})
    found = {row["id"]: row for row in _run(tmp_path, step)}
    segment = tmp_path / "judged/segments/00000"
    lines = [json.loads(line) for line in (segment / "ledger/00000.jsonl").open()]
    results = {line["url"]: line["result"] for line in lines}
    assert len(results) == 4  # the fourth is another capture of the first
    assert set(found) == {"1", "2", "5"}
    assert [results[url] for url in ("https://a.example/1", "https://a.example/2", "https://b.example/")] == [
        "kept", "kept", "held"
    ]  # fmt: skip
    assert any(url.startswith("urn:usufruct:") for url in results)  # the fifth has no address
    assert not verify(open_crawl(segment), READERS).problems
    for row in found.values():
        assert "anna.berg" not in row["text"]
        assert "<p>" not in row["text"]
        assert row["metadata"]["policy"] == lines[0]["policy"]


def test_several_policies_are_refused(tmp_path: Path) -> None:
    """A pipeline has one text for each document."""
    with pytest.raises(ArgumentError, match=r"join policies by \+"):
        Usufruct("jp,eu", str(tmp_path / "judged"))
