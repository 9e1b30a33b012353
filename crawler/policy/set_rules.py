"""What a policy file may say about the whole set: set rules, applied when a release is made (crawler/release).

A set rule never looks at one page. It names a measure, a limit and what follows when the limit is not kept; `numbers`
says whose number the limit is, because most laws that ask for a measure leave the number open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, Strict, model_validator
from pydantic_core import PydanticCustomError

Word = Annotated[str, Field(min_length=1)]
Day = Annotated[date, Strict()]
Count = Annotated[int, Strict(), Field(ge=1)]
Number = Annotated[float, Strict(), Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Strict(), Field(gt=0, le=1)]


class Measure(StrEnum):
    """What can be measured about a set."""

    BAD_CONTENT_RATIO = "bad-content-ratio"
    SOURCES_PER_LANGUAGE_AND_KIND = "sources-per-language-and-kind"
    FOREIGN_SHARE = "foreign-share"
    SINGLE_CREATOR_SHARE = "single-creator-share"
    HUMAN_SAMPLE = "human-sample"
    AUTOMATIC_SAMPLE = "automatic-sample"


class SetEffect(StrEnum):
    """What follows when the limit is not kept."""

    DROP_SOURCE = "drop-source"
    HOLD = "hold"
    REFUSE_RELEASE = "refuse-release"


class When(StrEnum):
    """The time that the rule is about."""

    BEFORE_COLLECTION = "before-collection"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class _Form:
    """Which fields go with a measure. `limit` is the side on which the limit lies; all limits but counts are shares."""

    limit: Literal["max", "min"]
    effects: frozenset[SetEffect]
    needs: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()
    counts: bool = False


_ALL = frozenset(SetEffect)
_REFUSES = frozenset({SetEffect.REFUSE_RELEASE})
_FORMS: Mapping[Measure, _Form] = MappingProxyType(
    {
        Measure.BAD_CONTENT_RATIO: _Form("max", _ALL, may=frozenset({"sample"})),
        Measure.SOURCES_PER_LANGUAGE_AND_KIND: _Form("min", _ALL - {SetEffect.DROP_SOURCE}, counts=True),
        Measure.FOREIGN_SHARE: _Form("max", _ALL - {SetEffect.DROP_SOURCE}, needs=frozenset({"home"})),
        Measure.SINGLE_CREATOR_SHARE: _Form("max", _ALL, may=frozenset({"of_at_least"})),
        Measure.HUMAN_SAMPLE: _Form("min", _REFUSES, needs=frozenset({"sample"})),
        Measure.AUTOMATIC_SAMPLE: _Form("min", _REFUSES, needs=frozenset({"share"})),
    }
)
_SPECIAL = ("sample", "share", "of_at_least", "home")


class _Strictly(BaseModel):
    """Unknown fields are errors, and nothing changes after reading (as crawler/policy/model.py, which imports us)."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Home(_Strictly):
    """What counts as domestic: a record in one of these languages, from a host with one of these endings."""

    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")], ...] = Field(
        default=(), description="Language codes as records carry them: zh"
    )
    suffixes: tuple[Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)*$")], ...] = Field(
        default=(), description="Ends of host names, in ASCII, without the first dot: cn, xn--fiqs8s"
    )

    @model_validator(mode="after")
    def _say_something(self) -> Self:
        if not self.languages and not self.suffixes:
            raise PydanticCustomError("home", "'home' needs languages, suffixes or both")
        return self


