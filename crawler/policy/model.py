"""What a policy file may say. The same models give `policies/policy.schema.json`, which editors complete from.

A field's description is written for the person who writes the file; `policies/README.md` explains the whole.
"""

from __future__ import annotations

import json
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, model_validator
from pydantic_core import PydanticCustomError

from crawler.document import FactValue, Gate, Treatment
from crawler.policy.set_rules import SetRule

PII = "pii."  # facts about personal data: "pii.<kind>"
RUN = "run."  # facts about the run, which the operator gives
NAMES_UNCHECKED = "pii.names-unchecked"  # says that nobody looked, so it is no kind that could be treated


class Effect(StrEnum):
    """What a rule may ask for: a gate, or the treatment of one kind of personal data."""

    KEEP = "keep"
    REVIEW = "review"
    REQUIRE_LICENSE = "require-license"
    REQUIRE_CONSENT = "require-consent"
    RETRY = "retry"
    DROP = "drop"
    PSEUDONYMIZE = "pseudonymize"
    REDACT = "redact"

    @property
    def gate(self) -> Gate:
        """The gate of the same name; a treatment lets the page through."""
        return Gate.__members__.get(self.name, Gate.KEEP)

    @property
    def treatment(self) -> Treatment:
        """The treatment of the same name; a gate treats nothing."""
        return Treatment.__members__.get(self.name, Treatment.KEEP)


def _listed(found: object) -> tuple[FactValue, ...]:
    """One value or a list of values, as a sorted tuple."""
    listed = found if isinstance(found, list | tuple) else [found]
    values = {(type(value).__name__, value): value for value in listed if isinstance(value, str | bool | int)}
    if len(values) < len(listed):
        raise PydanticCustomError("values", "a fact's values are words, whole numbers, true and false, each once")
    if not values:
        raise PydanticCustomError("values", "the list of values is empty, so the rule could never fire")
    return tuple(values[key] for key in sorted(values))


SHARE_LEVELS = ("none", "verification-only", "named-partners", "analysis-only", "domestic", "public")  # strictest first

ShareLevel = Literal["none", "verification-only", "named-partners", "analysis-only", "domestic", "public"]
RunFact = Literal["run.actor", "run.purpose", "run.commercial", "run.stage"]
Word = Annotated[str, Field(min_length=1)]
Day = Annotated[date, Strict()]
Values = Annotated[tuple[FactValue, ...], BeforeValidator(_listed, json_schema_input_type=FactValue | list[FactValue])]
Condition = Annotated[dict[Word, Values], Field(min_length=1)]


