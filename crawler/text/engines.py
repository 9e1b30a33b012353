"""What takes the main text out of HTML: resiliparse (see html.py), or trafilatura for those who want its text.

Many sets were made with trafilatura; it takes five to ten times as long. It is asked as datatrove's step asks it, for
precision and without comments, but for its own rules only (`fast`): the two other extractors that it falls back to take
a third of its time; and never for `deduplicate`, which leaves out what it has seen in pages before. Everything else
that is read of a page (signals, links, title, date, author) is the same under both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version

from crawler.document import Extracted
from crawler.text.html import BLANK_LINES, Page
from crawler.text.language import detect

RESILIPARSE, TRAFILATURA = ENGINES = ("resiliparse", "trafilatura")
INSTALL = "needs the extra `trafilatura`: pip install 'usufruct[trafilatura]'"


class EngineMissing(ImportError):  # noqa: N818 - says what it is
    """The engine is not installed; the message says what to do."""


def extractor(engine: str) -> Callable[[Page], Extracted]:
    """What takes main text and declarations out of a parsed page.

    Raises:
        EngineMissing: Its package is not installed.
        KeyError: There is no such engine.
    """
    return {RESILIPARSE: lambda: Page.extract, TRAFILATURA: _trafilatura}[engine]()


def _trafilatura() -> Callable[[Page], Extracted]:
    try:
        from trafilatura import bare_extraction  # never its fetch_* functions, which use the network
    except ImportError as error:
        raise EngineMissing(INSTALL) from error
    name = f"trafilatura {version('trafilatura')}"

    def extract(page: Page) -> Extracted:
        found = bare_extraction(
            page.source, include_comments=False, with_metadata=False, favor_precision=True, fast=True
        )
        content = getattr(found, "text", "") or ""
        text = BLANK_LINES.sub("\n\n", content.replace("\u00a0", " ")).strip()
        return replace(page.declared(), text=text, language=detect(text), engine=name)

    return extract
