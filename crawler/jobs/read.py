"""jobs.yaml -> its jobs, or all that is wrong with it: file, line and column, key, what was found, what may be."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedBase, CommentedMap, CommentedSeq, TaggedScalar
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from crawler.jobs.model import JobsFile
from crawler.notify import UNREADABLE, masked

Loc = tuple[str | int, ...]
MAX_DEPTH = 20
_PLAIN = (str, int, float, bool, type(None))


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where (file:line:column), under which key, and what."""

    where: str
    key: str
    says: str

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.where, self.key, self.says)))


class JobsError(Exception):
    """A file that cannot be used; `problems` has all that is wrong with it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Source:
    """A file as read.

    Attributes:
        path: Of the file.
        content: What it says.
        places: Line and column of each value in it, from 1.
        keys: The same of each key.
    """

    path: Path
    content: JobsFile
    places: Mapping[Loc, tuple[int, int]]
    keys: Mapping[Loc, tuple[int, int]]

    @property
    def folder(self) -> Path:
        """Where the jobs write, as an absolute path."""
        return self.base / self.content.folder

    @property
    def base(self) -> Path:
        """What paths in the file are relative to."""
        return self.path.resolve().parent

    def problem(self, loc: Loc, says: str) -> Problem:
        """A problem at the value of that place, or at the nearest one around it."""
        return Problem(_at(self.path, self.places, loc), dotted(loc), says)


def read(path: Path) -> Source:
    """Read a file.

    Raises:
        JobsError: It cannot be read, is no YAML, or says what no jobs.yaml may say.
    """
    values, places, keys = _document(path)
    twice = [Problem(_at(path, places, loc), dotted(loc), says) for loc, says in _twice(values)]
    try:
        content = JobsFile.model_validate(values)
    except ValidationError as error:
        # A list of which no entry is good is not short, whatever pydantic says.
        told = (each for each in error.errors() if not (each["type"] == "too_short" and each["input"]))
        found = [_explained(each, values, path, places, keys) for each in told]
        raise JobsError(tuple(_sorted([*found, *twice]))) from None
    if twice:
        raise JobsError(tuple(twice))
    return Source(path, content, places, keys)


def dotted(loc: Loc) -> str:
    """A place as one writes it.

    >>> dotted(("jobs", 0, "schedule", "cron"))
    'jobs[0].schedule.cron'
    """
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc).removeprefix(".")


def _document(path: Path) -> tuple[Any, dict[Loc, tuple[int, int]], dict[Loc, tuple[int, int]]]:
    """Plain values, and where they stand."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        root = _yaml().load(io.StringIO(text))
    except OSError as error:
        raise _only(str(path), f"cannot be read ({error.strerror}); give the file with --file") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _only(f"{path}:{line}", "a byte that is not UTF-8; save the file as UTF-8") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise _only(where, _no_yaml(str(error.problem or error.context or ""))) from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise _only(str(path), _no_yaml(str(error).splitlines()[0] if str(error) else type(error).__name__)) from None
    reading = _Reading(path)
    return reading.value(root, ()), reading.places, reading.keys


class _Constructor(RoundTripConstructor):
    """No key asks for a day: what looks like one, or like one that no month has, is a text like others."""


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", RoundTripConstructor.construct_yaml_str)


def _yaml() -> YAML:
    yaml = YAML()
    yaml.Constructor = _Constructor
    return yaml


def _no_yaml(found: str) -> str:
    told = f"no valid YAML: {found.strip()}"
    if "alphabetic or numeric" in found or "alias" in found:
        told += '; a value that begins with * needs quotes: cron: "*/5 * * * *"'
    return told


def _only(where: str, says: str) -> JobsError:
    return JobsError((Problem(where, "", says),))


