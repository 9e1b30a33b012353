"""Policies: the tables of tests/policies, and what holds for all facts, days, profiles and files."""

from __future__ import annotations

import pickle
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from crawler.document import Decision, Fact, FactValue, FetchError, Gate, Treatment
from crawler.policy.check import ANNOUNCED
from crawler.policy.decide import decide, treatment_of
from crawler.policy.load import SHIPPED, load, load_all, names
from crawler.policy.model import Effect, Profile, schema
from crawler.policy.policy import Policy
from crawler.policy.read import PolicyError, read
from crawler.policy.records import Record, load_records

TABLES = Path(__file__).parent / "policies"
TODAY = date(2026, 11, 22)
SHIPPED_NAMES = ("cn", "eu", "jp", "us")

# What signals can state, as far as rules look at it; a name in full, and the values of those that have a list.
VOCABULARY: Mapping[str, Collection[FactValue] | None] = {
    "robots": {"allowed", "disallowed", "unreachable", "not-recorded"},
    "robots.status": range(400, 500),
    "proxy-train-ai": {"reserved", "permitted"},
    "train-ai": {"reserved", "conditional", "permitted", "unknown"},
    "malformed-reservation": {True},
    "license.class": {"open", "noncommercial", "noderivs", "public-domain", "other-terms", "all-rights-reserved"},
    "access": {
        *("open", "redirected", "not-found", "login", "license-required", "payment-required", "blocked", "challenge"),
        *("proxy-auth", "rate-limited", "legal-block", "client-error", "server-error", "paywalled"),
    },
    "fetch.error": {str(error) for error in FetchError if error},
    "source.class": None,
    "run.fetched-by": {"us", "others"},
    "run.commercial": {"yes", "no"},
    "run.competes": {"yes", "no"},
    "text": {"empty", "unsupported-media-type", "sitemap", "sitemap-index"},
    "terms-reservation": {True},
    **{
        f"pii.{kind}": {True}
        for kind in ("contact", "payment_card", "account", "ip_address", "gov_id", "person_name", "any")
    },
    "pii.names-unchecked": {True},
}
KNOWN = frozenset(VOCABULARY) - set(ANNOUNCED)


# ---- tables ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One line of a table under one policy: what is stated, and the whole decision that must follow."""

    id: str
    policy: str
    facts: tuple[Fact, ...]
    gate: Gate
    rule: str | None
    cite: tuple[str, ...] | None  # None: of several rules, not compared
    fired: frozenset[str]
    treatments: Mapping[str, Treatment]
    records: tuple[Record, ...] = ()
    url: str = ""
    met: tuple[str, ...] = ()

    def holds(self, policy: Policy) -> bool:
        """Whether the policy decides as the row says."""
        return self.seen(decide(policy, self.facts, records=self.records, url=self.url)) == self.expected

    def seen(self, decision: Decision) -> tuple[object, ...]:
        deciding = decision.deciding
        cite = deciding.citations if deciding and self.cite is not None else self.cite
        fired = frozenset(fired.rule for fired in decision.fired)
        return decision.gate, deciding and deciding.rule, cite, fired, decision.treatments, decision.met

    @property
    def expected(self) -> tuple[object, ...]:
        return self.gate, self.rule, self.cite, self.fired, self.treatments, self.met


@cache
def table(name: str) -> Any:
    return YAML(typ="safe", pure=True).load((TABLES / name).read_text("utf-8"))


def stated(*mappings: Mapping[str, Any]) -> tuple[Fact, ...]:
    merged = {name: value for mapping in mappings for name, value in mapping.items()}
    return tuple(Fact(name, one) for name, v in merged.items() for one in (v if isinstance(v, list) else [v]))


def treatments(words: Mapping[str, str]) -> dict[str, Treatment]:
    return {kind: Treatment[word.upper()] for kind, word in words.items()}


GATE_OF_ACTION = {"A": Gate.KEEP, "R": Gate.KEEP, "P": Gate.KEEP, "L": Gate.REQUIRE_LICENSE, "F": Gate.REVIEW}


