"""Policies: the tables of tests/policies, and what holds for all facts, days, profiles and files."""

from __future__ import annotations

import pickle
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from crawler.arguments import AGENT, ArgumentError, all_facts, judging
from crawler.document import Decision, Evidence, Fact, FactValue, Fetched, Gate, Treatment
from crawler.judge import FACTS as FACTS_OF_THE_JUDGE
from crawler.judge import Judge
from crawler.policy.cases import Case, rules_without_row
from crawler.policy.dates import resolve, turning_days
from crawler.policy.decide import KINDS_APART, decide, treatment_of
from crawler.policy.library import BASE, STRICTEST, Library, profiles
from crawler.policy.load import SHIPPED, build, load, load_all, names
from crawler.policy.model import Effect, Profile, Rule, schema
from crawler.policy.policy import Policy, Readings
from crawler.policy.read import PolicyError, Source, read
from crawler.policy.records import Record, load_records
from crawler.policy.requires import check_run
from crawler.policy.set_rules import SetRule
from crawler.policy.tables import read_table, run_table
from crawler.policy.vocabulary import ANNOUNCED, VOCABULARY, can_be
from crawler.signals import known_facts
from crawler.signals.normal_form import FACTS as MERGED_FACTS
from crawler.signals.normal_form import State, under

TABLES = Path(__file__).parent / "policies"
TODAY = date(2026, 11, 22)
KNOWN = all_facts()
LIBRARY = Library(KNOWN)
SHIPPED_NAMES = profiles()
FILES = (BASE, *SHIPPED_NAMES)


@cache
def policy_of(spec: str) -> Policy:
    return build(LIBRARY, spec, TODAY)


@cache
def profile_of(name: str) -> Source[Profile]:
    return read(SHIPPED / f"{name}.yaml", Profile)


def sheet(name: str) -> Any:
    return YAML(typ="safe", pure=True).load((TABLES / name).read_text("utf-8"))


# ---- tables ----------------------------------------------------------------------------------------------------------

ERRORS = sheet("errors.yaml")
CASES = tuple(
    case for path in sorted(TABLES.glob("*.yaml")) if path.stem != "errors" for case in read_table(path, KNOWN)
)
CASES_BY_RULE: Mapping[str, list[Case]] = defaultdict(list)
for each in CASES:
    for fired in each.fired:
        CASES_BY_RULE[fired].append(each)


@cache
def policy_for(spec: str, bills: bool) -> Policy:
    return build(replace(LIBRARY, include_bills=bills), spec, TODAY)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_tables(case: Case) -> None:
    """The whole decision is as the row says: gate, deciding rule, citations, all rules fired, treatments, records."""
    assert case.differences(policy_for(case.policy, case.bills)) == ()


def without(policy: Policy, rule: str) -> Policy:
    return replace(policy, rules=tuple(each for each in policy.rules if each.id != rule))


@pytest.mark.parametrize("name", FILES)
def test_no_rule_is_idle(name: str) -> None:
    """Take any rule away, and some row of some table fails."""
    rules = [rule.id for rule in profile_of(name).content.rules]
    idle = [
        rule
        for rule in rules
        if not any(case.differences(without(policy_for(case.policy, case.bills), rule)) for case in CASES_BY_RULE[rule])
    ]
    assert idle == []
    assert rules_without_row(profile_of(name).content, CASES) == ()


@pytest.mark.parametrize("name", FILES)
def test_no_value_is_idle(name: str) -> None:
    """Every value that a rule names occurs in a table row under which that rule fires."""
    for rule in profile_of(name).content.rules:
        seen = {(fact.name, fact.value) for case in CASES_BY_RULE[rule.id] for fact in case.facts}
        for fact, values in rule.when.items():
            assert {(fact, value) for value in values} <= seen, rule.id