class _Reading:
    """Walks ruamel's values, which know where they stand."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.places: dict[Loc, tuple[int, int]] = {(): (1, 1)}
        self.keys: dict[Loc, tuple[int, int]] = {}

    def value(self, node: Any, loc: Loc) -> Any:
        """The plain value."""
        if len(loc) > MAX_DEPTH:
            raise _only(_at(self._path, self.places, loc), f"nested too deeply; allowed are {MAX_DEPTH} levels")
        if isinstance(node, CommentedMap):
            return {self._key(key, loc): self._below(node, key, (*loc, str(key))) for key in node}
        if isinstance(node, CommentedSeq):
            return [self._below(node, number, (*loc, number)) for number in range(len(node))]
        if isinstance(node, TaggedScalar | CommentedBase) or not isinstance(node, _PLAIN):
            where = _at(self._path, self.places, loc)
            raise _only(where, f"{dotted(loc)}: tags and sets are not allowed; write plain values")
        return node

    def _below(self, node: Any, step: Any, loc: Loc) -> Any:
        data = (node.lc.data or {}).get(step)
        if data:
            self.keys[loc] = (data[0] + 1, data[1] + 1)
            line, column = data[2:4] if len(data) > 2 else data[:2]
            self.places[loc] = (line + 1, column + 1)
            if node[step] is None:  # an empty value stands where the next key does
                self.places[loc] = self.keys[loc]
        return self.value(node[step], loc)

    def _key(self, key: Any, loc: Loc) -> str:
        if isinstance(key, str):
            return str(key)
        found = f"{key!r} as a key; keys are words"
        raise JobsError((Problem(_at(self._path, self.places, loc), dotted(loc), found),))


def _twice(values: Any) -> Iterator[tuple[Loc, str]]:
    """Jobs of the same name; folders of some systems do not tell upper from lower case."""
    jobs = values.get("jobs") if isinstance(values, dict) else None
    first: dict[str, int] = {}
    for number, job in enumerate(jobs if isinstance(jobs, list) else ()):
        name = job.get("name") if isinstance(job, dict) else None
        if isinstance(name, str) and name and first.setdefault(name.lower(), number) != number:
            yield (
                ("jobs", number, "name"),
                f"{name!r} a second time (jobs[{first[name.lower()]}] has it); give each job a name of its own",
            )


def _at(path: Path, places: Mapping[Loc, tuple[int, int]], loc: Loc) -> str:
    while loc not in places:
        loc = loc[:-1]
    line, column = places[loc]
    return f"{path}:{line}:{column}"


def _sorted(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda each: [int(part) for part in each.where.rsplit(":", 2)[-2:]])


def _explained(
    error: Any, values: Any, path: Path, places: Mapping[Loc, tuple[int, int]], keys: Mapping[Loc, tuple[int, int]]
) -> Problem:
    """One of pydantic's findings in our words."""
    loc, found, kind = error["loc"], error["input"], error["type"]
    told = f"found {_shown(_without_secret(found) if loc and _may_be_secret(loc) else found)}"
    if kind == "extra_forbidden":
        allowed = _fields(JobsFile, loc[:-1])
        says = f"unknown key; allowed are {', '.join(allowed)}{_guess(str(loc[-1]), allowed)}"
        return Problem(_at(path, keys if loc in keys else places, loc), dotted(loc), says)
    if kind == "missing":
        return Problem(_at(path, places, loc[:-1]), dotted(loc), "is missing; add it")
    if kind == "literal_error":
        allowed = [word.strip("'") for word in error["ctx"]["expected"].replace(" or ", ", ").split(", ")]
        says = f"{told}; allowed are {', '.join(allowed)}{_guess(str(found), allowed)}"
    elif kind == "value_error":
        says = f"{told}; {error['ctx']['error']}" if not isinstance(found, dict) else str(error["ctx"]["error"])
    elif kind in ("model_type", "model_attributes_type", "dict_type"):
        says = f"{told}; allowed are keys with values" + _below(loc)
    elif kind == "tuple_type":
        says = f"{told}; allowed is a list: lines that begin with '- '"
    elif kind == "too_short":
        says = "is empty; give at least one"
    elif kind == "string_too_short":
        says = "is empty; give a value, or leave the key out"
    elif kind == "string_type" and found is None:
        says = "has no value; give one, or leave the key out"
    else:
        message = str(error["msg"]).replace("Input should be", "must be")
        says = f"{told}; {message[0].lower()}{message[1:]}"
    return Problem(_at(path, places, loc), dotted(loc), says)


def _may_be_secret(loc: Loc) -> bool:
    return loc[-1] in ("webhook", "lock") or "command" in loc


def _without_secret(found: Any) -> Any:
    """What is shown of an address or a command: no password, no token."""
    if not isinstance(found, str):
        return found
    scheme, is_address, _ = found.partition("://")
    if (shown := masked(found)) != UNREADABLE:
        return shown
    return f"{scheme}://..." if is_address and scheme.isalnum() else "..."


def _below(loc: Loc) -> str:
    allowed = _fields(JobsFile, loc)
    return f": {', '.join(allowed)}" if allowed else ""


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "\u2026"


def _guess(word: str, allowed: list[str]) -> str:
    near = get_close_matches(word, allowed, 1, 0.5)
    return f"; did you mean {near[0]}?" if near else ""


def _fields(model: type[BaseModel], loc: Loc) -> list[str]:
    """The keys that may stand at a place."""
    for step in loc:
        if isinstance(step, int) or step not in model.model_fields:
            continue
        inside = _model_in(model.model_fields[step].annotation)
        if inside is None:
            return []
        model = inside
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, UnionType, tuple):
        return next(filter(None, map(_model_in, get_args(annotation))), None)
    return None