def matrix_rows() -> Iterator[Row]:
    sheet = table("matrix.yaml")
    for line, policy in product(sheet["rows"], SHIPPED_NAMES):
        action, rule, cite, also, *rest = line[policy]
        yield Row(
            id=f"{policy}: {line['id']}",
            policy=policy,
            facts=stated(sheet["run"], sheet["page"], line["facts"]),
            gate=GATE_OF_ACTION.get(action, Gate.DROP),
            rule=rule,
            cite=tuple(cite),
            fired=frozenset([rule, *also]),
            treatments=treatments(rest[0] if rest else {}),
        )


def plain_rows(name: str) -> Iterator[Row]:
    """Rows of the other tables, once for each policy, each value of `each`, and each record."""
    sheet = table(name)
    for line in sheet["rows"]:
        specs = line.get("policy", sheet.get("policy"))
        each = line.get("each", {})
        choices = [dict(zip(each, values, strict=True)) for values in product(*each.values())]
        for spec, choice, key in product([specs] if isinstance(specs, str) else specs, choices, records_of(line)):
            record = Record.model_validate(sheet["records"][key]) if key else None
            rule = str(line["rule"]).replace("*", spec) if "rule" in line else None
            yield Row(
                id=" ".join(str(part) for part in (f"{spec}: {line['id']}", *choice.values(), key) if part),
                policy=spec,
                facts=stated(sheet["run"], line.get("facts", {}), choice),
                gate=Gate[line["gate"].upper().replace("-", "_")],
                rule=rule,
                cite=None if rule is None or "*" in line["rule"] else tuple(line.get("cite", ())),
                fired=frozenset([*([rule] if rule else []), *line.get("also", ())]),
                treatments=treatments(line.get("treatments", {})),
                records=(record,) if record else (),
                url=sheet.get("url", ""),
                met=(record.id,) if record and line.get("met") else (),
            )


def records_of(line: Mapping[str, Any]) -> list[str]:
    return list(line.get("each-record", [""]))


PLAIN = ("base.yaml", "jp.yaml", "us.yaml", "eu.yaml", "cn.yaml", "dates.yaml", "union.yaml", "records.yaml")
ROWS = (*matrix_rows(), *(row for name in PLAIN for row in plain_rows(name)))


@cache
def policy_of(spec: str) -> Policy:
    return load(spec, KNOWN, today=TODAY)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_tables(row: Row) -> None:
    """The whole decision is as the row says: gate, deciding rule, citations, all rules fired, treatments, records."""
    decision = decide(policy_of(row.policy), row.facts, records=row.records, url=row.url)
    assert row.seen(decision) == row.expected


def test_matrix_actions() -> None:
    """The action letter of a cell agrees with its treatments."""
    for line, policy in product(table("matrix.yaml")["rows"], SHIPPED_NAMES):
        action, *_, last = line[policy]
        kinds = set(last.values()) if isinstance(last, dict) else set()
        letter = {frozenset(): "A", frozenset({"redact"}): "R", frozenset({"redact", "pseudonymize"}): "P"}
        assert action in ("L", "F", "D") or action == letter[frozenset(kinds)], line["id"]


def without(policy: Policy, rule: str) -> Policy:
    return replace(policy, rules=tuple(each for each in policy.rules if each.id != rule))


ALL_RULES = [rule.id for path in sorted(SHIPPED.glob("*.yaml")) for rule in read(path, Profile).content.rules]


@pytest.mark.parametrize("rule", ALL_RULES)
def test_no_rule_is_idle(rule: str) -> None:
    """Take any rule away, and some row of some table fails."""
    assert any(not row.holds(without(policy_of(row.policy), rule)) for row in ROWS)


def test_no_value_is_idle() -> None:
    """Every value that a rule names occurs in a table row under which that rule fires."""
    seen = {(rule, fact.name, fact.value) for row in ROWS for rule in row.fired for fact in row.facts}
    for path in SHIPPED.glob("*.yaml"):
        for rule in read(path, Profile).content.rules:
            for name, values in rule.when.items():
                assert {(rule.id, name, value) for value in values} <= seen


# ---- profiles --------------------------------------------------------------------------------------------------------


