"""The image and the compose file, as far as can be seen without an engine: no layer is built here.

What needs the net (pip) was run by hand, see docs/operations.md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from ruamel.yaml import YAML
from scrapy.settings import Settings

from crawler import settings
from crawler.arguments import CRAWLING_ARGUMENTS, JUDGING_ARGUMENTS
from crawler.healthcheck import problem_of

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: Mapping[str, Any] = YAML(typ="safe").load(ROOT / "compose.yaml")
OURS = [name for name, service in COMPOSE["services"].items() if "build" in service]


def _instructions() -> list[tuple[str, str]]:
    """The Dockerfile's, continued lines joined."""
    lines = (line for line in DOCKERFILE.replace("\\\n", " ").splitlines() if line and not line.startswith("#"))
    return [(word, re.sub(r"\s+", " ", rest)) for word, _, rest in (line.partition(" ") for line in lines)]


def _said(word: str) -> list[str]:
    return [rest for name, rest in _instructions() if name == word]


def test_the_linter_has_nothing_to_say() -> None:
    """Hadolint, with its own rules."""
    hadolint = Path(sys.executable).with_name("hadolint")
    if not hadolint.exists():
        pytest.skip("hadolint is not installed here")
    done = subprocess.run([hadolint, str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_last_stage_is_small_and_nobody_s() -> None:
    """No package is installed in it; a user with a fixed number; a check; a version like ours."""
    last = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
    assert not re.search(r"pip install|apt-get|curl|wget", last)
    assert _said("USER") == ["10001:10001"]
    assert all("--require-hashes" in line for run in _said("RUN") for line in run.split("&&") if "pip install" in line)
    with (ROOT / "pyproject.toml").open("rb") as file:
        version = tomllib.load(file)["project"]["version"]
    assert f"VERSION={version}" in _said("ARG")
    assert {COMPOSE["services"][name]["image"] for name in OURS} == {f"usufruct:{version}"}


def test_only_what_is_copied_reaches_the_engine() -> None:
    """.dockerignore forbids everything but the sources of COPY, and all of them exist."""
    copied = {part for line in _said("COPY") if "--from" not in line for part in line.split()[:-1]}
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert lines[1] == "*"
    assert {line[1:] for line in lines if line.startswith("!")} == copied
    assert all((ROOT / name).exists() for name in copied)


def test_the_further_requirements_are_those_of_development() -> None:
    """One version and one list of hashes for each package."""
    known = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")
    further = re.split(r"\n(?=[a-z])", (ROOT / "requirements-image.txt").read_text(encoding="utf-8").strip())
    assert len(further) > 5
    for entry in further:
        assert entry in known, entry.splitlines()[0]


def test_the_builder_of_sources_is_pinned(tmp_path: Path) -> None:
    """The step that picks setuptools out of the requirements finds it, with hashes, and nothing else."""
    step = next(part for run in _said("RUN") for part in run.split("&&") if part.strip().startswith("sed "))
    step = step.replace("setuptools.txt", str(tmp_path / "setuptools.txt"))
    subprocess.run(["sh", "-ceu", step], cwd=ROOT, check=True)
    picked = (tmp_path / "setuptools.txt").read_text(encoding="utf-8")
    assert picked.startswith("setuptools==")
    assert picked.count("==") == 1
    assert "--hash=sha256:" in picked


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """/opt/usufruct made as the Dockerfile makes it, and its environment with folders of ours."""
    root = tmp_path_factory.mktemp("image")
    for line in _said("COPY"):
        *sources, target = line.split()
        if "--from" not in line and target.startswith("/opt"):
            for source in sources:
                into = root / target.lstrip("/")
                into.mkdir(parents=True, exist_ok=True)
                ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
                if (ROOT / source).is_dir():
                    shutil.copytree(ROOT / source, into, dirs_exist_ok=True, ignore=ignored)
                else:
                    shutil.copy(ROOT / source, into)
    compiling = next(line for line in _said("RUN") if "compileall" in line)
    compiling = compiling.replace("/opt/venv/bin/python", sys.executable).replace("/opt", str(root / "opt"))
    subprocess.run(shlex.split(compiling), check=True)
    given = dict(part.split("=", 1) for part in shlex.split(_said("ENV")[-1]) if not part.startswith("PATH="))
    for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "PYTHONPATH"):
        given[name] = str(root) + given[name]
    (root / "data").mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SCRAPY"))}
    for folder, _, names in os.walk(root / "opt"):
        for name in names:
            (Path(folder) / name).chmod(0o444)
    return root / "data", kept | given


def _scrapy(image: tuple[Path, dict[str, str]], *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    folder, environment = image
    command = [sys.executable, "-m", "scrapy", *arguments]
    return subprocess.run(command, cwd=folder, env=environment | more, capture_output=True, text=True, check=False)


def test_the_copied_files_are_enough(image: tuple[Path, dict[str, str]]) -> None:
    """From a folder of data, with nothing of the checkout in reach; a program that lies there is not run."""
    (image[0] / "json.py").write_text("raise SystemExit('taken from the folder of data')", encoding="utf-8")
    listed = _scrapy(image, "policy", "list")
    assert listed.returncode == 0, listed.stderr
    assert "jp" in listed.stdout
    given = ("-a", "seeds=https://www.example.org/", "-a", "policy=jp", "-a", "_job=as-scrapyd-adds-it")
    refused = _scrapy(image, "crawl", "web", *given)
    assert refused.returncode == 1
    assert "contact" in refused.stderr
    (image[0] / "json.py").unlink()


def test_jobs_are_read_from_a_folder_that_is_mounted(image: tuple[Path, dict[str, str]]) -> None:
    """Collections go below /data; seeds lie beside the file."""
    (image[0] / "mounted").mkdir()
    (image[0] / "mounted" / "seeds.txt").write_text("https://www.example.org/\n", encoding="utf-8")
    jobs = f"folder: {image[0]}/collections\ncontact: https://example.org/our-crawler\njobs:\n  - name: news\n"
    jobs += "    spider: web\n    seeds: seeds.txt\n    policy: jp,eu\n    schedule: {every: 6h}\n"
    (image[0] / "mounted" / "jobs.yaml").write_text(jobs, encoding="utf-8")
    checked = _scrapy(image, "jobs", "check", "--file", "mounted/jobs.yaml")
    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_password_of_redis_comes_from_a_file(image: tuple[Path, dict[str, str]]) -> None:
    """And is in the settings only where a file is named."""
    secret = image[0] / "password"
    secret.write_text("not so secret\n", encoding="utf-8")
    shown = _scrapy(image, "settings", "--get", "REDIS_PARAMS", REDIS_PASSWORD_FILE=str(secret))
    assert json.loads(shown.stdout.replace("'", '"')) == {"password": "not so secret"}
    assert _scrapy(image, "settings", "--get", "REDIS_PARAMS").stdout.strip() == "{}"


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "cannot be read: No such file or directory"), (b"\n", "is empty"), (b"\xff", "is no text in UTF-8")],
)
def test_a_password_that_cannot_be_read_is_said(
    content: bytes | None, says: str, image: tuple[Path, dict[str, str]]
) -> None:
    """Where the file is not there, or not for us."""
    secret = image[0] / "no-password"
    if content is not None:
        secret.write_bytes(content)
    done = _scrapy(image, "settings", "--get", "REDIS_PARAMS", REDIS_PASSWORD_FILE=str(secret))
    secret.unlink(missing_ok=True)
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def _commands() -> list[list[str]]:
    of_image = next(json.loads(rest) for rest in reversed(_said("CMD")))
    written = [[str(part) for part in COMPOSE["services"][name]["command"]] for name in OURS]
    return [of_image, *written]


