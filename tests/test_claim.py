"""A crawl's folder is one crawl's, also when two are begun in the same moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.arguments import ArgumentError
from crawler.audit.read_run import RUN
from crawler.claim import claim


def test_a_run_that_came_and_went_before_the_lock_keeps_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both found the folder unused; the one that gets the lock second looks again, and touches nothing."""

    def other_run(out: Path) -> None:
        out.mkdir()
        (out / RUN).write_text('{"id": "other", "started": "2026-11-23T00:00:00+00:00"}')

    monkeypatch.setattr("crawler.claim.make_folder", other_run)
    with pytest.raises(ArgumentError, match="belongs to another crawl"):
        claim(tmp_path / "out", None, ())
    assert (tmp_path / "out" / RUN).exists()


def test_a_new_folder_is_gone_when_its_run_fails_to_begin(tmp_path: Path) -> None:
    """And stays when the run ends otherwise."""
    with pytest.raises(ZeroDivisionError), claim(tmp_path / "out", None, ()):
        raise ZeroDivisionError
    assert not (tmp_path / "out").exists()
    claim(tmp_path / "out", None, ()).close()
    assert (tmp_path / "out").exists()