def test_names() -> None:
    """The profiles that came with this; base is none of them."""
    assert names() == SHIPPED_NAMES


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_profiles(path: Path) -> None:
    """A profile is called as its file, looks at values that signals state, and shows nothing unsure as settled."""
    profile = read(path, Profile).content
    assert profile.profile == path.stem
    assert profile.basis or path.stem == "base"
    used = {key for rule in profile.rules for key in rule.cite}
    assert all(any(key == entry or key.startswith(f"{entry}-") for key in used) for entry in profile.citations)
    for rule in profile.rules:
        for name, values in rule.when.items():
            assert VOCABULARY[name] is None or set(values) <= set(VOCABULARY[name] or ()), rule.id
        entries = {
            profile.citations[max((e for e in profile.citations if key.startswith(e)), key=len)] for key in rule.cite
        }
        if entries and {entry.checked for entry in entries} == {"U"}:
            assert rule.confidence == "unconfirmed", rule.id
            assert rule.status != "law", rule.id


def test_retention() -> None:
    """Bodies are kept as long as the strictest part allows; in China not at all."""
    days = {spec: policy_of(spec).bodies_days for spec in ("jp", "us", "eu", "cn", "jp+eu", "us+cn")}
    assert days == {"jp": 365, "us": 1095, "eu": 180, "cn": 0, "jp+eu": 180, "us+cn": 0}


def test_schema_is_published() -> None:
    """policies/policy.schema.json is what the models say."""
    todo = "write it again: import crawler.policy.model, and write schema() there"
    assert (SHIPPED / "policy.schema.json").read_text("utf-8") == schema(), todo


def test_effects_are_gates_and_treatments() -> None:
    """Each gate and each treatment has the effect of its name, and no effect is neither."""
    assert {effect.gate for effect in Effect} == set(Gate)
    assert {effect.treatment for effect in Effect} == set(Treatment)
    assert len(Effect) == len(Gate) + len(Treatment) - 1  # keep is both


def test_readme_speaks_of_all_words() -> None:
    """Every effect, status and profile is explained to the reader."""
    text = (SHIPPED / "README.md").read_text("utf-8")
    words = {*Effect, "law", "guidance", "contested", "bill", "ours", *SHIPPED_NAMES, *Profile.model_fields, *ANNOUNCED}
    assert {word for word in words if f"`{word}`" not in text} == set()


# ---- what always holds -----------------------------------------------------------------------------------------------

NOISE: set[tuple[str, FactValue]] = {("robots", "allowed"), ("pii.contact", False), ("robots.status", 404), ("x", 1)}
RULED = {
    (name, value)
    for spec in SHIPPED_NAMES
    for rule in policy_of(spec).rules
    for name, values in rule.when.items()
    for value in values
}
SAYABLE = [Fact(name, value) for name, value in sorted(RULED | NOISE, key=repr)]
FACTS = st.lists(st.sampled_from(SAYABLE), max_size=12)
SPECS = st.sampled_from(SHIPPED_NAMES)
DAYS = st.dates(date(1970, 1, 1), date(2035, 1, 1))


@given(SPECS, FACTS, st.randoms())
@settings(max_examples=150, deadline=None)
def test_order_never_matters(spec: str, facts: list[Fact], random: Any) -> None:
    """Neither the order of facts and rules, nor repeats, change a decision."""
    policy, rules, again = policy_of(spec), list(policy_of(spec).rules), [*facts, *facts[:3]]
    random.shuffle(again)
    random.shuffle(rules)
    decision = decide(replace(policy, rules=tuple(rules)), again)
    assert replace(decision, fired=tuple(sorted(decision.fired, key=lambda fired: fired.rule))) == decide(policy, facts)


@given(SPECS, SPECS, FACTS)
@settings(max_examples=150, deadline=None)
def test_union_is_never_weaker(one: str, other: str, facts: list[Fact]) -> None:
    """A union keeps nothing that a part would not, and treats every kind at least as strictly."""
    union, part = (decide(policy_of(spec), facts) for spec in (f"{one}+{other}", one))
    assert union.gate >= part.gate
    assert {fired.rule for fired in union.fired} >= {fired.rule for fired in part.fired}
    assert all(treatment_of(union, kind) >= treatment for kind, treatment in part.treatments.items())


