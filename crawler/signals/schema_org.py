"""States what schema.org markup says about rights, in JSON-LD and in microdata: for the page, or for one item on it.

Specification: schema.org, properties of CreativeWork (license, acquireLicensePage, usageInfo, copyrightNotice,
copyrightHolder, creditText, conditionsOfAccess); HTML Living Standard, 5 (microdata); read 2026-11-22. The names of
holders and creators are personal data: that they are named is stated, not who they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from crawler.document import Evidence, Fact
from crawler.signals import _jsonld as jsonld
from crawler.signals import licenses
from crawler.signals._markup import RIGHTS, Markup, base_address, collect, resolve

_TEXTS = {"copyrightNotice": "copyright-notice", "conditionsOfAccess": "conditions-of-access"}
_ADDRESSES = {"acquireLicensePage": "acquire-license-page", "usageInfo": "usage-info"}
_NAMES = {"copyrightHolder": "copyright-holder", "creditText": "credit-text"}

WHERE = ("JSON-LD and microdata",)
NEEDS: tuple[str, ...] = ()
FACTS = (
    "license.link",
    "license.spdx",
    "license.embedded",
    *(
        f"{speaker}.{name}"
        for speaker in ("schema-org", "schema-org.embedded")
        for table in (_TEXTS, _ADDRESSES, _NAMES)
        for name in table.values()
    ),
)
SPECIFICATION = "schema.org CreativeWork in JSON-LD and microdata, read 2026-11-22"


class _Declared(NamedTuple):
    """One value of one property."""

    name: str
    value: str
    embedded: bool
    where: str
    is_address: bool = False


def read(evidence: Evidence) -> Iterator[Fact]:
    """State licenses as `license.link`, `license.spdx` or `license.embedded`, the rest as `schema-org.<property>`.

    A property belongs to the node or item that carries it: one that is an image, a film or a recording, or that
    stands inside another, is embedded. `where` is "jsonld:<type>.<property>" or "microdata:<type>.<property>".
    """
    if evidence.page is None or evidence.html is None:
        return
    markup = collect(evidence.html)
    base = base_address(markup, evidence.url)
    for declared in (*_of_scripts(markup), *_of_microdata(markup)):
        yield from _license(declared, base) if declared.name == "license" else _other(declared, base)


def _license(declared: _Declared, base: str) -> Iterator[Fact]:
    quote = declared.value[:200]
    if address := _address(declared, base):
        yield Fact("license.embedded" if declared.embedded else "license.link", address, declared.where, quote)
    elif licenses.of_expression(declared.value):
        yield Fact("license.embedded" if declared.embedded else "license.spdx", quote, declared.where, quote)


def _other(declared: _Declared, base: str) -> Iterator[Fact]:
    speaker = "schema-org.embedded" if declared.embedded else "schema-org"
    quote = declared.value[:200]
    if declared.name in _NAMES:
        yield Fact(f"{speaker}.{_NAMES[declared.name]}", True, declared.where)
    elif declared.name in _TEXTS:
        yield Fact(f"{speaker}.{_TEXTS[declared.name]}", quote, declared.where, quote)
    elif address := _address(declared, base):
        yield Fact(f"{speaker}.{_ADDRESSES[declared.name]}", address, declared.where, quote)


def _address(declared: _Declared, base: str) -> str:
    """An absolute address; "" for prose."""
    value = declared.value
    looks_like_one = value.startswith("/") or ("://" in value and " " not in value)
    return resolve(base, value) if declared.is_address or looks_like_one else ""


def _of_scripts(markup: Markup) -> Iterator[_Declared]:
    for script in markup.json_ld:
        if any(name in script for name in RIGHTS):
            yield from _of_nodes(jsonld.nodes(script) or ())


def _of_nodes(top: tuple[jsonld.Node, ...]) -> Iterator[_Declared]:
    """What top nodes say of themselves, and what the nodes right below them do, which are embedded."""
    seen = {id(node.content) for node in top}
    for node in top:
        yield from _of_node(node, embedded=jsonld.is_media(node))
        values = {id(item) for name in RIGHTS for item in _items(node.content.get(name))}
        for child in jsonld.children(node):
            if id(child.content) not in seen | values:
                yield from _of_node(child, embedded=True)


def _of_node(node: jsonld.Node, *, embedded: bool) -> Iterator[_Declared]:
    for name in RIGHTS:
        for item in _items(node.content.get(name)):
            if value := _text(item):
                yield _Declared(name, value, embedded, f"jsonld:{node.type}.{name}")


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _text(value: object) -> str:
    """A value as text: itself, or the address or name of the object that it is."""
    if isinstance(value, dict):
        value = next((value[key] for key in ("url", "@id", "name") if isinstance(value.get(key), str)), "")
    return " ".join(value[:8192].split()) if isinstance(value, str) else ""


def _of_microdata(markup: Markup) -> Iterator[_Declared]:
    for found in markup.microdata:
        if found.value:
            type_ = jsonld.local_name(found.type)
            where = f"microdata:{type_}.{found.name}"
            yield _Declared(found.name, found.value, found.embedded, where, found.is_address)