@pytest.mark.parametrize("command", _commands(), ids=" ".join)
def test_every_command_exists(command: list[str]) -> None:
    """With its options, its arguments and its settings."""
    module = import_module(f"crawler.commands.{command[0]}")
    parser = argparse.ArgumentParser(conflict_handler="resolve", exit_on_error=False)
    shell = module.Command()
    shell.settings = Settings()
    shell.add_options(parser)
    known, rest = parser.parse_known_args(command[1:])
    assert not [part for part in rest if part.startswith("-")], rest
    for assignment in known.set:
        name = assignment.partition("=")[0]
        assert hasattr(settings, name), name
    for assignment in getattr(known, "spargs", None) or []:
        assert assignment.partition("=")[0] in {*CRAWLING_ARGUMENTS, *JUDGING_ARGUMENTS}
    if command[0] != "crawl":
        assert re.search(rf"\b{command[1]}\b", shell.syntax()), f"{command[0]} has no {command[1]}"


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_every_service_has_as_little_as_it_needs(name: str) -> None:
    """No rights, no writable root, an end that is waited for, a check; nothing listens but on this machine."""
    service = COMPOSE["services"][name]
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True
    assert service["init"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service["user"].startswith(("0", "root"))
    assert service["mem_limit"]
    assert int(service["stop_grace_period"].removesuffix("s")) >= 10
    assert service["healthcheck"]["test"]
    assert all(str(port).startswith("127.0.0.1:") for port in service.get("ports", ()))
    for volume in service["volumes"]:
        assert volume.startswith("./") or volume.partition(":")[0] in COMPOSE["volumes"]
    for address in re.findall(r"http://\S+", " ".join(service["healthcheck"]["test"])):
        assert address.startswith("http://127.0.0.1:")


def test_a_run_of_a_job_may_end_before_its_container() -> None:
    """The server waits for a crawl for --grace seconds; the engine waits longer."""
    jobs = COMPOSE["services"]["jobs"]
    assert float(jobs["command"][jobs["command"].index("--grace") + 1]) < int(jobs["stop_grace_period"][:-1])


def test_who_asks_for_one_service_does_not_start_the_jobs() -> None:
    """`jobs` has no profile, so `up` without a name starts it; a name brings its profile, and what it depends on."""
    assert "profiles" not in COMPOSE["services"]["jobs"]
    told = (ROOT / "compose.yaml").read_text() + (ROOT / "docs" / "operations.md").read_text()
    ups = re.findall(r"docker compose(?: --profile \w+)? up\b[^`\n]*?(?=`|\n|  )", told)
    assert sorted(up.removeprefix("docker compose up").removeprefix(" --detach") for up in set(ups)) == [
        "",
        " audit",
        " crawl",
        " crawl",
    ]
    for name in ("crawl", "audit"):
        needed = COMPOSE["services"][name].get("depends_on", ())
        assert all(COMPOSE["services"][each]["profiles"] == [name] for each in needed)


def test_redis_is_private() -> None:
    """A network without a way out, no port, and a password that stands nowhere."""
    redis = COMPOSE["services"]["redis"]
    assert redis["networks"] == ["frontier"]
    assert COMPOSE["networks"]["frontier"] == {"internal": True}
    assert "ports" not in redis
    assert "environment" not in redis
    assert "@" not in next(part for part in COMPOSE["services"]["crawl"]["command"] if "redis://" in part)


def test_redis_starts_as_it_is_written(tmp_path: Path) -> None:
    """The very command, with other paths: it asks for the password, and its own check passes; a SIGTERM ends it."""
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed here")
    (tmp_path / "redis_password").write_text("a password with blanks\n".replace(" ", "-"), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    service = COMPOSE["services"]["redis"]

    def here(script: str) -> str:
        script = (
            script.replace("$$", "$").replace("/run/secrets", str(tmp_path)).replace("--dir /data", f"--dir {tmp_path}")
        )
        return script.replace("/tmp/redis.conf", f"{tmp_path}/redis.conf").replace("redis-cli", f"redis-cli -p {port}")

    script = here(service["command"][-1]).rstrip() + f" --port {port} --bind 127.0.0.1\n"
    with subprocess.Popen(["sh", service["command"][1], script], stdout=subprocess.PIPE, text=True) as redis:
        assert redis.stdout is not None
        assert any("Ready to accept connections" in line for line in redis.stdout)
        try:
            unknown = subprocess.run(
                ["redis-cli", "-p", str(port), "ping"], capture_output=True, text=True, check=False
            )
            assert "NOAUTH" in unknown.stdout
            assert subprocess.run(["sh", "-c", here(service["healthcheck"]["test"][1])], check=False).returncode == 0
            assert "password" not in Path(f"/proc/{redis.pid}/cmdline").read_text(encoding="utf-8")
        finally:
            redis.terminate()
            redis.stdout.read()
    assert redis.returncode == 0


class _Sick(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/well" else 503)
        self.end_headers()
        self.wfile.write(b"" if self.path == "/well" else b"the disk is full")

    def log_message(self, format: str, *args: object) -> None: ...


def test_a_check_says_why() -> None:
    """Well; ill, with what the page says; nobody there; no address."""
    with HTTPServer(("127.0.0.1", 0), _Sick) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        base = f"http://127.0.0.1:{server.server_address[1]}"
        assert problem_of(f"{base}/well") == ""
        assert problem_of(f"{base}/health") == f"{base}/health: answers 503: the disk is full"
        server.shutdown()
    assert "does not answer" in problem_of(f"{base}/well")
    assert "does not answer" in problem_of("http://[nothing")
