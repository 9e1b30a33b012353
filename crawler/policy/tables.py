"""Tables of cases: what is stated, and the whole decision that must follow; for us, for publishers, for a lawyer.

The format is described in `policies/README.md`. A row fits only if all of it does: the gate, the deciding rule with its
citations, all rules that fired, the treatments, and the records that met something.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from crawler.document import Fact, Gate, Treatment
from crawler.policy.cases import Case, Ran
from crawler.policy.library import Library
from crawler.policy.load import build
from crawler.policy.model import Strictly, Values, Word
from crawler.policy.policy import Policy
from crawler.policy.read import PolicyError, Source, read, unknown
from crawler.policy.records import Record
from crawler.policy.vocabulary import looked_at

OF_EACH = "*"  # in a rule's id: the policy of the row
GATE_OF_ACTION: Mapping[str, Gate] = MappingProxyType(
    {
        **dict.fromkeys(("A", "R", "P"), Gate.KEEP),
        "L": Gate.REQUIRE_LICENSE,
        "C": Gate.REQUIRE_CONSENT,
        "F": Gate.REVIEW,
        "D": Gate.DROP,
    }
)
_CELL_LENGTHS = (4, 5)  # with treatments, or without
_ACTION_OF_TREATMENTS = {
    frozenset[str](): "A",
    frozenset({"redact"}): "R",
    frozenset({"pseudonymize"}): "P",
    frozenset({"redact", "pseudonymize"}): "P",
}


def _cell(found: object) -> object:
    """A cell of a matrix, with its treatments, which may be left out where there are none."""
    if not isinstance(found, list | tuple) or len(found) not in _CELL_LENGTHS:
        raise PydanticCustomError(
            "cell", "no field of a row, and no cell: [action, deciding rule, its citations, other rules, treatments]"
        )
    action, *_, last = cell = [*found, {}][:5]
    words = frozenset(map(str, last.values())) if isinstance(last, dict) else frozenset[str]()
    if action in _ACTION_OF_TREATMENTS.values() and _ACTION_OF_TREATMENTS.get(words) != action:
        raise PydanticCustomError(
            "cell", "the action does not agree with the treatments: A none, R redact, P also pseudonymize"
        )
    return cell


Facts = dict[Word, Values]  # name: value, or a list of values that are all stated
Words = tuple[Word, ...]
Treatments = dict[Word, Literal["pseudonymize", "redact"]]
Cell = Annotated[
    tuple[Literal["A", "R", "P", "L", "C", "F", "D"], Word | None, Words, Words, Treatments], BeforeValidator(_cell)
]


class Line(BaseModel):
    """One row: of a matrix, with a cell for each policy in a column of its name; else with one decision for all."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Cell]

    id: Word
    source: str = ""
    policy: Word | Words = ()
    bills: bool = False
    facts: Facts = {}
    columns: dict[Word, Facts] = {}
    each: Facts = {}
    each_record: Words = Field(default=("",), alias="each-record")
    gate: Literal["keep", "review", "require-license", "require-consent", "retry", "drop"] | None = None
    rule: Word | None = None
    cite: Words = ()
    also: Words = ()
    treatments: Treatments = {}
    met: bool = False

    @property
    def cells(self) -> Mapping[str, Cell]:
        """The cells by policy; empty in a row that is none of a matrix."""
        return self.__pydantic_extra__

    @model_validator(mode="after")
    def _decide(self) -> Self:
        if bool(self.cells) == bool(self.gate):
            raise PydanticCustomError("row", "a row needs either 'gate', or a cell for each policy, and not both")
        return self


class Table(Strictly):
    """The file; what stands above the rows holds for each of them, unless the row says otherwise."""

    run: Facts = {}
    page: Facts = {}
    columns: dict[Word, Facts] = Field(default={}, description="What is stated otherwise in one column of a matrix")
    policy: Word | Words = ()
    url: str = ""
    records: dict[Word, Record] = {}
    rows: tuple[Line, ...] = Field(min_length=1)


def read_table(path: Path, known_facts: Collection[str]) -> tuple[Case, ...]:
    """The cases of a table, in its order.

    Raises:
        PolicyError: It cannot be read, breaks the format, or names a fact that nothing states.
    """
    file = read(path, Table)
    _check_facts(file, known_facts)
    rows = enumerate(file.content.rows)
    return tuple(case for place, line in rows for case in _cases(file, line, file.at("rows", place)))