class Strictly(BaseModel):
    """Unknown fields are errors, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Citation(Strictly):
    """A law, standard, judgment or guidance. It counts from the day it applies, else from publication."""

    instrument: Word = Field(description="Name as a lawyer would cite it, with number or court")
    article: str = Field(default="", description="Article or section, when the entry is about one only")
    published: Day = Field(description="Date of issue, judgment or publication")
    applies_from: Day | None = Field(
        default=None, description="First day it applies; left out when that is `published`"
    )
    applies_until: Day | None = Field(default=None, description="Last day it applied")
    url: str = Field(pattern=r"^https://", description="Where to read it")
    checked: Literal["V", "K", "U"] = Field(
        description="V: checked in a source; K: well-known text, not re-read; U: unconfirmed, check before use"
    )
    note: str = ""

    def in_force(self, day: date) -> bool:
        """Whether it applies on that day, both ends included."""
        return (self.applies_from or self.published) <= day <= (self.applies_until or date.max)


class Rule(Strictly):
    """If all of these facts are stated, this follows."""

    id: str = Field(pattern=r"^[a-z0-9_-]+(\.[a-z0-9_-]+)+$", description="<profile>.<name>; its meaning never changes")
    when: Condition = Field(description="Fact name: value, or a list of which any will do; all names must hold")
    effect: Effect
    cite: tuple[Word, ...] = Field(
        default=(), description="Citation keys, each with article: EU-CDSM-4-3; ours may have none"
    )
    status: Literal["law", "guidance", "contested", "bill", "ours"] = Field(description="What stands behind the rule")
    confidence: Literal["settled", "disputed", "unconfirmed"] | None = Field(
        default=None, description="How sure we are of the sentence, where the status alone would mislead"
    )
    says: Word = Field(description="One plain sentence")
    notes: tuple[Word, ...] = Field(default=(), description="Remarks for the record; they never change the effect")
    lifted_by: Literal["license"] | None = Field(
        default=None, description="A license on file for the source lifts this review or drop"
    )
    once_met: Literal[Effect.KEEP, Effect.RETRY] = Field(
        default=Effect.KEEP,
        description="What is left of a requirement that a record meets: keep, or retry (fetch it again)",
    )
    replaces: tuple[Word, ...] = Field(
        default=(), description="Rules of the parent or of base that this one stands in for"
    )
    valid_from: Day | None = Field(
        default=None, validation_alias="from", serialization_alias="from", description="First day of the rule"
    )
    valid_until: Day | None = Field(
        default=None, validation_alias="until", serialization_alias="until", description="Last day of the rule"
    )
    review_by: Day | None = Field(default=None, description="From the day after, loading the profile warns")

    @property
    def kind(self) -> str:
        """The kind of personal data that is treated; "" for a gate."""
        treats = self.effect.treatment is not Treatment.KEEP
        return next((name.removeprefix(PII) for name in self.when if name.startswith(PII)), "") if treats else ""

    @model_validator(mode="after")
    def _make_sense(self) -> Self:
        if self.effect.treatment is not Treatment.KEEP:
            kinds = [name for name in self.when if name.startswith(PII) and name != NAMES_UNCHECKED]
            if len(kinds) != 1 or self.when[kinds[0]] != (True,):
                raise PydanticCustomError(
                    "treatment", "{effect} needs exactly one pii.<kind>: true in 'when'", {"effect": self.effect.value}
                )
        if self.lifted_by and self.effect not in (Effect.REVIEW, Effect.DROP):
            raise PydanticCustomError("lifted_by", "lifted_by goes with the effects review and drop only")
        if self.once_met is not Effect.KEEP and self.effect not in (Effect.REQUIRE_LICENSE, Effect.REQUIRE_CONSENT):
            raise PydanticCustomError("once_met", "once_met goes with require-license and require-consent only")
        if not self.cite and self.status != "ours":
            raise PydanticCustomError(
                "cite", "a rule of status {status} needs a citation in 'cite'", {"status": self.status}
            )
        if (self.valid_from or date.min) > (self.valid_until or date.max):
            raise PydanticCustomError("dates", "'from' is later than 'until', so the rule could never fire")
        return self


class Ground(Strictly):
    """What the use rests on in this place."""

    cite: tuple[Word, ...] = Field(description="Citation keys; an empty list says that no law allows it as such")
    says: Word


class Basis(Strictly):
    """The two grounds a lawyer asks for first."""

    copyright: Ground
    personal_data: Ground


class Retention(Strictly):
    """How long fetched pages may be kept as evidence."""

    bodies_days: Annotated[int, Strict(), Field(ge=0)] = Field(description="Days; 0: bodies are not stored at all")
    status: Literal["law", "guidance", "contested", "ours"]
    cite: tuple[Word, ...] = ()
    says: Word


class Share(Strictly):
    """How far a data set may be passed on, strictest first: `none` to `public`."""

    level: ShareLevel
    status: Literal["law", "guidance", "contested", "ours"]
    cite: tuple[Word, ...] = ()
    says: Word

    @property
    def rank(self) -> int:
        """Its place among the levels, 0 for the strictest."""
        return SHARE_LEVELS.index(self.level)


class Watch(Strictly):
    """Something that may change the law, so that somebody looks when it does."""

    when: Day | Word = Field(description="A day, or words where none is known")
    what: Word = Field(description="What will or may happen then")
    touches: tuple[Word, ...] = Field(default=(), description="Ids of the rules that it may change")


class Profile(Strictly):
    """One policy file."""

    profile: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", description="The word its rule ids begin with")
    title: Word
    summary: Word = Field(description="One paragraph for lawyers")
    addition: bool = Field(
        default=False,
        description="No place's law: its rules are joined to a profile (jp+quality), and strictest leaves them out",
    )
    extends: Word | None = Field(default=None, description="A shipped profile, one level; base is always underneath")
    basis: Basis | None = None
    citations: dict[Word, Citation] = Field(default={}, description="Key: instrument; rules add the article to it")
    rules: tuple[Rule, ...] = ()
    retention: Retention | None = Field(default=None, description="Left out: that of the parent, else of base")
    requires: dict[RunFact, Values] = Field(
        default={},
        description="What the run must be, or it is refused: run fact: value, or a list of which any will do",
    )
    robots_reading: Literal["rfc9309", "legacy", "strictest"] | None = Field(
        default=None, description="How robots.txt is read; left out: as the parent reads it, else by RFC 9309"
    )
    other_readings: tuple[Word, ...] = Field(
        default=(), description="Open points of the specifications that this profile reads the other way"
    )
    set_rules: tuple[SetRule, ...] = Field(default=(), description="Rules about the whole set, applied at release")
    share: Share | None = Field(default=None, description="Left out: that of the parent, else of base, else no limit")
    outputs: tuple[Word, ...] = Field(default=(), description="What has to be written or filed besides the data")
    watch: tuple[Watch, ...] = Field(default=(), description="What may change the law")
    caution: Word | None = Field(default=None, description="A warning that is shown whenever the profile is loaded")


def schema() -> str:
    """The text of `policies/policy.schema.json`."""
    return json.dumps(Profile.model_json_schema(), indent=2, ensure_ascii=False) + "\n"
