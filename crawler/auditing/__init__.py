"""The subcommands of `scrapy audit`, one module each, found by folder; they hand the shards' readers to the room."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol

from crawler.audit.crawl_folder import CrawlFolder


class Subcommand(Protocol):
    """What a module has. Its name is the subcommand's; `_` stands for `-`.

    Attributes:
        ARGUMENTS: What follows DIR, as the usage shows it: "", "URL", "[URL]", which may be left out, or
            "[SEGMENT...]", as many as there are.
        open_folder: Opens DIR, where it may be something else than a crawl; left out by most.
        HELP: What it does, one clause.
    """

    ARGUMENTS: str
    HELP: str

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options that only this subcommand has."""

    def run(self, crawl: CrawlFolder, args: list[str], opts: argparse.Namespace) -> int:
        """Do it; the exit code is returned. Raises UsageError."""


@cache
def subcommands() -> Mapping[str, Subcommand]:
    """Every subcommand by name."""
    modules: list[Any] = [importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)]
    return {m.__name__.rpartition(".")[2].replace("_", "-"): m for m in modules if hasattr(m, "ARGUMENTS")}
