"""YAML of the operator's -> checked values, or one error that says where, what, what is allowed, what to do.

YAML 1.2 (so `no` is a word), keys once, no tags, no aliases. Lines are remembered, because a message without a line
is no help in a file of 300. libyaml parses, being twenty times as fast as a parser in Python: twenty profiles are read
at every start. It gives events only; what a scalar means is decided here, since its own rules are those of YAML 1.1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml  # type: ignore[import-untyped]  # publishes no types
from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)
Loc = tuple[str | int, ...]

MAX_DEPTH = 50  # lists and mappings inside each other
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in Python where libyaml is not there: the same events
MOST_DIGITS = 15  # of a whole number: what canonical JSON can say exactly


def _whole(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError(text)
    return int(text, 0 if text[:2] in ("0o", "0x") else 10)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[str], object]], ...] = (
    (re.compile(r"(?a:\d{4}-\d\d-\d\d)"), date.fromisoformat),
    (re.compile(r"true|True|TRUE"), lambda _: True),
    (re.compile(r"false|False|FALSE"), lambda _: False),
    (re.compile(r"null|Null|NULL|~|"), lambda _: None),
    (re.compile(r"(?a:[-+]?\d+)|0o[0-7]+|0x[0-9a-fA-F]+"), _whole),
    (re.compile(r"(?a:[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?)"), float),
)


class PolicyError(Exception):
    """A policy, a spec or a record of the operator's that cannot be used; nothing may start with it.

    Attributes:
        where: File and line ("policies/jp.yaml:12"), or the argument.
        found: What was found there.
        allowed: What could stand there; "" when the finding says it.
        todo: What to do next.
    """

    def __init__(self, where: str, found: str, allowed: str = "", todo: str = "") -> None:
        super().__init__(where, found, allowed, todo)
        self.where, self.found, self.allowed, self.todo = where, found, allowed, todo

    def __str__(self) -> str:
        allowed = f"allowed: {self.allowed}" if self.allowed else ""
        return f"{self.where}: " + "; ".join(part for part in (self.found, allowed, self.todo) if part)


@dataclass(frozen=True, slots=True)
class Source(Generic[M]):
    """One file as read: its content, and the line of each part of it."""

    path: Path
    content: M
    lines: Mapping[Loc, int]

    def at(self, *loc: str | int) -> str:
        """File and line of that part, or of the nearest one around it."""
        return _at(self.path, self.lines, loc)


def read(path: Path, model: type[M]) -> Source[M]:
    """Read one file and check it against its model.

    Raises:
        PolicyError: It cannot be read, is no YAML, or says something the model does not allow.
    """
    document = _Document(path, _text(path))
    content = document.content()
    try:
        return Source(path, model.model_validate(content), document.lines)
    except ValidationError as error:
        raise _explained(error, model, path, document.lines) from None


def unknown(where: str, what: str, found: str, allowed: Collection[str], todo: str = "") -> PolicyError:
    """The error for a word that is not in a list, with the nearest word that is."""
    near = get_close_matches(found, sorted(allowed), n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else todo
    return PolicyError(where, f"unknown {what} {found!r}", ", ".join(sorted(allowed)) or "nothing", hint)


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PolicyError(
            str(path), f"cannot be read ({error.strerror})", todo="check the path and its rights"
        ) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PolicyError(
            f"{path}:{line}", "a byte that is not UTF-8", "UTF-8 text", "save the file as UTF-8"
        ) from None


class _Document:
    """The only document of a file, built from the parser's events, which know their lines."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.text = path, text
        self.lines: dict[Loc, int] = {(): 1}
        self.events = iter(yaml.parse(text, Loader=_LOADER))

    def content(self) -> Any:
        """What the file says; None when it says nothing."""
        found, documents = None, 0
        while not isinstance(event := self._next(), yaml.StreamEndEvent):
            if isinstance(event, yaml.DocumentStartEvent) and (documents := documents + 1) > 1:
                raise self._invalid(event.start_mark.line, "a second document begins here")
            if isinstance(event, yaml.NodeEvent):
                found = self._value(event, ())
        return found

    def _next(self) -> Any:
        try:
            return next(self.events)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            found = " ".join(part for part in (error.context, error.problem) if part)
            raise self._invalid(mark.line if mark else 0, found) from None
        except yaml.YAMLError as error:
            before = self.text.encode()[: getattr(error, "position", 0) or 0]
            raise self._invalid(before.count(b"\n"), str(error).splitlines()[0]) from None

    def _invalid(self, line: int, found: str) -> PolicyError:
        return PolicyError(f"{self.path}:{line + 1}", f"no valid YAML: {found}", todo="mend the syntax near this line")

    def _value(self, event: Any, loc: Loc) -> Any:
        here = f"{self.path}:{event.start_mark.line + 1}"
        self.lines.setdefault(loc, event.start_mark.line + 1)
        if isinstance(event, yaml.AliasEvent):
            raise PolicyError(here, f"*{event.anchor}, which repeats another place", todo="write it out")
        if len(loc) > MAX_DEPTH:
            raise PolicyError(here, "the YAML is nested too deeply", f"{MAX_DEPTH} levels")
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event, here)
        return self._list(loc) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(loc)

    def _list(self, loc: Loc) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._value(event, (*loc, len(items))))
        return items

    def _mapping(self, loc: Loc) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            here = f"{self.path}:{line}"
            key = self._key(event, here)
            if key in values:
                first = self.lines[(*loc, key)]
                raise PolicyError(
                    here, f"key {key!r} a second time (first in line {first})", todo="keep one of the two"
                )
            self.lines[(*loc, key)] = line
            values[key] = self._value(self._next(), (*loc, key))
        return values

    @staticmethod
    def _key(event: Any, here: str) -> str:
        key = _scalar(event, here) if isinstance(event, yaml.ScalarEvent) else None
        if isinstance(key, str):
            return key
        found = "a list or mapping" if key is None else repr(key)
        raise PolicyError(here, f"{found} as a key", "words", "put it in quotes if it is meant as a word")