@given(SPECS, FACTS, FACTS)
@settings(max_examples=150, deadline=None)
def test_facts_never_weaken(spec: str, facts: list[Fact], more: list[Fact]) -> None:
    """Rules know no exceptions: whatever else is stated, a decision only gets stricter."""
    few, all_of_them = decide(policy_of(spec), facts), decide(policy_of(spec), [*facts, *more])
    assert all_of_them.gate >= few.gate
    assert all(treatment_of(all_of_them, kind) >= treatment for kind, treatment in few.treatments.items())
    assert set(all_of_them.fired) >= set(few.fired)


@given(SPECS, FACTS, st.sampled_from(sorted(table("records.yaml")["records"])))
@settings(max_examples=150, deadline=None)
def test_records_lift_only_what_they_may(spec: str, facts: list[Fact], key: str) -> None:
    """With a record the gate is never stronger than a retry or what it was; treatments and fired rules are the same."""
    sheet = table("records.yaml")
    record = Record.model_validate(sheet["records"][key])
    policy = policy_of(spec)
    bare, held = decide(policy, facts), decide(policy, facts, records=[record], url=sheet["url"], today=TODAY)
    assert (held.fired, held.treatments) == (bare.fired, bare.treatments)
    assert held == bare if not held.met else held.met == (record.id,)
    rules = {rule.id: rule for rule in policy.rules}
    stuck = [
        rule.effect.gate
        for rule in (rules[fired.rule] for fired in bare.fired)
        if not (rule.lifted_by or rule.effect in (Effect.REQUIRE_LICENSE, Effect.REQUIRE_CONSENT))
    ]
    assert held.gate >= max(stuck, default=Gate.KEEP)


@given(FACTS)
@settings(max_examples=50, deadline=None)
def test_treatment_of_any_kind(facts: list[Fact]) -> None:
    """What is asked for any kind counts for each, also for kinds that nobody has thought of."""
    decision = decide(policy_of("cn"), facts)
    wanted = Treatment.REDACT if Fact("pii.any", True) in facts else Treatment.KEEP
    assert treatment_of(decision, "a-new-kind") == wanted


def test_nothing_stated_nothing_fired() -> None:
    """Without a rule the page is kept, and no rule is named."""
    assert decide(policy_of("cn"), []) == Decision(Gate.KEEP, {}, (), None)


@given(SPECS, DAYS)
@settings(max_examples=20, deadline=None)
def test_only_what_is_in_force(spec: str, day: date) -> None:
    """On any day: every rule not ours has a citation in force, and every citation recorded is in force."""
    policy = load(f"{spec}@{day}", KNOWN, today=TODAY)
    for rule in policy.rules:
        assert rule.cite or rule.status == "ours"
        assert all(policy.citations[key].in_force(day) for key in rule.cite)
    assert (policy.day, policy.id) == (day, f"{spec}@{day}")


@given(st.permutations(SHIPPED_NAMES))
@settings(max_examples=4, deadline=None)
def test_digest_of_a_union(order: list[str]) -> None:
    """The digest speaks of the rules, not of the way they were asked for."""
    assert policy_of("+".join(order)).digest == policy_of("cn+eu+jp+us").digest


def test_digest_of_days() -> None:
    """The digest changes with the law, and not with the calendar."""
    digests = [policy_of(f"jp@2026-08-{day}").digest for day in (23, 24, 25, 26)]
    assert digests[0] == digests[1] != digests[2] == digests[3]
    assert digests[3] == policy_of("jp").digest


def test_speed() -> None:
    """Four policies decide in well under 0.2 ms together; the floor here is wide, for busy machines."""
    facts = [*max((row.facts for row in ROWS), key=len), *(Fact("ai-token", f"Bot{number}") for number in range(30))]
    policies = [policy_of(spec) for spec in SHIPPED_NAMES]
    best = 1.0
    for _ in range(200):
        start = perf_counter()
        for policy in policies:
            decide(policy, facts)
        best = min(best, perf_counter() - start)
    assert best < 0.0002


def test_policies_travel() -> None:
    """A policy and a decision can be sent to another process."""
    policy = pickle.loads(pickle.dumps(policy_of("jp+eu")))
    decision = decide(policy, ROWS[0].facts)
    assert (policy, pickle.loads(pickle.dumps(decision))) == (policy_of("jp+eu"), decision)


# ---- files of the operator's -----------------------------------------------------------------------------------------

