"""What Datasette is told: its dashboards, the queries they draw, and what its tables mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

DATABASE = "crawl"
_JOIN = "FROM cube JOIN policies ON policies.id = policy"
QUERIES: Mapping[str, tuple[str, str]] = {
    "outcomes_over_time": (
        "Outcomes over time",
        "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', moment, 'unixepoch') AS time, policies.name AS policy, outcome, pages "
        "FROM moments JOIN policies ON policies.id = policy ORDER BY moment, policy",
    ),
    "outcomes_by_policy": (
        "Outcomes by policy",
        f"SELECT policies.name AS policy, outcome, SUM(pages) AS pages {_JOIN} GROUP BY 1, 2",
    ),
    "outcomes_by_stage": (
        "Stages at which pages were not kept",
        f"SELECT policies.name AS policy, stage, outcome, SUM(pages) AS pages {_JOIN} WHERE outcome != 'kept' "
        "GROUP BY 1, 2, 3",
    ),
    "outcomes_by_site": (
        "The 25 sites with most pages",
        f"SELECT host AS site, policies.name AS policy, outcome, SUM(pages) AS pages {_JOIN} "
        "JOIN sites ON sites.id = site "
        "WHERE site IN (SELECT site FROM cube GROUP BY site ORDER BY SUM(pages) DESC LIMIT 25) GROUP BY 1, 2, 3",
    ),
    "outcomes_by_rule": (
        "The 25 rules that decided most",
        f"SELECT rules.name AS rule, policies.name AS policy, outcome, SUM(pages) AS pages {_JOIN} "
        "JOIN rules ON rules.id = rule "
        "WHERE rule IN (SELECT rule FROM cube WHERE rule IS NOT NULL GROUP BY rule ORDER BY SUM(pages) DESC LIMIT 25) "
        "GROUP BY 1, 2, 3",
    ),
}
_HIDDEN = ("state", "facts", "cube", "moments", "patterns", "lines", "urls", "notes")
_ABOUT = {
    "outcomes": "The last outcome of each address under each policy. Addresses are masked, as in the ledger.",
    "rules": "Rules that decided at least once.",
    "sites": "Hosts of all addresses.",
    "policies": "The policies of this crawl.",
    "events": "What the ledger tells besides outcomes: bodies removed, reviews.",
}
_RESULTS = ("kept", "unchanged", "held", "dropped", "failed", "pending")


def metadata(policies: Iterable[str], *, crawl: str) -> dict[str, Any]:
    """Datasette's metadata."""
    queries = {name: {"title": title, "sql": sql, "hide_sql": True} for name, (title, sql) in QUERIES.items()}
    tables: dict[str, Any] = {name: {"hidden": True} for name in _HIDDEN}
    tables |= {name: {"description": says} for name, says in _ABOUT.items()}
    return {
        "title": f"Usufruct audit of {crawl}",
        "databases": {DATABASE: {"queries": queries, "tables": tables}},
        "plugins": {"datasette-dashboards": {"outcomes": _dashboard(list(policies))}},
    }


def _dashboard(policies: list[str]) -> dict[str, Any]:
    return {
        "title": "Outcomes",
        "description": "What became of the addresses of this crawl; each drawing has its numbers below it.",
        "charts": {
            "outcomes_over_time": _bars("outcomes_over_time", "time", policies, kind="temporal"),
            "outcomes_by_policy": _bars("outcomes_by_policy", "policy", []),
            "outcomes_by_stage": _bars("outcomes_by_stage", "stage", policies),
            "outcomes_by_site": _bars("outcomes_by_site", "site", policies, across=True),
            "outcomes_by_rule": _bars("outcomes_by_rule", "rule", policies, across=True),
        },
    }


def _bars(query: str, by: str, policies: list[str], *, kind: str = "nominal", across: bool = False) -> dict[str, Any]:
    """Stacked bars of pages by outcome, of one policy where one is chosen."""
    of: dict[str, Any] = {"field": by, "type": kind, "title": None, "axis": {"labelLimit": 220}}
    if across:
        of["sort"] = {"op": "sum", "field": "pages", "order": "descending"}
    pages = {"aggregate": "sum", "field": "pages", "title": "addresses" if policies else "decisions"}
    color = {"field": "outcome", "scale": {"domain": list(_RESULTS)}, "title": None}
    display: dict[str, Any] = {
        "data": {"url": f"/{DATABASE}/{query}.json?_shape=array"},
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {"y" if across else "x": of, "x" if across else "y": pages, "color": color},
    }
    if not across:
        display["height"] = 220
    if policies:
        bind = {"input": "select", "options": policies, "name": "policy "}
        display["params"] = [{"name": "policy", "value": policies[0], "bind": bind}]
        display["transform"] = [{"filter": "datum.policy === policy"}]
    return {"title": QUERIES[query][0], "library": "vega-lite", "display": display}