def _scalar(event: Any, here: str) -> Any:
    """A scalar by the core schema of YAML 1.2 (10.3.2), and a date; a word in quotes stays a word."""
    text: str = event.value
    plain, quoted = event.implicit
    try:
        if plain:
            return next((make(text) for form, make in _FORMS if form.fullmatch(text)), text)
        if quoted:
            return text
    except ValueError:  # the thirteenth month; more digits than a number should have
        pass
    raise PolicyError(
        here,
        f"no usable value: {event.tag or ''} {text:.80}".replace("  ", " "),
        "words, numbers, true, false, and dates as 2023-06-01",
        "put it in quotes if it is meant as a word",
    )


def _at(path: Path, lines: Mapping[Loc, int], loc: Loc) -> str:
    while loc not in lines:
        loc = loc[:-1]
    return f"{path}:{lines[loc]}"


def _explained(error: ValidationError, model: type[BaseModel], path: Path, lines: Mapping[Loc, int]) -> PolicyError:
    """The first problem of the file, in our words; what is allowed is read from the published schema."""
    problem = min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")  # a misspelled field first
    loc, found = problem["loc"], problem["input"]
    where = _at(path, lines, loc)
    name = next((step for step in reversed(loc) if isinstance(step, str)), "the file")
    schema = model.model_json_schema()
    if problem["type"] == "extra_forbidden":
        return unknown(where, "field", name, _allowed(schema, loc[:-1]), "remove it")
    if problem["type"] == "missing":
        return PolicyError(where, f"field {name!r} is missing", todo="add it")
    if problem["type"] in ("enum", "literal_error"):
        return unknown(where, name, str(found), _allowed(schema, loc))
    if not loc and not isinstance(found, dict):
        return PolicyError(where, "a file without fields", f"the fields {', '.join(_allowed(schema, ()))}")
    if isinstance(found, dict):
        return PolicyError(where, f"{found.get('id', name)}: {problem['msg']}")
    return PolicyError(where, f"{name}: {problem['msg']} (found {found!r:.80})")


def _allowed(schema: Mapping[str, Any], loc: Loc) -> list[str]:
    """What the schema allows at a place: the words of an enumeration, or the fields of an object."""
    node: Any = schema
    for step in (*loc, None):
        node = next((way for way in node.get("anyOf", ()) if way.get("type") != "null"), node)
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rpartition("/")[2]]
        if step is not None:
            if isinstance(step, int):
                inside = dict(enumerate(node.get("prefixItems", ()))).get(step, node.get("items"))
            else:
                inside = node.get("properties", {}).get(step)
            node = inside or node.get("additionalProperties") or {}
    return [str(word) for word in node.get("enum", ())] or list(node.get("properties", ()))