OWN_TABLE = """
run: {run.fetched-by: us, run.commercial: yes}
columns: {cn: {run.commercial: no}}
rows:
  - id: a page that says nothing
    policy: [jp, us]
    facts: {license.class: noncommercial}
    gate: keep
    rule: jp.limited-license
    cite: [JP-CA-30-4]
  - id: one row of a matrix
    facts: {license.class: noncommercial}
    columns: {jp: {run.commercial: no}}
    us: [F, us.noncommercial-license, [US-107], []]
    jp: [A, base.noncommercial-license, [], [jp.limited-license]]
"""


def test_running_a_table(tmp_path: Path) -> None:
    """What does not fit is told with its row, the two sides in words; facts of a column stand for it only."""
    ran = run_table(Path(write(tmp_path, OWN_TABLE, "table.yaml")), LIBRARY, TODAY)
    told = {case.id: differences for case, differences in ran.differences}
    assert ran.total == 4
    assert "us: a page that says nothing" in told
    assert "gate: the row says keep, the policy says review" in told["us: a page that says nothing"]
    (line,) = {case.where for case, _ in ran.differences if case.id == "us: a page that says nothing"}
    assert line.endswith("table.yaml:5")
    commercial = {case.id: Fact("run.commercial", "yes") in case.facts for case in read_table_of(tmp_path)}
    assert commercial == {
        "jp: a page that says nothing": True,
        "us: a page that says nothing": True,
        "us: one row of a matrix": True,
        "jp: one row of a matrix": False,
    }


def read_table_of(folder: Path) -> tuple[Case, ...]:
    return read_table(folder / "table.yaml", KNOWN)


@pytest.mark.parametrize("row", ERRORS["tables"], ids=lambda row: row["id"])
def test_mistakes_in_tables(row: Mapping[str, Any], tmp_path: Path) -> None:
    """A table of the user's is answered by a message too, with file and line."""
    old, new = row["swap"]
    assert old in OWN_TABLE
    path = write(tmp_path, OWN_TABLE.replace(old, new, 1), "table.yaml")
    with pytest.raises(PolicyError) as raised:
        run_table(Path(path), LIBRARY, TODAY)
    message = str(raised.value)
    assert message.startswith(f"{path}:{row['line']}: "), message
    assert [part for part in row["says"] if part not in message] == [], message


# ---- vocabulary ------------------------------------------------------------------------------------------------------


def test_every_word_is_stated_by_somebody() -> None:
    """A fact with a row in the vocabulary is stated by a signal or by the judge, or it is announced, and not both."""
    stated = known_facts().union(FACTS_OF_THE_JUDGE)
    assert set(VOCABULARY) - stated - set(ANNOUNCED) == set()
    assert set(ANNOUNCED) & stated == set()
    assert set(ANNOUNCED) <= set(VOCABULARY)


def test_what_is_stated_is_a_word() -> None:
    """Merged facts, and those of the judge and of the run, have rows with the values they can take."""
    assert {*MERGED_FACTS, *FACTS_OF_THE_JUDGE} <= set(VOCABULARY)
    assert {name for name in known_facts() if name.startswith("run.")} <= set(VOCABULARY)
    for use in ("train-ai", "tdm", "search", "ai-input", "train-nongenerative", "embedded-images"):
        assert set(VOCABULARY[use] or ()) == {state.name.lower() for state in State}


@pytest.mark.parametrize(
    ("name", "value", "known"),
    [
        ("pii.any", True, True),
        ("pii.any", 1, False),  # Python takes it for true
        ("robots.status", 403, True),
        ("robots.status", "403", False),
        ("robots.status", 503, False),
        ("minor.under", 16, True),
        ("minor.under", 17, False),
        ("source.class", "pirate", True),
        ("source.class", "pirates", False),
        ("ai-token", "AnyBot", True),
        ("a.signal.without.a.row", "anything", True),
    ],
)
def test_values_have_kinds(name: str, value: FactValue, known: bool) -> None:
    """A value is one of its fact's, and of the same kind."""
    assert can_be(name, value) is known


# ---- profiles --------------------------------------------------------------------------------------------------------


def test_names() -> None:
    """The profiles that came with this, and all of them at once; base is none of them."""
    expected = (
        "au br ca ch cn de eu eu-research fr hk il in jp kr permissive-2023 quality sg strictest tw uk uk-research us"
    )
    assert names() == (*expected.split(), "us-ca", "us-il")


