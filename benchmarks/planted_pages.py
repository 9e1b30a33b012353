"""Real pages with invented personal data at random places: in text, labeled fields, title, author, address, header.

English pages are real pages as they are. Those of other languages have paragraphs of the gold sets, or sentences of
`planted_words.yaml` where there is no set (Chinese, Spanish), in a plain frame.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import cycle
from pathlib import Path
from random import Random
from urllib.parse import quote

from benchmarks.corpus import SHARED, _real_pages, _record
from benchmarks.planted_values import kinds, value, words

LANGUAGES = ("en", "ja", "zh", "ko", "de", "fr", "es")
EXAMPLES = Path(__file__).resolve().parents[1] / "examples" / "site" / "pages"
ITEMS = (5, 9)  # in the text of a page
_GOLD = {"ja": ("ja_stockmark_wikipedia",), "ko": ("ko_klue_ner_dev",), "fr": ("fr_europeana_bnf",)} | {
    "de": ("de_europeana_lft", "de_europeana_onb")
}
_MOST_TEXTS = 600  # of a gold set
_PIECES = re.compile(
    r"(<script\b.*?</script>|<style\b.*?</style>|<head\b.*?</head>|<!--.*?-->|<[^>]*>)", re.DOTALL | re.I
)
_BODY = re.compile(r"<(?:p|li|td|dd|div|span)\b", re.IGNORECASE)
_SHORTEST = 40  # characters of a text that something is put into
_BREAKS = re.compile(r"(?<=[.!?。！？]) ?|(?<=[^\W\d_]) (?=[^\W\d_])|(?<=、)|(?<=，)")
_TITLE = re.compile(r"(<title[^>]*>)(.*?)(</title>)", re.DOTALL | re.IGNORECASE)
_HEAD = re.compile(r"(<head[^>]*>)", re.IGNORECASE)
_OPEN, _LICENSE = 0.6, '<link rel="license" href="https://creativecommons.org/licenses/by/4.0/">'
_WIDE = 0.12  # share of numbers in Japanese and Chinese pages that are written in full width
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_NEVER_WIDE = ("SECRET", "PASSWORD", "WALLET", "HANDLE", "COORDINATES", "NAME", "IP", "MAC")
_CJK = ("ja", "zh")


@dataclass(frozen=True, slots=True)
class Item:
    """One planted value; `place` is text, field, title, author, url or header."""

    kind: str
    value: str
    place: str
    context: str = ""


@dataclass(slots=True)
class Page:
    """A page and what was planted in it."""

    url: str
    language: str
    html: str
    items: list[Item]
    headers: dict[str, str] = field(default_factory=dict)


def pages(count: int, seed: int, data: Path = SHARED / "data") -> Iterator[Page]:
    """The same pages for the same seed; languages take turns, and so do kinds within a language."""
    bases = {language: _bases(language, data) for language in LANGUAGES}
    turns = {language: cycle(_shuffled(kinds(language), Random(f"{seed} {language}"))) for language in LANGUAGES}
    for number in range(count):
        chance = Random(f"{seed} {number}")
        language = LANGUAGES[number % len(LANGUAGES)]
        base = bases[language]
        html = chance.choice(base) if language == "en" else _framed(base, language, chance)
        page = Page(f"https://h{number % 50:02}.example/{language}/page-{number}", language, html, [])
        _plant(page, [next(turns[language]) for _ in range(chance.randint(*ITEMS))], chance)
        yield page


def write(planted: Sequence[Page], path: Path) -> None:
    """A WARC with the pages and a robots.txt for each host."""
    with path.open("wb") as file:
        for host in sorted({page.url.split("/")[2] for page in planted}):
            file.write(_record(f"https://{host}/robots.txt", b"User-agent: *\nAllow: /\n", "text/plain"))
        for page in planted:
            more = "".join(f"\r\n{name}: {said}" for name, said in page.headers.items())
            file.write(_record(page.url, page.html.encode(), f"text/html; charset=utf-8{more}"))


# Pages as they were


def _bases(language: str, data: Path) -> list[str]:
    if language == "en":
        shipped = [
            gzip.decompress(path.read_bytes()).decode("utf-8", "replace") for path in sorted(EXAMPLES.glob("*.gz"))
        ]
        found = [html for _, html in _real_pages(data)] if (data / "web_dev.warc.gz").is_file() else []
        return [html for html in [*found, *shipped] if len(html) < 200_000]
    own = [str(text) for text in words(language).get("text", ())]
    return own or [text for name in _GOLD[language] for text in _texts(data / "pii" / f"{name}.jsonl")]


def _texts(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line, _ in zip(lines, range(_MOST_TEXTS), strict=False)]
    return [re.sub(r" ([.,;:!?)»])", r"\1", text) for text in texts]


def _framed(texts: Sequence[str], language: str, chance: Random) -> str:
    gap = "" if language in _CJK else " "
    paragraphs = [gap.join(chance.choices(texts, k=chance.randint(2, 5))) for _ in range(chance.randint(5, 12))]
    body = "\n".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in paragraphs)
    title = escape(chance.choice(texts)[:40], quote=False)
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title></head>\n'
        f"<body><main><article><h1>{title}</h1>\n{body}\n</article></main></body></html>"
    )


def _shuffled(names: list[str], chance: Random) -> list[str]:
    chance.shuffle(names)
    return names


# What is planted


def _plant(page: Page, planted: Sequence[str], chance: Random) -> None:
    pieces = _PIECES.split(page.html)
    places = [at for at in range(0, len(pieces), 2) if at and _BODY.match(pieces[at - 1])]
    places = [at for at in places if len(pieces[at].strip()) >= _SHORTEST and "\n\n" not in pieces[at].strip()]
    places = places or [len(pieces) - 1]
    for kind in planted:
        thing = value(kind, page.language, chance)
        if page.language in _CJK and kind not in _NEVER_WIDE and chance.random() < _WIDE:
            thing = thing.translate(_FULL_WIDTH)
        at = chance.choice(places)
        if chance.random() < 0.35 and kind != "NAME":
            sentence = _field(kind, thing, page.language, chance)
            pieces[at - 1] = f"{_element(sentence, chance)}\n{pieces[at - 1]}" if at else pieces[at]
            page.items.append(Item(kind, thing, "field", sentence))
        else:
            sentence = _sentence(kind, thing, page.language, chance)
            pieces[at] = _put_in(pieces[at], escape(sentence, quote=False), page.language, chance)
            page.items.append(Item(kind, thing, "text", sentence))
    page.html = "".join(pieces).replace(_GUARD, "")
    _plant_elsewhere(page, chance)
    if chance.random() < _OPEN:
        page.html = _HEAD.sub(rf"\1{_LICENSE}", page.html, count=1)


_GUARD = "\ue001"  # around what was planted, so that nothing else is put into it


def _put_in(text: str, sentence: str, language: str, chance: Random) -> str:
    guarded = [found.span() for found in re.finditer(f"{_GUARD}[^{_GUARD}]*{_GUARD}", text)]
    breaks = [found.end() for found in _BREAKS.finditer(text)]
    free = [at for at in breaks if not any(start < at < end for start, end in guarded)] or [len(text)]
    at = chance.choice(free)
    gap = "" if language in _CJK else " "
    return f"{text[:at].rstrip(' ')}{gap}{_GUARD}{sentence}{_GUARD}{gap}{text[at:].lstrip(' ')}"


def _element(sentence: str, chance: Random) -> str:
    tag = chance.choice(("p", "p", "div", "li"))
    inner = f"<{tag}>{escape(sentence, quote=False)}</{tag}>"
    return f"<ul>{inner}</ul>" if tag == "li" else inner


def _field(kind: str, thing: str, language: str, chance: Random) -> str:
    of = words(language)
    return str(chance.choice(of["fields"]).format(label=chance.choice(of["labels"][kind]), x=thing))


def _sentence(kind: str, thing: str, language: str, chance: Random) -> str:
    of = words(language)
    if kind in of["free"] and (kind not in of["labels"] or chance.random() < 0.6):
        return str(chance.choice(of["free"][kind]).format(x=thing))
    return str(chance.choice(of["sentences"]).format(label=chance.choice(of["labels"][kind]), x=thing))


def _plant_elsewhere(page: Page, chance: Random) -> None:
    where = chance.random()
    if where < 0.15:
        kind = chance.choice(("EMAIL", "PHONE", "NAME"))
        thing = value(kind, page.language, chance)
        said = _sentence(kind, thing, page.language, chance)
        page.html = _TITLE.sub(lambda found: f"{found[1]}{escape(said, quote=False)}{found[3]}", page.html, count=1)
        page.items.append(Item(kind, thing, "title", said))
    elif where < 0.3:
        thing = value("NAME", page.language, chance)
        page.html = _HEAD.sub(rf'\1<meta name="author" content="{thing}">', page.html, count=1)
        page.items.append(Item("NAME", thing, "author"))
    elif where < 0.4:
        kind, name = chance.choice((("EMAIL", "email"), ("PHONE", "phone"), ("IBAN", "iban"), ("SECRET", "token")))
        thing = value(kind, page.language, chance)
        page.url += f"?{name}={quote(thing)}"
        page.items.append(Item(kind, thing, "url"))
    elif where < 0.45:
        kind, name = chance.choice((("EMAIL", "X-Author-Contact"), ("SECRET", "Set-Cookie"), ("IP", "X-Client-IP")))
        thing = value(kind, page.language, chance)
        page.headers[name] = f"session={thing}; Path=/" if name == "Set-Cookie" else thing
        page.items.append(Item(kind, thing, "header"))
