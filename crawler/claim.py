"""Taking a crawl's folder for oneself: a new one, or one whose crawl goes on under the same policies."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from crawler.arguments import ArgumentError
from crawler.audit.read_run import RUN, read_run
from crawler.durable import LOCK, PART, InUseError, locked, make_folder
from crawler.policy.policy import Policy
from crawler.resuming import begun, cannot_go_on

BEGINNINGS = (LOCK, RUN + PART)  # what a run leaves that dies before it has written anything


def check_unused(out: Path, *, resumes: bool = False) -> None:
    """Raise ArgumentError when the folder holds something already: a crawl never writes into another one.

    Args:
        out: The folder.
        resumes: Whether the command has a `--resume` that would go on with it.
    """
    if out.exists() and not out.is_dir():
        raise ArgumentError(f"-a out={out}: is a file; give a folder that does not exist yet")
    if out.exists() and any(path.name not in BEGINNINGS for path in out.iterdir()):
        owner = _owner(out)
        how = "remove this one, or go on with --resume" if resumes else "or remove this one"
        raise ArgumentError(f"-a out={out}: {owner}; give a folder that does not exist yet, {how}")


def claim(out: Path, before: Mapping[str, Any] | None, policies: Sequence[Policy]) -> ExitStack:
    """Be the only one who writes into the folder, until what is returned is closed.

    Args:
        out: The folder; made where it is missing.
        before: What run.json says of the crawl to go on with; None for a new one, whose folder is removed again when
            what is returned is closed by an error.
        policies: Under which the run will judge.

    Raises:
        ArgumentError: The folder is in use or not empty, or holds a crawl that cannot go on, or not like this.
        WriteError: The disk refused.
    """
    if before is None:
        check_unused(out)
    else:
        _check_policies(before, policies, out)
    make_folder(out)
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(out))
        except InUseError as error:
            raise ArgumentError(f"-a out={error}") from error
        if before is None:
            check_unused(out)  # once more: another run may have come and gone before the lock was ours
            stack.push(partial(_remove_if_failed, out))
        elif begun(out) != before:
            raise ArgumentError(f"-a out={out}: another run has gone on with it meanwhile; give the command again")
        elif why := cannot_go_on(out):
            raise ArgumentError(f"-a out={out}: {why}")
        return stack.pop_all()


def _remove_if_failed(out: Path, kind: type[BaseException] | None, *_: object) -> None:
    if kind is not None:
        shutil.rmtree(out, ignore_errors=True)  # it was new, and holds nothing yet


def _owner(out: Path) -> str:
    run = read_run(out) or {}
    if {"id", "started"} <= run.keys():
        return f"belongs to another crawl ({run['id']}, begun {run['started']})"
    return "is not empty and holds no crawl of ours"


def _check_policies(before: Mapping[str, Any], policies: Sequence[Policy], out: Path) -> None:
    """A crawl goes on under the policies that it was begun with. Raises ArgumentError."""
    was = {policy["id"]: policy["digest"] for policy in before["policies"]}
    now = {policy.id: policy.digest for policy in policies}
    if was != now:
        changed = ", ".join(sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name)))
        raise ArgumentError(
            f"-a policy=: {changed}: not as in the crawl in {out}, which was begun under {', '.join(was)}, or their "
            "files have changed since; go on with the same, or judge the crawl again into a new folder (scrapy judge)"
        )