@pytest.mark.parametrize("name", FILES)
def test_shipped_profiles(name: str) -> None:
    """A profile is called as its file, cites all it lists, and shows nothing unsure as settled."""
    profile = profile_of(name).content
    assert profile.profile == name
    assert profile.basis or profile.extends or profile.addition or name == BASE
    places: list[Any] = [*profile.rules, *profile.set_rules, *(ground for _, ground in profile.basis or ())]
    places += [place for place in (profile.retention, profile.share) if place]
    used = {key for place in places for key in place.cite}
    assert {entry for entry in profile.citations if not any(f"{key}-".startswith(f"{entry}-") for key in used)} == set()
    for rule in profile.rules:
        entries = [entry for key in rule.cite if (entry := resolve(key, profile.citations))]
        if {entry.checked for entry in entries} == {"U"}:
            assert rule.confidence == "unconfirmed", rule.id
            assert rule.status != "law", rule.id


def test_strictest() -> None:
    """All shipped profiles at once, but those that refuse some run, are there as a warning, or are no law."""
    contents = {name: profile_of(name).content for name in SHIPPED_NAMES}
    apart = {name for name, content in contents.items() if content.requires or content.caution or content.addition}
    others = sorted(set(SHIPPED_NAMES) - apart)
    strictest = policy_of(STRICTEST)
    assert {part.profile for part in strictest.parts} == set(others)
    assert strictest.digest == policy_of("+".join(others)).digest
    assert (strictest.requires, strictest.id, strictest.title) == ({}, "strictest", "Strictest")
    assert policy_of(f"{STRICTEST}@2023-06-01").id == "strictest@2023-06-01"
    assert policy_of(f"{STRICTEST}+jp").digest == strictest.digest


def test_retention() -> None:
    """Bodies are kept as long as the strictest part allows; in China not at all."""
    days = {spec: policy_of(spec).bodies_days for spec in ("jp", "us", "eu", "cn", "jp+eu", "us+cn")}
    assert days == {"jp": 365, "us": 1095, "eu": 180, "cn": 0, "jp+eu": 180, "us+cn": 0}


def test_an_addition_changes_nothing_else() -> None:
    """Retention, sharing, readings, set rules and all other rules are those of the place alone."""
    for name in ("jp", "us", "cn", "permissive-2023"):
        alone, joined = policy_of(name), policy_of(f"{name}+quality")
        added = profile_of("quality").content.rules
        assert joined.rules == tuple(sorted((*alone.rules, *added), key=lambda rule: rule.id))
        assert (joined.bodies_days, joined.share, joined.set_rules) == (alone.bodies_days, alone.share, alone.set_rules)
        assert policy_of(f"quality+{name}").digest == joined.digest
    assert policy_of("quality").bodies_days == policy_of("eu").bodies_days  # alone it stands on base, as any


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
    """Every effect, status, profile, field and announced fact is explained to the reader."""
    text = (SHIPPED / "README.md").read_text("utf-8")
    words = {*Effect, "law", "guidance", "contested", "bill", "ours", *names(), *Profile.model_fields, *ANNOUNCED}
    assert {word for word in words if f"`{word}`" not in text} == set()


# ---- what always holds -----------------------------------------------------------------------------------------------

NOISE: tuple[tuple[str, FactValue], ...] = (
    ("robots", "allowed"), ("pii.contact", False), ("robots.status", 404), ("x", 1), ("pii.public_figure", True)
)  # fmt: skip
CONDITIONS = sorted(
    {
        tuple(zip(rule.when, values, strict=True))
        for name in FILES
        for rule in profile_of(name).content.rules
        for values in product(*rule.when.values())
    },
    key=repr,
)
ONE_AT_A_TIME = sorted({fact for condition in CONDITIONS for fact in condition} | set(NOISE), key=repr)
STATED = st.sampled_from(CONDITIONS) | st.sampled_from(ONE_AT_A_TIME).map(lambda fact: (fact,))
FACTS = st.lists(STATED, max_size=8).map(lambda found: [Fact(*fact) for facts in found for fact in facts])
SPECS = st.sampled_from(SHIPPED_NAMES)
PLACES = st.sampled_from([name for name in SHIPPED_NAMES if not LIBRARY.is_addition(name)])
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


