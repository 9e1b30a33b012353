"""The demonstration's web: what the manifest says is what is served, on loopback, with everybody's license named."""

from __future__ import annotations

import gzip
import http.client
import json
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from examples.manifest import POLICIES, Host, Manifest, ManifestError, Page, load, read_material
from examples.server import LOOPBACK, ExampleSites, write_seeds

DATA = Path(__file__).parents[2] / "shared" / "data"
MANIFEST = load()
PAGES = [(name, page) for name, host in MANIFEST.hosts.items() for page in host.pages]
each_page = pytest.mark.parametrize(("host", "page"), PAGES, ids=[name + page.path for name, page in PAGES])


@pytest.fixture(scope="module")
def sites() -> Iterator[ExampleSites]:
    with ExampleSites() as running:
        yield running


def ask(sites: ExampleSites, host: str, path: str, method: str = "GET") -> tuple[int, list[tuple[str, str]], bytes]:
    connection = http.client.HTTPConnection(LOOPBACK, sites.port, timeout=10)
    try:
        connection.request(method, path, headers={"Host": f"{host}:{sites.port}", "User-Agent": "reader/1.0"})
        answer = connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()
    finally:
        connection.close()


@each_page
def test_every_page_is_answered_as_the_manifest_says(host: str, page: Page) -> None:
    """Early answers come first, once each; then the status, headers and content of the page, again and again."""
    with ExampleSites(manifest=Manifest(MANIFEST.folder, MANIFEST.materials, {host: Host("", (page,))})) as alone:
        early = [ask(alone, host, page.path) for _ in page.first]
        assert [status for status, _, _ in early] == [turn["status"] for turn in page.first]
        status, headers, body = ask(alone, host, page.path)
        assert status == page.status
        assert (status, body) == ask(alone, host, page.path)[::2]
        for name, value in page.headers.items():
            values = [value] if isinstance(value, str) else value
            assert [found for key, found in headers if key.lower() == name.lower()] == [
                one.replace("{port}", str(alone.port)) for one in values
            ]
        if page.insert:
            assert page.insert.encode() in body.split(b"</head>")[0]
        assert not any(part.encode() in body for part in page.remove)
        assert b"{port}" not in body


@each_page
def test_planted_personal_data_and_near_misses_stand_on_the_page(host: str, page: Page, sites: ExampleSites) -> None:
    """What tests search for in the output must have been in the input."""
    wanted = [text for texts in page.planted.values() for text in texts] + list(page.near_misses)
    text = " ".join(ask(sites, host, page.path)[2].decode(page.encoding).split()) if wanted else ""
    assert [one for one in wanted if one not in text] == []


@each_page
def test_expectations_name_every_policy_and_a_known_result(host: str, page: Page) -> None:
    assert not page.expect or tuple(page.expect) == POLICIES
    assert set(page.expect.values()) <= {"kept", "held", "dropped", "failed"}


def test_the_four_policies_differ() -> None:
    """Each policy treats some page differently from each other one."""
    for one, other in combinations(POLICIES, 2):
        assert any(page.expect.get(one) != page.expect.get(other) for _, page in PAGES), (one, other)


def test_every_file_is_listed_used_and_licensed() -> None:
    """No stored file without title, author and license, in the manifest and for readers."""
    folder = MANIFEST.folder
    stored = {path.relative_to(folder).as_posix() for path in folder.glob("*/*")}
    assert stored == set(MANIFEST.materials) == {page.file for _, page in PAGES if page.file}
    licenses = (folder / "LICENSES.md").read_text("utf-8")
    for name, material in MANIFEST.materials.items():
        assert material.title
        assert material.author
        assert material.license
        row = next(line for line in licenses.splitlines() if line.startswith(f"| {name} |"))
        assert all(part in row for part in (material.title, material.source))
        assert material.license in (row if material.source else licenses)


