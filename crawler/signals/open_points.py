"""The open points of the specifications: how each is read here, and how else it can be read (reference/signals.md 18).

Signals state the other reading as "<fact>@<point>" wherever it differs; a policy takes it by naming the point. Some
points need none: registries, natural language and proxy tokens are facts of their own, and TDMRep's 0 never weakens a
refusal elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class OpenPoint(NamedTuple):
    """How a point is read here, how else, and the facts that say what the other reading comes to."""

    usual: str
    other: str
    facts: tuple[str, ...]


OPEN_POINTS: Mapping[str, OpenPoint] = MappingProxyType(
    {
        "forbidden-refuses": OpenPoint(
            "robots.txt with 401 or 403: no rules", "a refusal", ("robots@forbidden-refuses",)
        ),
        "rate-limited-allows": OpenPoint(
            "robots.txt with 429: unreachable for now", "no rules, as any other 4xx", ("robots@rate-limited-allows",)
        ),
        "redirect-limit-refuses": OpenPoint(
            "robots.txt behind more than five redirects: no rules", "a refusal", ("robots@redirect-limit-refuses",)
        ),
        "version-tail": OpenPoint(
            "a token written with /version names that crawler", "it names another one", ("robots@version-tail",)
        ),
        "closes-header": OpenPoint(
            "Content-Signal or License directly before another user-agent line: one group goes on",
            "it ends the group's header",
            ("robots@closes-header", "content-signal.ai-train@closes-header"),
        ),
        "legacy": OpenPoint(
            "robots.txt by RFC 9309", "as robotexclusionrulesparser reads it by itself", ("robots@legacy",)
        ),
        "orphan": OpenPoint(
            "Content-Usage outside any group: unknown, flagged",
            "a refusal there counts",
            ("content-usage.train-ai@orphan",),
        ),
        "empty-path": OpenPoint(
            "`Content-Usage: /path` without preference: the line is ignored",
            "nothing is known for that path",
            ("content-usage.train-ai@empty-path",),
        ),
        "last-line": OpenPoint(
            "Content-Signal several times in a group: the most restrictive",
            "the last one",
            ("content-signal.ai-train@last-line",),
        ),
        "trailing-line-global": OpenPoint(
            "RSL `License:` behind the last group belongs to that group, flagged",
            "it speaks for the whole site",
            ("rsl.ai-train@trailing-line-global",),
        ),
        "comma-lists": OpenPoint("RSL 0.9 comma lists: not read, flagged", "read", ("rsl.ai-train@comma-lists",)),
        "wrong-type": OpenPoint(
            'tdmrep.json as a single object, `true`, `"1"`: unset, flagged', "reserved", ("tdm-reservation@wrong-type",)
        ),
        "differing-headers": OpenPoint(
            "two differing tdm-reservation headers: unset, flagged", "reserved", ("tdm-reservation@differing-headers",)
        ),
        "in-body": OpenPoint("a robots meta in the body: flagged", "it counts", ("robots-meta@in-body",)),
        "loose-separators": OpenPoint(
            "`noai noimageai` without comma, or with semicolons: flagged",
            "read as if written with commas",
            ("robots-meta@loose-separators", "x-robots-tag@loose-separators", "x-robots-tag.image@loose-separators"),
        ),
        "noindex": OpenPoint(
            "noindex says nothing about training",
            "it reserves",
            ("robots-meta@noindex", "x-robots-tag@noindex", "x-robots-tag.image@noindex"),
        ),
        "invalid-manifest": OpenPoint(
            "a C2PA manifest that fails validation says nothing, flagged",
            "it is believed",
            tuple(
                f"c2pa.{use}@invalid-manifest"
                for use in ("generative-training", "inference", "training", "data-mining")
            ),
        ),
    }
)
