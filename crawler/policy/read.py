"""YAML of the operator's -> checked values, or one error that says where, what, what is allowed, what to do.

YAML 1.2 by ruamel (so `no` is a word), keys once, no tags, no merge keys. Lines are remembered, because a
message without a line is no help in a file of 300.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

M = TypeVar("M", bound=BaseModel)
Loc = tuple[str | int, ...]


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
    lines: dict[Loc, int] = {(): 1}
    node = _compose(path, _text(path))
    try:
        data = _plain(node, (), lines, path)
    except RecursionError:
        raise PolicyError(f"{path}:1", "the YAML is nested too deeply or holds itself") from None
    try:
        return Source(path, model.model_validate(data), lines)
    except ValidationError as error:
        raise _explained(error, model, path, lines) from None


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


def _compose(path: Path, text: str) -> Node | None:
    """The file as a tree of nodes, which know their lines."""
    try:
        return YAML(typ="safe", pure=True).compose(text)  # type: ignore[no-any-return]
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        found = " ".join(part for part in (error.context, error.problem) if part)
        raise PolicyError(f"{path}:{line}", f"no valid YAML: {found}", todo="mend the syntax near this line") from None
    except YAMLError as error:
        line = text.count("\n", 0, getattr(error, "position", 0) or 0) + 1
        first = str(error).splitlines()[0]
        raise PolicyError(f"{path}:{line}", f"no valid YAML: {first}", todo="mend the syntax near this line") from None
    except RecursionError:
        raise PolicyError(f"{path}:1", "the YAML is nested too deeply") from None


def _plain(node: Node | None, loc: Loc, lines: dict[Loc, int], path: Path) -> Any:
    """Dictionaries, lists and scalars; the line of each place is noted in `lines`."""
    if node is None:
        return None
    lines.setdefault(loc, node.start_mark.line + 1)
    if isinstance(node, SequenceNode):
        return [_plain(item, (*loc, index), lines, path) for index, item in enumerate(node.value)]
    if not isinstance(node, MappingNode):
        return _scalar(node, path)
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key, here = _scalar(key_node, path), f"{path}:{key_node.start_mark.line + 1}"
        if not isinstance(key, str):
            raise PolicyError(here, f"{key!r} as a key", "words", "put it in quotes if it is meant as a word")
        if key in values:
            first = lines[(*loc, key)]
            raise PolicyError(here, f"key {key!r} a second time (first in line {first})", todo="keep one of the two")
        lines[(*loc, key)] = key_node.start_mark.line + 1
        values[key] = _plain(value_node, (*loc, key), lines, path)
    return values


def _scalar(node: Node, path: Path) -> Any:
    if isinstance(node, ScalarNode):
        try:
            return YAML(typ="safe", pure=True).constructor.construct_object(node)
        except (ValueError, YAMLError):  # the thirteenth month; a tag of Python's
            pass
    found = f"{getattr(node, 'tag', '')} {node.value if isinstance(node, ScalarNode) else ''}".strip()
    raise PolicyError(
        f"{path}:{node.start_mark.line + 1}",
        f"no usable value: {found}",
        "words, whole numbers, true, false, and dates as 2023-06-01",
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
            inside = node.get("items") if isinstance(step, int) else node.get("properties", {}).get(step)
            node = inside or node.get("additionalProperties") or {}
    return [str(word) for word in node.get("enum", ())] or list(node.get("properties", ()))
