"""How a policy is asked for: `jp`, `jp+eu`, `jp@2023-06-01`, `rules/own.yaml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from crawler.policy.read import PolicyError

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_FORMS = "jp, jp+eu, jp@2023-06-01, or a path such as rules/own.yaml"


@dataclass(frozen=True, slots=True)
class Spec:
    """What was asked for: the id (also a folder's name), names or paths of the parts, and the day if one was given."""

    id: str
    parts: tuple[str, ...]
    day: date | None


def parse(text: str) -> Spec:
    """Take a spec apart.

    Raises:
        PolicyError: It is none, or would make no good folder name.
    """
    where = f"policy={text}"
    rest, at, tail = text.rpartition("@")
    if not at or is_path(tail):  # an @ in the path of a file
        rest, tail = text, ""
    parts = (rest,) if is_path(rest) and Path(rest).is_file() else tuple(rest.split("+"))
    for part in parts:
        if not _PART.fullmatch(_name(part)):
            raise PolicyError(where, f"{part!r} as a name", "letters, digits, '-', '_' and '.'", f"write {_FORMS}")
    day = _day(tail, where) if rest != text else None
    return Spec("+".join(map(_name, parts)) + (f"@{day}" if day else ""), parts, day)


def is_path(part: str) -> bool:
    """Whether it is meant as a file rather than as the name of a shipped profile."""
    return "/" in part or "\\" in part or part.endswith((".yaml", ".yml"))


def _name(part: str) -> str:
    return Path(part).stem if is_path(part) else part


def _day(text: str, where: str) -> date:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # the thirteenth month
    raise PolicyError(where, f"{text!r} is no date", "a day such as 2023-06-01, once, at the end", f"write {_FORMS}")
