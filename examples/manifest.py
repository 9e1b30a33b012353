"""The demonstration's hosts and pages as values, read from site/site.yaml."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from ruamel.yaml import YAML

SITE = Path(__file__).parent / "site"
POLICIES = ("jp", "us", "eu", "cn")
_Value = TypeVar("_Value", "Material", "Page", "Host")


class ManifestError(ValueError):
    """site.yaml says something that it may not; the message names the place and what is allowed."""


@dataclass(frozen=True, slots=True)
class Material:
    """A stored file: whose it is, under which license, and the address of the original ("" for our own)."""

    title: str
    author: str
    license: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One address of a host; README.md in site/ explains the keys.

    `expect` maps each policy to the result it should come to, as far as the reference decides it; `planted` maps a
    kind of personal data to the strings that stand on the page, `near_misses` are strings that are none.
    """

    path: str
    note: str = ""
    status: int = 200
    headers: Mapping[str, str | list[str]] = field(default_factory=dict)
    first: tuple[Mapping[str, Any], ...] = ()
    file: str = ""
    text: str = ""
    base64: str = ""
    insert: str = ""
    remove: tuple[str, ...] = ()
    encoding: str = "utf-8"
    gzip: bool = False
    expect: Mapping[str, str] = field(default_factory=dict)
    planted: Mapping[str, list[str]] = field(default_factory=dict)
    near_misses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Host:
    """One host name, with its pages; `links` are further addresses named on its contents page."""

    note: str
    pages: tuple[Page, ...] = ()
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything in site.yaml; `folder` is where the materials lie."""

    folder: Path
    materials: Mapping[str, Material]
    hosts: Mapping[str, Host]


def load(folder: Path = SITE) -> Manifest:
    """Read `folder`/site.yaml.

    Raises:
        ManifestError: An unknown key, or a page whose file is not among the materials.
    """
    data = YAML(typ="safe").load(folder / "site.yaml")
    materials = {name: _build(Material, value, name) for name, value in data["materials"].items()}
    hosts = {name: _read_host(name, dict(value)) for name, value in data["hosts"].items()}
    for name, host in hosts.items():
        for page in host.pages:
            if page.file and page.file not in materials:
                raise ManifestError(
                    f"site.yaml: {name}{page.path}: '{page.file}' is not listed under materials; add it"
                )
    return Manifest(folder, materials, hosts)


def _read_host(name: str, value: dict[str, Any]) -> Host:
    robots = value.pop("robots", None)
    pages = (
        [] if robots is None else [{"path": "/robots.txt"} | ({"text": robots} if isinstance(robots, str) else robots)]
    )
    pages += value.get("pages", ())
    return _build(Host, value | {"pages": tuple(_read_page(name, page) for page in pages)}, name)


def _read_page(host: str, value: dict[str, Any]) -> Page:
    expect = value.get("expect", {})
    everywhere = {"expect": dict.fromkeys(POLICIES, expect)} if isinstance(expect, str) else {}
    return _build(Page, value | everywhere, f"{host}{value.get('path')}")


def _build(kind: type[_Value], value: Mapping[str, Any], where: str) -> _Value:
    allowed = [f.name for f in fields(kind)]
    unknown = sorted(value.keys() - set(allowed))
    if unknown:
        raise ManifestError(f"site.yaml: {where}: unknown key '{unknown[0]}'; allowed are {', '.join(allowed)}")
    given: dict[str, Any] = {key: tuple(item) if isinstance(item, list) else item for key, item in value.items()}
    return kind(**given)


def read_material(manifest: Manifest, name: str) -> bytes:
    """The stored file as its author published it, unpacked."""
    raw = (manifest.folder / name).read_bytes()
    return gzip.decompress(raw) if name.endswith(".gz") else raw