@given(PLACES, SPECS, FACTS)
@settings(max_examples=150, deadline=None)
def test_union_is_never_weaker(one: str, other: str, facts: list[Fact]) -> None:
    """A union keeps nothing that a place would not, and treats every kind at least as strictly."""
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


RECORDS = sheet("records.yaml")


@given(SPECS, FACTS, st.sampled_from(sorted(RECORDS["records"])))
@settings(max_examples=150, deadline=None)
def test_records_lift_only_what_they_may(spec: str, facts: list[Fact], key: str) -> None:
    """With a record the gate is never stronger than a retry or what it was; treatments and fired rules are the same."""
    record = Record.model_validate(RECORDS["records"][key])
    policy = policy_of(spec)
    bare, held = decide(policy, facts), decide(policy, facts, records=[record], url=RECORDS["url"], today=TODAY)
    assert (held.fired, held.treatments) == (bare.fired, bare.treatments)
    assert held == bare if not held.met else held.met == (record.id,)
    rules = {rule.id: rule for rule in policy.rules}
    stuck = [
        rule.effect.gate
        for rule in (rules[fired.rule] for fired in bare.fired)
        if not (rule.lifted_by or rule.effect in (Effect.REQUIRE_LICENSE, Effect.REQUIRE_CONSENT))
    ]
    assert held.gate >= max(stuck, default=Gate.KEEP)


@given(SPECS, FACTS)
@settings(max_examples=100, deadline=None)
def test_treatment_of_any_kind(spec: str, facts: list[Fact]) -> None:
    """What is asked for any kind counts for each, also for kinds that nobody has thought of; not for those apart."""
    decision = decide(policy_of(spec), facts)
    assert treatment_of(decision, "a-new-kind") == decision.treatments.get("any", Treatment.KEEP)
    for kind in KINDS_APART:
        assert treatment_of(decision, kind) == decision.treatments.get(kind, Treatment.KEEP)


def test_nothing_stated_nothing_fired() -> None:
    """Without a rule the page is kept, and no rule is named."""
    assert decide(policy_of("cn"), []) == Decision(Gate.KEEP, {}, (), None)


@given(SPECS, DAYS)
@settings(max_examples=20, deadline=None)
def test_only_what_is_in_force(spec: str, day: date) -> None:
    """On any day: every rule not ours has a citation in force, and every citation recorded is in force."""
    policy = load(f"{spec}@{day}", KNOWN, today=TODAY)
    dated: list[Rule | SetRule] = [*policy.rules, *policy.set_rules]
    for rule in dated:
        assert rule.cite or rule.status == "ours"
        assert all(policy.citations[key].in_force(day) for key in rule.cite)
    assert (policy.day, policy.id) == (day, f"{spec}@{day}")


@pytest.mark.parametrize("name", SHIPPED_NAMES)
def test_a_rule_stands_on_its_days_only(name: str) -> None:
    """On each day on which anything changes, and so on all days: what stands is in force, and not replaced by such."""
    parent = profile_of(name).content.extends
    chain = [profile_of(each).content for each in (BASE, *([parent] if parent else []), name)]
    entries = {key: entry for profile in chain for key, entry in profile.citations.items()}
    rules = [rule for profile in chain for rule in profile.rules]

    def applies(rule: Rule, day: date) -> bool:
        cited = [entries[max((e for e in entries if f"{key}-".startswith(f"{e}-")), key=len)] for key in rule.cite]
        spans = [(entry.applies_from or entry.published, entry.applies_until or date.max) for entry in cited]
        known = rule.status == "ours" or any(first <= day <= last for first, last in spans)
        return known and (rule.valid_from or date.min) <= day <= (rule.valid_until or date.max)

    for day in turning_days(rules, entries):
        in_force = [rule for rule in rules if rule.status != "bill" and applies(rule, day)]
        replaced = {target for rule in in_force for target in rule.replaces}
        standing = {rule.id for rule in LIBRARY.standing(name, day).rules}
        assert standing == {rule.id for rule in in_force} - replaced, day


