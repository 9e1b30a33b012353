"""The commands; what they share."""

from __future__ import annotations

import argparse
import difflib
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings, default_settings
from scrapy.utils.conf import arglist_to_dict

from crawler import retention
from crawler import settings as our_settings
from crawler.arguments import Judging
from crawler.collection import Collection
from crawler.known.told import in_words
from crawler.policy.policy import Policy

_OF_A_LANGUAGE = re.compile("PII_ENGINE_[A-Z]{2}")
TOLD = ("kept", "dropped", "held", "failed")
# With other values requests would be followed, dropped or retried where no line is written.
FIXED = ("REDIRECT_ENABLED", "METAREFRESH_ENABLED", "HTTPERROR_ALLOW_ALL", "URLLENGTH_LIMIT", "DEPTH_LIMIT",
         "COMPRESSION_ENABLED", "DOWNLOADER_MIDDLEWARES", "ITEM_PIPELINES", "TWISTED_DNS_RESOLVER")  # fmt: skip


# Scrapy takes every subclass of its command in these modules for a command; a mix-in is none.
if TYPE_CHECKING:
    _Command = ScrapyCommand
else:
    _Command = object


class InAnyProject(_Command):
    """A command of this project that stands in other people's, too (entry points `scrapy.commands`), and in none."""

    requires_project = False

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None  # Scrapy sets them before it reads options
        bring_settings(self.settings)
        super().process_options(args, opts)


def bring_settings(settings: BaseSettings) -> None:
    """Our settings, for a command that runs where they are not the project's; what the project sets stays."""
    if settings["COMMANDS_MODULE"] == our_settings.COMMANDS_MODULE:
        return
    for name in filter(str.isupper, dir(our_settings)):
        if name not in settings:
            settings.set(name, getattr(our_settings, name), priority="default")
    os.environ["SCRAPY_SETTINGS_MODULE"] = our_settings.__name__  # for the crawl of one page that some of them start


class WithArguments(InAnyProject):
    """A command of this project that takes arguments as `crawl` does; `spargs` is a dictionary when it runs."""

    arguments_help = "argument"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE", help=self.arguments_help
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        try:
            opts.spargs = arglist_to_dict(opts.spargs)
        except ValueError:
            raise UsageError("-a takes NAME=VALUE", print_help=False) from None


def check_settings(given: Iterable[str]) -> None:
    """Raise UsageError for an unknown `-s NAME=`, which would protect nobody, and a number or switch that is none."""
    known = sorted({name for module in (default_settings, our_settings) for name in dir(module) if name.isupper()})
    for assignment in given:
        name, _, value = (part.strip() for part in assignment.partition("="))
        if name in FIXED:
            raise UsageError(
                f"-s {name}: the ledger would be incomplete with another value; it stands", print_help=False
            )
        if name and name not in known and not _OF_A_LANGUAGE.fullmatch(name):
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}? " if near else ""
            message = (
                f"-s {name}: unknown setting; {hint}Those of extensions of yours must stand in the settings module."
            )
            raise UsageError(message, print_help=False)
        if says := _wrong_value(getattr(our_settings, name, None), value):
            raise UsageError(f"-s {name}: found {value!r}; {says}", print_help=False)


def _wrong_value(usual: object, value: str) -> str:
    """What is wrong with a value, by that which our settings have: Scrapy would say so when the crawl has begun."""
    if isinstance(usual, bool):
        try:
            BaseSettings({"it": value}).getbool("it")
        except ValueError:
            return "allowed are True and False"
    elif isinstance(usual, int | float):
        try:
            float(value)
        except ValueError:
            return "allowed are numbers, without a unit"
    return ""


def say(message: str) -> None:
    """On standard error."""
    print(message, file=sys.stderr)


def warn(policies: Iterable[Policy], say: Callable[[str], None] = say) -> None:
    """Say what the policies want the operator to know, such as a rule whose review is overdue."""
    for policy in policies:
        for warning in policy.warnings:
            say(f"warning: {warning}")


def warn_of_bodies(judging: Judging, say: Callable[[str], None] = say) -> None:
    """Say whose days are exceeded where page bodies are kept without end."""
    for warning in retention.warnings(judging.retention, judging.policies):
        say(f"warning: {warning}")


def outcome_lines(collection: Collection) -> Iterator[str]:
    """What came of it, a line a policy, and where to read more."""
    for policy, counts in collection.results.items():
        told = ", ".join(f"{name} {counts[name]}" for name in TOLD)
        told += f", unchanged {counts['unchanged']}" if counts["unchanged"] else ""
        yield f"{policy}: {told}, pending {collection.pending}"
    if collection.known and (of := collection.known.told) and of.drifted:
        many = in_words(of.drifted, of.sites)
        yield f"drift: {many}, kept before and refused now; see `scrapy audit drift {collection.out}`"
    yield f"{collection.out}: see `scrapy audit summary {collection.out}`"