def test_every_host_is_explained() -> None:
    readme = (MANIFEST.folder / "README.md").read_text("utf-8")
    first_cells = {name.strip() for line in readme.splitlines() for name in line.strip("| ").split(" | ")[0].split(",")}
    assert {name.removesuffix(".localhost") for name in MANIFEST.hosts} - {"start"} <= first_cells
    assert all(name.endswith(".localhost") for name in MANIFEST.hosts)


def test_the_set_is_small() -> None:
    assert sum(path.stat().st_size for path in MANIFEST.folder.rglob("*") if path.is_file()) < 1_200_000


@pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data")
def test_other_peoples_pages_are_stored_unchanged() -> None:
    """A page of ours that has a source is, byte for byte, the page that was collected there."""
    collected = {}
    for line in (DATA / "web_dev.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        with (DATA / "web_dev.warc.gz").open("rb") as warc:
            warc.seek(entry["offset"])
            record = gzip.decompress(warc.read(entry["length"]))
        collected[entry["url"]] = record.split(b"\r\n\r\n", 2)[2]
    for name, material in MANIFEST.materials.items():
        if material.source:
            assert collected[material.source].rstrip(b"\r\n") == read_material(MANIFEST, name).rstrip(b"\r\n")


def test_it_listens_on_loopback_only(sites: ExampleSites) -> None:
    assert sites._server.server_address == (LOOPBACK, sites.port)


def test_a_port_in_use_is_replaced_by_a_free_one(sites: ExampleSites) -> None:
    with ExampleSites(sites.port) as other:
        assert other.port != sites.port
        assert ask(other, "start.localhost", "/")[0] == 200


def test_requests_are_noted() -> None:
    with ExampleSites() as sites:
        ask(sites, "press.localhost", "/robots.txt")
        ask(sites, "press.localhost", "/restored", "HEAD")
        noted = [(seen.method, seen.host, seen.path, seen.agent, seen.status) for seen in sites.requests]
    assert noted == [
        ("GET", "press.localhost", "/robots.txt", "reader/1.0", 200),
        ("HEAD", "press.localhost", "/restored", "reader/1.0", 200),
    ]


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("localhost", "/", 200),
        (LOOPBACK, "/", 200),
        ("START.localhost", "/", 200),
        ("nobody.localhost", "/", 404),
        ("press.localhost", "/restored?again", 404),
        ("press.localhost", "http://recipes.localhost/fig-bars", 200),  # as a proxy is asked
        ("recipes.localhost", "/robots.txt", 404),
    ],
)
def test_names_and_paths(sites: ExampleSites, host: str, path: str, status: int) -> None:
    assert ask(sites, host, path)[0] == status


def test_the_front_page_leads_to_every_host(sites: ExampleSites) -> None:
    body = ask(sites, "start.localhost", "/")[2].decode()
    assert all(sites.url(name) in body for name in list(MANIFEST.hosts)[1:])


def test_seeds_are_served_and_reach_every_host(sites: ExampleSites, tmp_path: Path) -> None:
    lines = write_seeds(tmp_path / "seeds.txt", sites.port).read_text("utf-8").splitlines()
    seeds = [line for line in lines if not line.startswith("#")]
    assert set(seeds) <= set(sites.urls())
    assert {seed.split("/")[2].split(":")[0] for seed in seeds} == set(MANIFEST.hosts) - {"start.localhost"}


def test_an_unknown_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(
        "materials: {}\nhosts: {a.localhost: {note: n, pages: [{path: /, staus: 404}]}}\n"
    )
    with pytest.raises(ManifestError, match=r"a\.localhost/: unknown key 'staus'; allowed are path, note, status"):
        load(tmp_path)


def test_a_page_without_a_license_is_refused(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(
        "materials: {}\nhosts: {a.localhost: {note: n, pages: [{path: /, file: x.html}]}}\n"
    )
    with pytest.raises(ManifestError, match=r"'x\.html' is not listed under materials"):
        load(tmp_path)