@given(st.permutations(("cn", "eu", "jp", "us", "kr", "uk", "de")))
@settings(max_examples=5, deadline=None)
def test_digest_of_a_union(order: list[str]) -> None:
    """The digest speaks of the rules, not of the way they were asked for."""
    assert policy_of("+".join(order)).digest == policy_of("cn+eu+jp+us+kr+uk+de").digest


@pytest.mark.parametrize("name", SHIPPED_NAMES)
def test_digest_of_the_same_text(tmp_path: Path, name: str) -> None:
    """Two profiles that come to the same rules have the same digest; no two shipped profiles do."""
    if not profile_of(name).content.extends:
        empty = f"profile: own\ntitle: Own\nsummary: For a test.\nextends: {name}\n"
        assert load(write(tmp_path, empty), KNOWN, today=TODAY).digest == policy_of(name).digest
    assert [other for other in SHIPPED_NAMES if policy_of(other).digest == policy_of(name).digest] == [name]


def test_digest_of_days() -> None:
    """The digest changes with the law, and not with the calendar."""
    digests = [policy_of(f"jp@2026-08-{day}").digest for day in (23, 24, 25, 26)]
    assert digests[0] == digests[1] != digests[2] == digests[3]


@pytest.mark.parametrize(
    "more",
    [
        "robots_reading: legacy",
        "other_readings: [last-line]",
        "share: {level: none, status: ours, says: Not at all.}",
        "retention: {bodies_days: 1, status: ours, says: A day.}",
        "set_rules: [{id: own.share, measure: single-creator-share, max: 0.2, effect: hold, numbers: ours,"
        " status: ours, says: Not too much of one.}]",
    ],
)
def test_digest_of_what_decides(tmp_path: Path, more: str) -> None:
    """Readings, sharing, retention and rules about the set are part of it; words for people are not."""
    bare = "profile: own\ntitle: Own\nsummary: For a test.\nextends: jp\n"
    told = f"{bare}outputs: [A form.]\nwatch: [{{when: soon, what: A law.}}]\ncaution: Beware.\n"
    assert load(write(tmp_path, told), KNOWN, today=TODAY).digest == policy_of("jp").digest
    assert load(write(tmp_path, f"{bare}{more}\n"), KNOWN, today=TODAY).digest != policy_of("jp").digest


def test_policies_travel() -> None:
    """A policy and a decision can be sent to another process."""
    policy = pickle.loads(pickle.dumps(policy_of("jp+eu")))
    decision = decide(policy, CASES[0].facts)
    assert (policy, pickle.loads(pickle.dumps(decision))) == (policy_of("jp+eu"), decision)


# ---- open points of the specifications, and how parts read them ------------------------------------------------------

HOW_READ = {
    "specified": "",
    "legacy": "robots_reading: legacy",
    "careful": "robots_reading: strictest\nother_readings: [last-line, noindex, wrong-type, differing-headers]",
    "lenient": "other_readings: [rate-limited-allows, closes-header, trailing-line-global, loose-separators]",
}
READERS: dict[str, str] = {}


