"""Where a subcommand of `scrapy audit` writes: one option for those that do."""

from __future__ import annotations

import argparse


def add_output(parser: argparse.ArgumentParser) -> None:
    """Add `-o`; several subcommands may, Scrapy's parser takes it once."""
    text = "merge: the merged folder; report: the file (report.html)"
    parser.add_argument("-o", "--output", metavar="PATH", default="", help=text)