class SetRule(_Strictly):
    """If the set does not keep this limit, this follows."""

    id: str = Field(pattern=r"^[a-z0-9_-]+(\.[a-z0-9_-]+)+$", description="<profile>.<name>; its meaning never changes")
    measure: Measure = Field(description="What is measured; docs/release.md says how")
    when: When = Field(default=When.RELEASE, description="before-collection: the operator assessed the source before")
    max: Number | None = Field(default=None, description="The limit is kept up to this number, itself included")
    min: Number | None = Field(default=None, description="The limit is kept from this number on, itself included")
    sample: Count | None = Field(
        default=None, description="How many records are looked at, drawn by the release's seed"
    )
    share: Share | None = Field(default=None, description="Which share of all records is looked at, 0 to 1")
    of_at_least: Count | None = Field(default=None, description="Smaller sets (in records) are not measured")
    home: Home | None = Field(default=None, description="What counts as domestic, for foreign-share")
    effect: SetEffect = Field(description="What follows")
    numbers: Literal["law", "guidance", "ours"] = Field(description="Whose number the limit is")
    cite: tuple[Word, ...] = Field(default=(), description="Citation keys; ours may have none")
    status: Literal["law", "guidance", "contested", "bill", "ours"] = Field(description="What stands behind the rule")
    confidence: Literal["settled", "disputed", "unconfirmed"] | None = Field(
        default=None, description="How sure we are of the sentence, where the status alone would mislead"
    )
    valid_from: Day | None = Field(
        default=None, validation_alias="from", serialization_alias="from", description="First day of the rule"
    )
    valid_until: Day | None = Field(
        default=None, validation_alias="until", serialization_alias="until", description="Last day of the rule"
    )
    review_by: Day | None = Field(default=None, description="From the day after, loading the profile warns")
    replaces: tuple[Word, ...] = Field(
        default=(), description="Set rules of the parent or of base that this one stands in for"
    )
    says: Word = Field(description="One plain sentence")
    notes: tuple[Word, ...] = Field(default=(), description="Remarks for the record; they never change the effect")

    @property
    def limit(self) -> float:
        """The number that must be kept."""
        limit = self.max if self.min is None else self.min
        assert limit is not None  # the validator below saw to it
        return limit

    def keeps(self, measured: float) -> bool:
        """Whether the limit is kept; the limit itself counts as kept."""
        return measured <= self.limit if self.min is None else measured >= self.limit

    @model_validator(mode="after")
    def _make_sense(self) -> Self:
        form = _FORMS[self.measure]
        self._check_limit(form)
        self._check_fields(form)
        if self.effect not in form.effects:
            allowed = ", ".join(sorted(form.effects))
            raise _error(
                "effect",
                "{measure} cannot ask for {effect}; allowed: {allowed}",
                self,
                effect=self.effect,
                allowed=allowed,
            )
        if self.when is When.BEFORE_COLLECTION and self.measure is not Measure.BAD_CONTENT_RATIO:
            raise _error("when", "{measure} cannot be measured before collection; bad-content-ratio can", self)
        if not self.cite and self.status != "ours":
            raise _error("cite", "a rule of status {status} needs a citation in 'cite'", self, status=self.status)
        if (self.valid_from or date.min) > (self.valid_until or date.max):
            raise _error("dates", "'from' is later than 'until', so the rule could never fire", self)
        return self

    def _check_limit(self, form: _Form) -> None:
        limit, other = (self.max, self.min) if form.limit == "max" else (self.min, self.max)
        if limit is None or other is not None:
            raise _error("limit", "{measure} needs '{side}' and nothing else as its limit", self, side=form.limit)
        if form.counts and (limit < 1 or limit != int(limit)):
            raise _error("limit", "{measure} counts sources: '{side}' is a whole number from 1", self, side=form.limit)
        if not form.counts and limit > 1:
            raise _error("limit", "{measure} measures a share: '{side}' is a number from 0 to 1", self, side=form.limit)

    def _check_fields(self, form: _Form) -> None:
        for name in _SPECIAL:
            given = getattr(self, name) is not None
            if given and name not in form.needs | form.may:
                raise _error("field", "{measure} does not look at '{name}'; leave it out", self, name=name)
            if not given and name in form.needs:
                raise _error("field", "{measure} needs '{name}'", self, name=name)


def _error(kind: str, message: str, rule: SetRule, **words: str) -> PydanticCustomError:
    return PydanticCustomError(kind, message, {"measure": rule.measure.value, **words})