@pytest.fixture(scope="module", autouse=True)
def readers(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Profiles that differ in nothing but their readings."""
    folder = tmp_path_factory.mktemp("readers")
    for name, text in HOW_READ.items():
        READERS[name] = write(folder, f"profile: own\ntitle: Own\nsummary: s\nextends: eu\n{text}\n", f"{name}.yaml")


def decide_read(policy: Policy, facts: list[Fact]) -> Decision:
    """As the judge decides: each part on the facts as it reads them."""

    def read_under(readings: Readings) -> tuple[Fact, ...]:
        return under(facts, readings)

    return decide(policy, read_under(frozenset()), under=read_under)


def said(name: str, value: FactValue, where: str) -> Fact:
    return Fact(name, value, where, str(value))


ROBOTS = ["allowed", "disallowed"]
POINTS = ["legacy", "rate-limited-allows", "closes-header", "redirect-limit-refuses"]
SAID = st.one_of(
    st.sampled_from(ROBOTS).map(lambda value: said("robots", value, "robots.txt:L2")),
    st.tuples(st.sampled_from(POINTS), st.sampled_from(ROBOTS)).map(
        lambda found: said(f"robots@{found[0]}", found[1], "robots.txt:L3")
    ),
    st.sampled_from(["yes", "no"]).map(lambda value: said("content-signal.ai-train", value, "robots.txt:L4")),
    st.sampled_from(["yes", "no"]).map(lambda value: said("content-signal.ai-train@last-line", value, "robots.txt:L5")),
    st.sampled_from(["0", "1"]).map(lambda value: said("tdm-reservation", value, "header:tdm-reservation")),
    st.just(said("tdm-reservation@wrong-type", "1", "file:.well-known/tdmrep.json#/0")),
    st.just(said("x-robots-tag@noindex", "noai", "header:x-robots-tag")),
    st.just(said("access", "open", "status:200")),
    st.sampled_from(["us", "others"]).map(lambda value: said("run.fetched-by", value, "operator:run")),
)
COMBINED = [combination for size in (2, 3) for combination in combinations(HOW_READ, size)]


@cache
def reading(*parts: str) -> Policy:
    return build(LIBRARY, "+".join(READERS[part] for part in parts), TODAY)


@given(st.sampled_from(COMBINED), st.lists(SAID, max_size=8))
@settings(max_examples=200, deadline=None)
def test_a_union_reads_as_each_part_does(parts: tuple[str, ...], facts: list[Fact]) -> None:
    """A union fires what each part fires, under that part's own reading; so it is never weaker than one of them."""
    union = decide_read(reading(*parts), facts)
    alone = [decide_read(reading(part), facts) for part in parts]
    assert set(union.fired) == {fired for decision in alone for fired in decision.fired}
    assert union.gate == max(decision.gate for decision in alone)
    kinds = {kind for decision in alone for kind in decision.treatments}
    assert all(treatment_of(union, kind) >= treatment_of(each, kind) for each in alone for kind in kinds)


OURS = said("run.fetched-by", "us", "operator:run")


@pytest.mark.parametrize(
    ("part", "as_specified", "legacy", "gate"),
    [
        ("specified", "allowed", "disallowed", Gate.KEEP),
        ("legacy", "allowed", "disallowed", Gate.DROP),
        ("careful", "allowed", "disallowed", Gate.DROP),  # refused where any reading refuses
        ("lenient", "allowed", "disallowed", Gate.KEEP),
        ("specified", "disallowed", "allowed", Gate.DROP),
        ("legacy", "disallowed", "allowed", Gate.KEEP),
        ("careful", "disallowed", "allowed", Gate.DROP),
    ],
)
def test_readings_of_robots(part: str, as_specified: str, legacy: str, gate: Gate) -> None:
    """A profile decides on robots.txt as it says that it reads it."""
    places = {"robots": as_specified, "robots@legacy": legacy}
    facts = [OURS, *(said(name, value, "robots.txt:L2") for name, value in places.items())]
    assert decide_read(reading(part), facts).gate is gate


def test_the_judge_reads_for_each_policy(tmp_path: Path) -> None:
    """Of one robots.txt that answers 403, a policy that takes this for a refusal fetches nothing; another one does."""
    careful = "profile: own\ntitle: Own\nsummary: s\nextends: eu\nother_readings: [forbidden-refuses]\n"
    policies = (policy_of("eu"), load(write(tmp_path, careful), KNOWN, today=TODAY))
    robots = Fetched("https://news.example/robots.txt", 403)
    evidence = Evidence("https://news.example/a", AGENT, {"/robots.txt": robots}, run={"fetched-by": "us"})
    judge = Judge(policies, lambda text, language: (), lambda language, names: lambda entity, text: "", ())
    gates = {name: decision.gate for name, decision in judge.gate(evidence).decisions.items()}
    assert gates == {"eu": Gate.KEEP, "own": Gate.DROP}


def test_readings_are_inherited(tmp_path: Path) -> None:
    """Open points of the parent stay, own ones are added; of robots.txt the nearest reading counts."""
    folder = tmp_path
    for shipped in SHIPPED.glob("*.yaml"):
        write(folder, shipped.read_text("utf-8"), shipped.name)
    head = "title: T\nsummary: s\nretention: {bodies_days: 1, status: ours, says: A day.}\n"
    write(folder, f"profile: par\n{head}robots_reading: legacy\nother_readings: [last-line]\n", "par.yaml")
    for name, more in {"kid": "other_readings: [noindex]", "own": "robots_reading: rfc9309"}.items():
        write(folder, f"profile: {name}\nextends: par\n{head}{more}\n", f"{name}.yaml")
    read_as = {name: set(load(name, KNOWN, folder=folder, today=TODAY).readings) for name in ("par", "kid", "own")}
    assert read_as == {
        "par": {frozenset({"legacy", "last-line"})},
        "kid": {frozenset({"legacy", "last-line", "noindex"})},
        "own": {frozenset({"last-line"})},
    }


# ---- what a profile asks of the run, of sharing, of people -----------------------------------------------------------


def test_requirements_of_a_run() -> None:
    """A run that is not what the policy requires is refused, and told what would do."""
    policy = policy_of("eu-research")
    assert set(policy.requires) == {"run.actor", "run.purpose"}
    fitting = {name.removeprefix("run."): str(values[0]) for name, values in policy.requires.items()}
    check_run(policy, fitting)
    with pytest.raises(
        PolicyError, match=r"^policy eu-research: needs run\.actor .*; the run says company; give -a actor="
    ):
        check_run(policy, {**fitting, "actor": "company"})
    with pytest.raises(PolicyError, match="the run does not say"):
        check_run(policy, {"actor": fitting["actor"]})
    check_run(policy_of("jp"), {})


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"policy": "eu-research"}, "policy eu-research: needs run.actor"),
        ({"policy": "jp,uk-research", "actor": "individual"}, "policy uk-research: needs run."),
        ({"policy": "jp", "actor": "companies"}, "-a actor=companies: unknown (did you mean company?)"),
        ({"policy": "jp", "purpose": "training"}, "allowed are model-training, scientific-research"),
        ({"policy": "jp", "commercial": "true"}, "allowed are yes, no"),
        ({"policy": "jp", "stage": "collecting"}, "(did you mean collect?)"),
    ],
)
def test_arguments_of_a_run(given: Mapping[str, str], says: str) -> None:
    """What the operator says of the run is in the words of the rules, and the run is one that the policies admit."""
    with pytest.raises((PolicyError, ArgumentError)) as raised:
        judging({"out": "crawls/any", **given}, today=TODAY, fetched_by="us")
    assert says in str(raised.value)


