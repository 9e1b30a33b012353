"""What a crawl checks at its start, for every job of a file at once: nothing is found out at three in the morning."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from difflib import get_close_matches

from crawler.arguments import (
    CRAWLING_ARGUMENTS,
    JUDGING_ARGUMENTS,
    STDIN,
    ArgumentError,
    check_names,
    crawling,
    judging,
)
from crawler.jobs.command_line import OWN_KEYS, SPIDERS_OF_OURS, arguments_of
from crawler.jobs.model import Job
from crawler.jobs.read import Loc, Problem, Source
from crawler.policy.read import PolicyError

SettingProblem = Callable[[str, str], str]  # name, value -> what is wrong with it, or ""


def problems(
    source: Source, *, spiders: Collection[str], setting_problem: SettingProblem, contact: str, contact_required: bool
) -> list[Problem]:
    """All that would stop a run of any job before its first request.

    Args:
        source: The file.
        spiders: Those of the project.
        setting_problem: What is wrong with a setting.
        contact: That of the settings.
        contact_required: As the settings say.
    """
    found = []
    for number, job in enumerate(source.content.jobs):
        for loc, says in _of(job, source, spiders, setting_problem, contact, contact_required):
            found.append(source.problem(("jobs", number, *loc), says))
    return found


def _of(
    job: Job, source: Source, spiders: Collection[str], setting_problem: SettingProblem, contact: str, required: bool
) -> Iterator[tuple[Loc, str]]:
    if job.spider not in spiders:
        near = get_close_matches(job.spider, spiders, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        yield ("spider",), f"unknown spider {job.spider}; known are {', '.join(sorted(spiders))}{hint}"
    for name in job.arguments:
        if name in OWN_KEYS:
            yield ("arguments", name), f"is not given here; write {OWN_KEYS[name]}"
    for name, value in job.settings.items():
        if says := setting_problem(name, value):
            yield ("settings", name), says
    if job.spider in SPIDERS_OF_OURS or job.spider not in spiders:
        yield from _arguments(job, source, contact, required)


def _arguments(job: Job, source: Source, contact: str, required: bool) -> Iterator[tuple[Loc, str]]:
    given = {name: value for name, value in arguments_of(job, source).items() if name != "known"}
    for name in job.arguments.keys() - OWN_KEYS.keys():
        try:
            check_names({name: ""}, (*CRAWLING_ARGUMENTS, *JUDGING_ARGUMENTS))
        except ArgumentError as error:
            yield ("arguments", name), str(error)
    if given.get("seeds") == STDIN:
        yield ("seeds",), "found '-'; a job has no standard input; give a file or addresses"
    else:
        try:
            crawling(given, default_contact=contact, contact_required=required)
        except ArgumentError as error:
            yield _key_in(str(error), "seeds"), str(error)
    try:
        judging({**given, "out": str(source.folder)}, today=datetime.now(UTC).date(), fetched_by="us")
    except ArgumentError as error:
        yield _key_in(str(error), "arguments"), str(error)
    except PolicyError as error:
        yield ("policy",), str(error)


def _key_in(message: str, otherwise: str) -> Loc:
    """The key that gave the argument which a message begins with, "-a seeds=x: ..."."""
    name = message.removeprefix("-a ").partition("=")[0] if message.startswith("-a ") else otherwise
    if name in ("seeds", "policy", "contact"):
        return (name,)
    return ("limits", "pages") if name == "limit" else ("arguments", name)