def run_table(path: Path, library: Library, today: date) -> Ran:
    """Decide every case of a table.

    Raises:
        PolicyError: As `read_table`, and when a row names a policy that cannot be loaded.
    """
    cases = read_table(path, library.known_facts)
    policies: dict[tuple[str, bool], Policy] = {}
    differences = []
    for case in cases:
        key = case.policy, case.bills
        if key not in policies:
            policies[key] = policy_of(case, library, today)
        if found := case.differences(policies[key]):
            differences.append((case, found))
    return Ran(len(cases), tuple(differences))


def policy_of(case: Case, library: Library, today: date) -> Policy:
    """The policy that a case is about."""
    try:
        return build(replace(library, include_bills=case.bills or library.include_bills), case.policy, today)
    except PolicyError as error:
        if not error.where.startswith("policy"):
            raise  # the mistake is in the policy's own file
        raise PolicyError(case.where, error.found, error.allowed, error.todo) from None


def _cases(file: Source[Table], line: Line, where: str) -> Iterator[Case]:
    return _matrix_cases(file.content, line, where) if line.cells else _plain_cases(file, line, where)


def _matrix_cases(table: Table, line: Line, where: str) -> Iterator[Case]:
    for spec, (action, rule, cite, also, treatments) in line.cells.items():
        stated = (table.run, table.page, table.columns.get(spec, {}), line.facts, line.columns.get(spec, {}))
        yield Case(
            where=where,
            id=f"{spec}: {line.id}",
            policy=spec,
            facts=_facts(*stated),
            gate=GATE_OF_ACTION[action],
            rule=rule,
            cite=cite if rule else None,
            fired=frozenset([*([rule] if rule else []), *also]),
            treatments=_treatments(treatments),
            bills=line.bills,
        )


def _plain_cases(file: Source[Table], line: Line, where: str) -> Iterator[Case]:
    """Once for each policy, each value of `each`, and each record."""
    table, specs = file.content, _listed(line.policy or file.content.policy)
    if not specs:
        raise PolicyError(where, "a row that names no policy", todo="add 'policy', here or above the rows")
    choices = [dict(zip(line.each, values, strict=True)) for values in product(*line.each.values())]
    for spec, choice, key in product(specs, choices, line.each_record):
        if key and key not in table.records:
            raise unknown(where, "record", key, table.records)
        records = (table.records[key],) if key else ()
        chosen: Facts = {name: (value,) for name, value in choice.items()}
        rule = line.rule and line.rule.replace(OF_EACH, spec)
        yield Case(
            where=where,
            id=" ".join(str(part) for part in (f"{spec}: {line.id}", *choice.values(), key) if part),
            policy=spec,
            facts=_facts(table.run, table.page, line.facts, chosen),
            gate=Gate[(line.gate or "").upper().replace("-", "_")],
            rule=rule,
            cite=None if line.rule is None or OF_EACH in line.rule else line.cite,
            fired=frozenset([*([rule] if rule else []), *(each.replace(OF_EACH, spec) for each in line.also)]),
            treatments=_treatments(line.treatments),
            records=records,
            url=table.url,
            met=tuple(record.id for record in records) if line.met else (),
            bills=line.bills,
        )


def _check_facts(file: Source[Table], known_facts: Collection[str]) -> None:
    facts, table = looked_at(known_facts), file.content
    places: list[tuple[tuple[str | int, ...], Facts]] = [(("run",), table.run), (("page",), table.page)]
    places += [(("columns", spec), stated) for spec, stated in table.columns.items()]
    for place, line in enumerate(table.rows):
        places += [(("rows", place, "facts"), line.facts), (("rows", place, "each"), line.each)]
        places += [(("rows", place, "columns", spec), stated) for spec, stated in line.columns.items()]
    for loc, stated in places:
        for name in stated:
            if name not in facts:
                raise unknown(file.at(*loc, name), "fact", name, facts)


def _facts(*stated: Facts) -> tuple[Fact, ...]:
    """What is stated; a later mapping speaks instead of an earlier one."""
    merged = {name: values for each in stated for name, values in each.items()}
    return tuple(Fact(name, value) for name, values in merged.items() for value in values)


def _treatments(words: Mapping[str, str]) -> dict[str, Treatment]:
    return {kind: Treatment[word.upper()] for kind, word in words.items()}


def _listed(specs: str | Words) -> Words:
    return (specs,) if isinstance(specs, str) else specs