def test_a_run_that_is_admitted() -> None:
    """A research organization in scientific research, not commercial, may use the profiles for research."""
    given = {"actor": "research-organization", "purpose": "scientific-research", "commercial": "no"}
    specs = {"policy": "eu-research,uk-research", "out": "crawls/any"}
    assert len(judging({**specs, **given}, today=TODAY, fetched_by="us").policies) == 2


def test_parts_ask_together(tmp_path: Path) -> None:
    """Of a union the strictest sharing holds, and the run must be what all parts require."""
    head = "title: T\nsummary: s\nextends: jp\n"
    one = write(
        tmp_path,
        f"profile: one\n{head}requires: {{run.actor: [company, individual]}}\noutputs: [A form.]\n"
        "share: {level: domestic, status: ours, says: At home.}\n",
        "one.yaml",
    )
    other = write(
        tmp_path,
        f"profile: other\n{head}requires: {{run.actor: [individual, public-body]}}\noutputs: [A form., A list.]\n"
        "share: {level: named-partners, status: ours, says: With those we named.}\ncaution: Beware.\n",
        "other.yaml",
    )
    union = build(LIBRARY, f"{one}+{other}", TODAY)
    assert union.requires == {"run.actor": ("individual",)}
    assert union.share
    assert (union.share.level, union.outputs[-2:]) == ("named-partners", ("A form.", "A list."))
    assert [warning for warning in union.warnings if warning.endswith("Beware.")]
    third = write(tmp_path, f"profile: third\n{head}requires: {{run.actor: company}}\n", "third.yaml")
    with pytest.raises(PolicyError, match=r"no run has a run\.actor that all parts accept"):
        build(LIBRARY, f"{other}+{third}", TODAY)


