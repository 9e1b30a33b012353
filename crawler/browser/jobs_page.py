"""The page of jobs and their runs, where the crawl is a run of a job: read from the book beside it, never written."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from crawler.browser.pages import Page, missing
from crawler.browser.render import render
from crawler.browser.site import Site
from crawler.jobs.book import Book, Known, Run, folder_of
from crawler.jobs.listing import changes_in_words, counts_in_words
from crawler.jobs.quantities import in_words, size_in_words

MOST_RUNS = 200


class RunShown(NamedTuple):
    """A run in the words of the page."""

    run: Run
    is_this: bool
    took: str
    room: str
    counts: tuple[tuple[str, str], ...]
    changes: str


class JobShown(NamedTuple):
    """A job as the book knows it, with its runs, newest first."""

    name: str
    known: Known | None
    runs: tuple[RunShown, ...]


def jobs_page(site: Site) -> Page:
    """All jobs of the book."""
    folder = folder_of(site.path)
    if folder is None:
        return missing(site, "This crawl is no run of a job.")
    try:
        book = Book(folder, read_only=True)
        known, runs = {job.name: job for job in book.known()}, book.runs(most=MOST_RUNS)
    except sqlite3.Error:
        return missing(site, "The book of the jobs cannot be read now.", 503, "Not now")
    names = sorted({*known, *(run.job for run in runs)})
    jobs = [
        JobShown(name, known.get(name), tuple(_shown(run, site) for run in runs if run.job == name)) for name in names
    ]
    return Page(
        render("jobs.html", site=site, here="/jobs", jobs=jobs, most=MOST_RUNS, all_shown=len(runs) < MOST_RUNS)
    )


def _shown(run: Run, site: Site) -> RunShown:
    crawl = site.path.resolve()
    counts = tuple((policy, counts_in_words(of)) for policy, of in run.counts.items())
    took = in_words(run.seconds) if run.started else ""
    is_this = (run.job, run.run) == (crawl.parents[1].name, crawl.name)
    room = size_in_words(run.bytes) if run.bytes else ""
    return RunShown(run, is_this, took, room, counts, changes_in_words(run.changes))
