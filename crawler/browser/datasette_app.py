"""Our pages as a plugin of Datasette, and Datasette as a library in this process. Nothing else imports it."""

from __future__ import annotations

import asyncio
import re
import socket
import sqlite3
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from markupsafe import Markup

from crawler.audit.crawl_folder import CrawlFolder
from crawler.browser import index, pages
from crawler.browser.dashboards import metadata
from crawler.browser.guard import Guard
from crawler.browser.jobs_page import jobs_page
from crawler.browser.pages import Page
from crawler.browser.render import ASSETS, HERE, data
from crawler.browser.review_page import Desk
from crawler.browser.search_page import search_page
from crawler.browser.site import Site
from crawler.durable import InUseError
from crawler.pii.mask import mask_text

HOST, PORT = "127.0.0.1", 8001
LOOK_AGAIN_S = 2.0  # a crawl that is running is looked at again after so long, or ten times what that took
_SETTINGS = {
    "allow_download": False, "default_page_size": 50, "max_returned_rows": 20_000, "sql_time_limit_ms": 5_000,
    "suggest_facets": False, "num_sql_threads": 3, "allow_csv_stream": False,
}  # fmt: skip
_HOOKS = ("register_routes", "extra_css_urls", "extra_template_vars", "render_cell", "handle_exception", "forbidden")
_FAILURES = {
    404: ("Not here", "There is no such page."),
    403: ("Not allowed", "Visitors may not do this here. SQL needs scrapy audit serve --sql."),
    400: ("Not understood", "This request cannot be answered as it is."),
    500: ("Something is wrong", "This page could not be made; the terminal names the kind of error."),
}
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class MissingExtraError(ImportError):
    """Datasette is not installed; the message says how to get it."""


def application(
    site: Site, crawl: CrawlFolder, path: Path, port: int, *, sql: bool = False, desk: Desk | None = None
) -> Guard:
    """Everything that is served.

    Args:
        site: What the pages know.
        crawl: The crawl.
        path: Its index.
        port: That it will be served on.
        sql: Whether visitors may send queries of their own.
        desk: Where held records are decided; without one nobody can.

    Raises:
        MissingExtraError: The extra `audit` is not installed.
    """
    try:
        import datasette_dashboards  # noqa: F401 - it is a plugin that Datasette finds by itself
        from datasette.app import Datasette
        from datasette.plugins import pm
        from datasette.utils.asgi import Response
    except ImportError as error:
        raise MissingExtraError(
            f"scrapy audit serve needs Datasette ({error.name} is missing): pip install 'usufruct[audit]'"
        ) from error
    plugin = _plugin(_Pages(site, crawl, path, desk or Desk(site, crawl, path, port)), Response)
    # One of before; maps, which would run a script of their own; and what prints the variables of every error.
    for name in ("usufruct", "leaflet", "datasette.handle_exception"):
        if pm.has_plugin(name):
            pm.unregister(name=name)
    pm.register(plugin, "usufruct")
    served = Datasette(
        files=[str(path)],
        metadata=metadata(crawl.policies, crawl=site.crawl),
        template_dir=str(HERE / "datasette_templates"),
        settings={**_SETTINGS, "default_allow_sql": sql},
    )
    return Guard(served.app(), port, _inline_scripts())


def listen(port: int | None) -> socket.socket:
    """A socket on loopback at that port; without one at 8001, or at a free one if that is taken. Raises OSError."""
    try:
        return _bound(PORT if port is None else port)
    except OSError:
        if port is not None:
            raise
        return _bound(0)


def _bound(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen()  # whoever opens the printed address at once waits, and is not refused
    except OSError:
        listening.close()
        raise
    return listening


def run(app: Guard, listening: socket.socket) -> None:
    """Serve until Ctrl-C."""
    import uvicorn

    config = uvicorn.Config(app, log_level="error", access_log=False, server_header=False, lifespan="on")
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])


class _Pages:
    """Requests -> pages, each with a connection of its own, in a thread."""

    def __init__(self, site: Site, crawl: CrawlFolder, path: Path, desk: Desk) -> None:
        self.site, self.crawl, self.path, self.desk = site, crawl, path, desk
        self._looking = threading.Lock()
        self._look_at = 0.0
        threading.Thread(target=mask_text, args=("",), daemon=True).start()  # its patterns take a second to compile

    async def answer(self, make: Callable[[sqlite3.Connection], Page]) -> Page:
        """One page from the index as it is now."""
        return await asyncio.to_thread(self._answer, make)

    def _answer(self, make: Callable[[sqlite3.Connection], Page]) -> Page:
        self._look_again()
        with index.reading(self.path) as database:
            return make(database)

    def _look_again(self) -> None:
        """Bring the index up to a crawl that goes on; where another one does so, what there is has to do."""
        if time.monotonic() < self._look_at or not self._looking.acquire(blocking=False):
            return
        try:
            begin = time.monotonic()
            with index.reading(self.path) as database:
                stale = index.is_stale(self.crawl, database)
            if stale:
                with suppress(InUseError):
                    index.update(self.crawl, self.path)
            now = time.monotonic()
            self._look_at = now + max(LOOK_AGAIN_S, 10 * (now - begin))
        finally:
            self._looking.release()