# ---- files of the operator's -----------------------------------------------------------------------------------------


def write(folder: Path, text: str, name: str = "own.yaml") -> str:
    (folder / name).write_text(text, "utf-8")
    return str(folder / name)


@pytest.mark.parametrize("row", ERRORS["rows"], ids=lambda row: row["id"])
def test_mistakes_in_files(row: Mapping[str, Any], tmp_path: Path) -> None:
    """A message names the file and the line, what was found, what is allowed, and what to do."""
    text = ERRORS["good"]
    for old, new in (row["swap"], row.get("also", ("", ""))):
        assert old in text
        text = text.replace(old, new, 1)
    path = write(tmp_path, text)
    with pytest.raises(PolicyError) as raised:
        load(path, KNOWN, today=TODAY)
    message = str(raised.value)
    assert message.startswith(f"{path}:{row['line']}: "), message
    assert [part for part in row["says"] if part not in message] == [], message


@pytest.mark.parametrize("row", ERRORS["fine"], ids=lambda row: row["id"])
def test_no_mistakes(row: Mapping[str, Any], tmp_path: Path) -> None:
    """What only looks like a mistake is none."""
    old, new = row["swap"]
    assert old in ERRORS["good"]
    load(write(tmp_path, ERRORS["good"].replace(old, new, 1)), KNOWN, today=TODAY)


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


SPLICES = st.tuples(st.floats(0, 1), st.integers(0, 30), st.text(st.sampled_from("ab:\n -[]{}&*'\"01,"), max_size=12))


@given(SPLICES)
@settings(max_examples=300, deadline=None)
def test_no_change_is_a_crash(tmp_path_factory: pytest.TempPathFactory, splice: tuple[float, int, str]) -> None:
    """However a good file or table is damaged, it can be used or is answered by a PolicyError."""
    place, length, text = splice
    for name, good in (("own.yaml", ERRORS["good"]), ("table.yaml", OWN_TABLE)):
        start = int(place * len(good))
        path = write(tmp_path_factory.getbasetemp(), good[:start] + text + good[start + length :], name)
        with suppress(PolicyError):
            if name == "own.yaml":
                build(Library(KNOWN), path, TODAY)
            else:
                read_table(Path(path), KNOWN)


@given(st.binary(max_size=200))
@settings(max_examples=150, deadline=None)
def test_no_bytes_are_a_crash(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Bytes of any kind are answered by a PolicyError."""
    path = tmp_path_factory.getbasetemp() / "bytes.yaml"
    path.write_bytes(data)
    with pytest.raises(PolicyError):
        read(path, Profile)


@pytest.mark.parametrize("text", ["[" * 20_000, "{a: " * 20_000, "- " * 20_000, "a: &a [*b]", "x: " + "9" * 5000])
def test_deep_and_long_files(tmp_path: Path, text: str) -> None:
    """Depth and length are bounded, and what an alias stands for must be there."""
    with pytest.raises(PolicyError):
        read(Path(write(tmp_path, text)), Profile)


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
    records = {key: Record.model_validate(entry) for key, entry in RECORDS["records"].items()}
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
    assert names(tmp_path) == tuple(sorted((*names(), "grand", "own")))
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
        ("run.commercial: yes", "run.commercial: true", 5, "unknown value of run.commercial 'true'"),
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
