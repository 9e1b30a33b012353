"""Templates -> HTML. Everything in them is escaped, and what could turn a line of text around is made visible."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from crawler.audit.summary import EVERY_RESULT
from crawler.browser.policy_texts import CHECKED, STATUS

HERE = Path(__file__).parent
ASSETS = HERE / "assets"
STYLE = ASSETS / "usufruct.css"
# What each outcome means to someone who reads the word for the first time.
OUTCOMES = {
    "kept": "written to a shard",
    "held": "waits for a person",
    "dropped": "not taken",
    "failed": "no answer to judge",
    "unchanged": "written by an earlier crawl, and still the same",
    "pending": "not decided yet, or its shard is not published",
}
_LONGEST = 2_000  # characters of one piece of data on a page
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def render(template: str, **values: Any) -> str:
    """One page."""
    return _templates().get_template(template).render(values)


def style() -> str:
    """The style sheet, for a file that stands alone."""
    return STYLE.read_text(encoding="utf-8")


def shown(value: object, longest: int = _LONGEST) -> str:
    """Data as text: control characters and marks that change the direction of writing as U+FFFD, and cut if very long.

    >>> shown("a\\u202eb\\x1b")
    'a\\ufffdb\\ufffd'
    """
    text = str(value)
    text = text if len(text) <= longest else f"{text[:longest]}\u2026 ({len(text)} characters)"
    return text if text.isprintable() else "".join(_visible(char) for char in text)


def number(value: float) -> str:
    """A whole number with commas.

    >>> number(1234567)
    '1,234,567'
    """
    return f"{value:,.0f}"


def share(part: float, whole: float) -> str:
    """A part in percent; small parts are not rounded to nothing.

    >>> share(1, 1000), share(1, 3), share(0, 0)
    ('0.1 %', '33 %', '0 %')
    """
    if not part or not whole:
        return "0 %"
    percent = 100 * part / whole
    return f"{percent:.0f} %" if percent >= 1 else "under 0.1 %" if percent < 0.1 else f"{percent:.1f} %"


def moment(value: object) -> str:
    """A time, in seconds since 1970 or ISO 8601, as people read it; what is no time stays as it is."""
    try:
        time = datetime.fromtimestamp(value, UTC) if isinstance(value, int) else datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError):
        return str(value)
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if time.tzinfo else str(value)


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    hidden = category in ("Cc", "Cs", "Co", "Cn") or char in _TURNING
    return "\ufffd" if hidden and char not in "\n\t" else char


def data(value: object, longest: int = _LONGEST) -> Markup:
    """Data from the web, isolated so that its direction of writing does not spread."""
    return Markup("<bdi>{}</bdi>").format(shown(value, longest))


def _part(value: object) -> str:
    """Data as one part of an address of ours, slashes too."""
    return quote(str(value), safe="")


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"data": data, "part": _part, "number": number, "moment": moment, "shown": shown}
    environment.globals |= {
        "share": share,
        "RESULTS": EVERY_RESULT,
        "OUTCOMES": OUTCOMES,
        "CHECKED": CHECKED,
        "STATUS": STATUS,
    }
    return environment