def _plugin(served: _Pages, response: Any) -> Any:
    """The routes, as Datasette wants them."""
    from datasette import hookimpl

    site, desk = served.site, served.desk

    def sent(page: Page) -> Any:
        if page.location:
            return response.redirect(page.location, status=page.status)
        return response.html(page.html, status=page.status)

    async def overview(request: Any) -> Any:
        return sent(await served.answer(lambda database: pages.overview_page(site, database)))

    async def host(request: Any) -> Any:
        name, after = _part(request, "host"), _after(request)
        return sent(await served.answer(lambda database: pages.site_page(site, database, name, after)))

    async def rule(request: Any) -> Any:
        name, after = _part(request, "rule"), _after(request)
        return sent(await served.answer(lambda database: pages.rule_page(site, database, name, after)))

    async def url(request: Any) -> Any:
        name = _part(request, "sha256")
        return sent(await served.answer(lambda database: pages.url_page(site, database, name)))

    async def search(request: Any) -> Any:
        given = {name: request.args.get(name) or "" for name in request.args}
        return sent(await served.answer(lambda database: search_page(site, database, given)))

    async def jobs(request: Any) -> Any:
        return sent(await asyncio.to_thread(jobs_page, site))

    async def queue(request: Any) -> Any:
        if given := request.args.get("token"):
            return desk.admitted(response, given)
        after, token = _after(request), request.cookies.get(desk.cookie, "")
        return sent(await served.answer(lambda database: desk.queue(database, token, after)))

    async def record(request: Any) -> Any:
        name, policy = _part(request, "sha256"), _part(request, "policy")
        token, csrf = request.cookies.get(desk.cookie, ""), request.scope["csrftoken"]()
        given = await request.post_vars() if request.method == "POST" else None
        return sent(await served.answer(lambda database: desk.record(database, token, csrf, name, policy, given)))

    async def asset(request: Any) -> Any:
        name = _part(request, "name")
        kind = "text/css" if name.endswith(".css") else "text/javascript"
        return response((ASSETS / name).read_text(encoding="utf-8"), content_type=f"{kind}; charset=utf-8")

    class Plugin:
        """Found by the names of its methods."""

        __name__ = "usufruct"

        def register_routes(self) -> Iterable[tuple[str, Any]]:
            return (
                (r"^/$", overview),
                (r"^/site/(?P<host>[^/]+)$", host),
                (r"^/rule/(?P<rule>[^/]+)$", rule),
                (r"^/url/(?P<sha256>[0-9a-f]{64})$", url),
                (r"^/search$", search),
                (r"^/jobs$", jobs),
                (r"^/review$", queue),
                (r"^/review/(?P<sha256>[0-9a-f]{64})/(?P<policy>[^/]+)$", record),
                (r"^/(?P<name>usufruct\.css)$", asset),
                (r"^/-/usufruct/(?P<name>charts\.js|tables\.css)$", asset),
            )

        def extra_css_urls(self) -> list[str]:
            return ["/-/usufruct/tables.css"]

        def render_cell(self, value: Any) -> Markup | None:
            """Datasette makes a link of every address; nobody should visit a crawled page by accident."""
            return data(value) if isinstance(value, str) else None

        def handle_exception(self, exception: Exception) -> Any:
            status = getattr(exception, "status", 500)
            if status == 500:
                print(f"scrapy audit serve: {_where(exception)}", file=sys.stderr, flush=True)
            title, says = _FAILURES.get(status, _FAILURES[500])
            return sent(pages.missing(site, says, status, title))

        def forbidden(self) -> Any:
            return sent(pages.missing(site, _FAILURES[403][1], 403, _FAILURES[403][0]))

        def extra_template_vars(self) -> dict[str, Any]:
            return {"usufruct_links": site.links}

    for name in _HOOKS:
        setattr(Plugin, name, hookimpl(getattr(Plugin, name)))
    return Plugin()


def _where(exception: BaseException) -> str:
    """Kind and place of an error; never its words, which may be data."""
    frames = traceback.extract_tb(exception.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(exception).__name__}{place}; the page that was asked for says so, too"


def _part(request: Any, name: str) -> str:
    """A part of the path. Datasette matches it as it was sent, so what is escaped in it still is."""
    from urllib.parse import unquote

    return unquote(request.url_vars[name])


def _after(request: Any) -> int:
    given = request.args.get("after") or ""
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 16 else 0


def _inline_scripts() -> Iterable[str]:
    """The scripts that stand in Datasette's own templates, as they reach the browser."""
    import datasette

    templates = Path(datasette.__file__).parent / "templates"
    for path in sorted(templates.glob("*.html")):
        for script in _SCRIPT.findall(path.read_text(encoding="utf-8")):
            if "datasette_allow_facet" in script:
                yield from (script.replace("{{ datasette_allow_facet }}", word) for word in ("true", "false"))
            elif "{{" not in script and "{%" not in script:
                yield script