ERRORS = table("errors.yaml")


def write(folder: Path, text: str, name: str = "own.yaml") -> str:
    (folder / name).write_text(text, "utf-8")
    return str(folder / name)


@pytest.mark.parametrize("row", ERRORS["rows"], ids=lambda row: row["id"])
def test_mistakes_in_files(row: Mapping[str, Any], tmp_path: Path) -> None:
    """A message names the file and the line, what was found, what is allowed, and what to do."""
    old, new = row["swap"]
    assert old in ERRORS["good"]
    path = write(tmp_path, ERRORS["good"].replace(old, new, 1))
    with pytest.raises(PolicyError) as raised:
        load(path, KNOWN, today=TODAY)
    message = str(raised.value)
    assert message.startswith(f"{path}:{row['line']}: "), message
    assert [part for part in row["says"] if part not in message] == [], message


@pytest.mark.parametrize("row", ERRORS["specs"], ids=lambda row: row["spec"] or "nothing")
def test_mistakes_in_specs(row: Mapping[str, Any]) -> None:
    """So does a message about what was given with policy=."""
    with pytest.raises(PolicyError) as raised:
        load_all(row["spec"], KNOWN, today=TODAY)
    assert [part for part in row["says"] if part not in str(raised.value)] == [], str(raised.value)


def test_unreadable_files(tmp_path: Path) -> None:
    """A folder, and bytes that are no text, have their messages."""
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "latin.yaml").write_bytes(b"profile: own\ntitle: caf\xe9\n")
    with pytest.raises(PolicyError, match="cannot be read"):
        load(str(tmp_path / "folder.yaml"), KNOWN, today=TODAY)
    with pytest.raises(PolicyError, match=r"latin\.yaml:2: a byte that is not UTF-8"):
        load(str(tmp_path / "latin.yaml"), KNOWN, today=TODAY)


