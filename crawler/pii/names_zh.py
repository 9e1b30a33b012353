"""Edges of Chinese names in both scripts: whole foreign names, no titles, no single characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

Span = tuple[int, int]  # start, end (characters, end exclusive)

# The hundred most common in China, and how they are written in traditional script.
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭"
    "陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "張劉陳楊黃趙吳孫馬羅鄭謝許韓馮鄧蕭於蔣葉蘇呂盧鍾譚陸賈韋鄒閆龍賀顧龔萬錢嚴湯"
)
_TITLES = (
    "先生|女士|小姐|太太|夫人|教授|老师|医生|大夫|博士|主席|总统|总理|首相|部长|局长|处长|经理|总裁|董事长|同志|将军|上校|神父"
    "|牧师|主教|爵士|议员|书记|市长|省长|县长|镇长|村长|校长|院长|法官|律师|队长|师傅|主任"
).translate(
    {
        ord(one[0]): f"[{one}]"
        for one in [
            "师師",
            "医醫",
            "总總",
            "统統",
            "长長",
            "处處",
            "经經",
            "将將",
            "军軍",
            "议議",
            "员員",
            "书書",
            "记記",
            "县縣",
            "镇鎮",
            "队隊",
        ]
    }
)
_TITLE = re.compile(_TITLES)
_TITLE_BEFORE = re.compile(f"^(?:副?(?:{_TITLES}))+(?=..)")
_TITLE_AFTER = re.compile(f"(?<=.)(?:副?(?:{_TITLES}))+$")
_EDGE_BEFORE, _EDGE_AFTER = re.compile(r"^[\W_]+"), re.compile(r"[\W_]+$")
_DOT = re.compile("[·‧•・]")  # between the parts of a foreign name
_LATIN = re.compile(r"[A-Za-z]")
_LATIN_MORE = re.compile(r"(?: [A-Z][A-Za-z'’.-]*)+")
# Pronouns and particles, most of them of written Cantonese, which LAC has hardly seen.
NOT_IN_A_NAME = re.compile("[佢喺唔啲嘅咗嘢冇哋嗰乜搵瞓咁畀噉嚟我你您们們这這吗嗎]")
_SHORT = 5  # characters; two neighbors that are one name together


def edged(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """The names in what a model found (sorted, without overlaps), as a reader would mark them; in order, apart."""
    for start, end in joined(text, (_with_latin(text, start, end) for start, end in spans)):
        for rule in (_EDGE_BEFORE, _TITLE_BEFORE):
            match = rule.search(text[start:end])
            start += match.end() if match else 0
        for rule in (_EDGE_AFTER, _TITLE_AFTER, _EDGE_AFTER):
            match = rule.search(text[start:end])
            end -= len(match[0]) if match else 0
        if end - start > 1 or (start < end and _TITLE.match(text, end)):
            yield start, end


def joined(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Parts of one name made one: across the dot of foreign names, and neighbors as in names of Japan."""
    first = last = -1
    for start, end in spans:
        if first >= 0 and (
            start < last or _DOT.fullmatch(text, last, start) or _is_rest(text, first, last, start, end)
        ):
            last = max(last, end)
            continue
        if first >= 0:
            yield first, last
        first, last = start, end
    if first >= 0:
        yield first, last


def _is_rest(text: str, first: int, last: int, start: int, end: int) -> bool:
    """Whether a neighbor is the rest of a name, and not the name of somebody else."""
    is_name = text[start] in SURNAMES and end - start in (2, 3) and last - first > 1
    return last == start and end - first <= _SHORT and not is_name and not _LATIN.search(text, first, end)


def _with_latin(text: str, start: int, end: int) -> Span:
    """LAC knows the first word of a name in Latin letters; words with a capital that follow belong to it."""
    more = _LATIN_MORE.match(text, end) if _LATIN.match(text, end - 1) else None
    return start, more.end() if more else end