@given(st.text(alphabet=st.sampled_from("profile: own\n-[]{}&*!|>'\"#%@,?\t0.~"), max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_text_is_a_crash(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever stands in a file, it is a policy or a PolicyError."""
    path = write(tmp_path_factory.getbasetemp(), text, "any.yaml")
    with pytest.raises(PolicyError):
        load(path, KNOWN, today=TODAY)


def test_own_file(tmp_path: Path) -> None:
    """A file of one's own stands on its parent and on base; it is called by its stem, and goes into unions."""
    path = write(tmp_path, ERRORS["good"])
    policy = load(path, KNOWN, today=TODAY)
    assert (policy.id, policy.title, policy.bodies_days) == ("own", "Own rules", 365)
    assert {rule.id for rule in policy.rules} == {rule.id for rule in policy_of("jp").rules} | {"own.contact"}
    assert load(f"{path}+eu@2026-01-01", KNOWN, today=TODAY).id == "own+eu@2026-01-01"
    with pytest.raises(PolicyError, match="two policies called 'own'"):
        load_all(f"{path},{path}", KNOWN, today=TODAY)


def test_layout_is_not_text(tmp_path: Path) -> None:
    """Comments and the order of keys do not change the digest; a changed sentence does."""
    good = ERRORS["good"]
    texts = [good, good.replace("title:", "# why\ntitle:"), good.replace("Contacts go.", "Contacts stay.")]
    digests = [load(write(tmp_path, text), KNOWN, today=TODAY).digest for text in texts]
    assert digests[0] == digests[1] != digests[2]


OWN_RULE = """
profile: own
title: Own
summary: For a test.
extends: jp
citations:
  XX-LAW: {instrument: A law, published: 2020-01-01, applies_from: 2021-01-01, applies_until: 2030-12-31,
           url: "https://law.example/", checked: K}
rules:
  - id: own.contact
    when: {pii.contact: true}
    effect: pseudonymize
    replaces: [jp.contact]
    cite: [XX-LAW-1]
    status: law
    says: Contacts become pseudonyms.
"""


@pytest.mark.parametrize(
    ("day", "extra", "treatment"),
    [
        ("2020-12-31", "", Treatment.REDACT),  # issued, does not apply yet: the parent's rule stays
        ("2021-01-01", "", Treatment.PSEUDONYMIZE),
        ("2030-12-31", "", Treatment.PSEUDONYMIZE),
        ("2031-01-01", "", Treatment.REDACT),  # repealed: the parent's rule is back
        ("2025-05-31", "from: 2025-06-01", Treatment.REDACT),
        ("2025-06-01", "from: 2025-06-01", Treatment.PSEUDONYMIZE),
        ("2025-06-30", "until: 2025-06-30", Treatment.PSEUDONYMIZE),
        ("2025-07-01", "until: 2025-06-30", Treatment.REDACT),
        ("2020-06-01", "from: 2019-01-01", Treatment.REDACT),  # a rule is not older than its law
    ],
)
def test_replacing(tmp_path: Path, day: str, extra: str, treatment: Treatment) -> None:
    """A rule stands in for its parent's on the days when it is in force, and on no other."""
    path = write(
        tmp_path, OWN_RULE.replace("    status: law", f"    status: law\n    {extra}" if extra else "    status: law")
    )
    decision = decide(load(f"{path}@{day}", KNOWN, today=TODAY), [Fact("pii.contact", True)])
    assert decision.treatments == {"contact": treatment}


def test_bills(tmp_path: Path) -> None:
    """A bill neither fires nor replaces anything, unless bills are asked for."""
    path = write(tmp_path, OWN_RULE.replace("status: law", "status: bill"))
    facts = [Fact("pii.contact", True)]
    assert decide(load(path, KNOWN, today=TODAY), facts).treatments == {"contact": Treatment.REDACT}
    bills = load(path, KNOWN, today=TODAY, include_bills=True)
    assert decide(bills, facts).treatments == {"contact": Treatment.PSEUDONYMIZE}


def test_consent(tmp_path: Path) -> None:
    """A consent meets require-consent; a license does not, and a drop beside it stays."""
    rule = OWN_RULE.replace("effect: pseudonymize", "effect: require-consent")
    policy = load(write(tmp_path, rule), KNOWN, today=TODAY)
    records = {key: Record.model_validate(entry) for key, entry in table("records.yaml")["records"].items()}
    facts = [Fact("pii.contact", True)]
    url = "https://news.example/"
    assert decide(policy, facts, records=[records["host"]], url=url).gate is Gate.REQUIRE_CONSENT
    met = decide(policy, facts, records=[records["host"], records["consent"]], url=url)
    assert (met.gate, met.met) == (Gate.KEEP, ("r-consent",))
    pirate = [*facts, Fact("source.class", "pirate")]
    assert decide(policy, pirate, records=[records["consent"]], url=url).gate is Gate.DROP


def test_one_level_of_extends(tmp_path: Path) -> None:
    """A grandparent is refused, and the message names whom to extend instead."""
    for shipped in SHIPPED.glob("*.yaml"):
        write(tmp_path, shipped.read_text("utf-8"), shipped.name)
    write(tmp_path, ERRORS["good"], "own.yaml")
    grandchild = "profile: grand\ntitle: Grand\nsummary: For a test.\nextends: own\n"
    path = write(tmp_path, grandchild, "grand.yaml")
    with pytest.raises(PolicyError, match=r"grand\.yaml:4: 'own', which extends 'jp' itself.*extend 'jp' instead"):
        load(path, KNOWN, folder=tmp_path, today=TODAY)
    assert names(tmp_path) == ("cn", "eu", "grand", "jp", "own", "us")
    assert load("own", KNOWN, folder=tmp_path, today=TODAY).id == "own"


def test_two_texts_of_one_rule(tmp_path: Path) -> None:
    """A changed copy of a shipped profile cannot stand beside the original in one policy."""
    copy = write(tmp_path, (SHIPPED / "jp.yaml").read_text("utf-8").replace("are removed.", "go."), "copy.yaml")
    assert load(copy, KNOWN, today=TODAY).digest != policy_of("jp").digest
    with pytest.raises(PolicyError, match="with two texts"):
        load(f"jp+{copy}", KNOWN, today=TODAY)


def test_warnings() -> None:
    """A rule past its review, and a ground that was not yet law, are warned of; neither changes a decision."""
    assert policy_of("eu").warnings == ()
    assert policy_of("eu@2026-12-17").warnings == ()
    (overdue,) = policy_of("eu@2026-12-18").warnings
    assert "eu.terms was to be reviewed by 2026-12-17" in overdue
    (unfounded,) = policy_of("eu@2021-06-06").warnings
    assert "the ground for copyright (EU-CDSM-4) is not in force on 2021-06-06" in unfounded


# ---- records ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "inside", "outside"),
    [
        (
            "news.example",
            ["https://news.example/a", "http://NEWS.example:8080/", "https://news.example./a"],
            [
                "https://www.news.example/",
                "https://news.example.evil.example/",
                "https://evil.example/news.example",
                "",
            ],
        ),
        (
            "*.news.example",
            ["https://www.news.example/", "https://a.b.news.example/x"],
            ["https://news.example/", "https://othernews.example/", "https://news.example.evil.example/"],
        ),
        (
            "https://news.example/archive",
            ["https://news.example/archive", "https://news.example/archive/a", "https://news.example:443/archive/a?b"],
            [
                "https://news.example/archives",
                "https://news.example/",
                "http://news.example/archive/a",
                "https://news.example:8443/archive/a",
                "https://news.example@evil.example/archive/a",
                "https://news.example/archive/../private",
                "https://news.example/archive/%2e%2E/private",
                "mailto:news.example",
                "https://[news.example/archive/",
            ],
        ),
        (
            "https://news.example",
            ["https://news.example", "https://news.example/a"],
            ["https://news.example.evil.example"],
        ),
        ("例え.example", ["https://xn--r8jz45g.example/"], ["https://xn--r8jz45h.example/"]),
    ],
)
def test_sources_of_records(source: str, inside: list[str], outside: list[str]) -> None:
    """A record covers its host, or the pages below its address, and no look-alike."""
    record = Record.model_validate({"id": "r", "kind": "license", "source": source})
    facts = [Fact("license.class", "all-rights-reserved")]
    met = {url for url in (*inside, *outside) if decide(policy_of("cn"), facts, records=[record], url=url).met}
    assert met == set(inside)


def test_several_records() -> None:
    """Of several records that fit, the first by id is named, in whatever order they stand."""
    records = [Record(id=key, kind="license", source="news.example") for key in ("b", "a", "c")]
    facts = [Fact("license.class", "all-rights-reserved")]
    assert decide(policy_of("cn"), facts, records=records, url="https://news.example/").met == ("a",)


GOOD_RECORDS = """records:
  - id: r1
    kind: license
    source: news.example
    scope: {run.commercial: yes}
    from: 2026-01-01
    until: 2026-12-31
    note: signed
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("kind: license", "kind: licence", 3, "did you mean 'license'?"),
        ("source: news.example", "source: news.example/archive", 4, "a host"),
        ("source: news.example", "source: https://news.example/?q=1", 4, "a host"),
        ("source: news.example", "source: ftp://news.example/", 4, "a host"),
        ("run.commercial", "run.comercial", 5, "did you mean 'run.commercial'?"),
        ("from:", "form:", 6, "did you mean 'from'?"),
        ("2026-12-31", "soon", 7, "valid date"),
        ("    note: signed", "  - {id: r1, kind: consent, source: news.example}", 8, "'r1' a second time"),
    ],
)
def test_mistakes_in_records(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    """The operator's records have messages as good as the policies."""
    path = tmp_path / "records.yaml"
    path.write_text(GOOD_RECORDS, "utf-8")
    assert [record.id for record in load_records(path, KNOWN)] == ["r1"]
    path.write_text(GOOD_RECORDS.replace(old, new), "utf-8")
    with pytest.raises(PolicyError) as raised:
        load_records(path, KNOWN)
    assert str(raised.value).startswith(f"{path}:{line}: ")
    assert says in str(raised.value)


@given(DAYS, st.integers(-2, 2))
@settings(max_examples=30, deadline=None)
def test_days_of_records(day: date, shift: int) -> None:
    """A record counts on its first and its last day, and on none outside."""
    record = Record(id="r", kind="license", source="news.example", valid_from=day, valid_until=day)
    facts = [Fact("license.class", "all-rights-reserved")]
    at = day + timedelta(days=shift)
    decision = decide(policy_of("cn"), facts, records=[record], url="https://news.example/", today=at)
    assert bool(decision.met) is (shift == 0)
