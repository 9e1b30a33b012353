"""jobs.yaml: what is wrong with it, all at once; what is made of it; and the same jobs for other schedulers."""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from crawler.commands.jobs import _setting_problem
from crawler.jobs import command_line
from crawler.jobs.check import problems
from crawler.jobs.exports import Caller, ExportError, export
from crawler.jobs.exports.systemd import calendar
from crawler.jobs.model import Schedule
from crawler.jobs.read import JobsError, Source, read

GOLDEN = Path(__file__).parent / "jobs_exports"
JOB = "{name: a, policy: jp, seeds: 'https://example.org/', contact: 'https://example.org/c', %s}"

# What stands in the only job, and what is said of it; "" for nothing.
LINES = [
    ("", ""),
    ("schedule: {cron: '0 3 * * mon-fri', timezone: Asia/Tokyo}", ""),
    ("schedule: {every: 90m}", ""),
    ("schedule: {every: 1h30m}, within: 12h, missed: skip, overlap: queue", ""),
    ("limits: {pages: 1, hours: 0.5, disk: 20 GB, free: 500 MiB}", ""),
    ("retention: {runs: 30}", ""),
    ("retention: {days: 0}, incremental: true", ""),
    ("arguments: {follow: 1, commercial: 'no', include_bills: true}", ""),
    ("settings: {DOWNLOAD_DELAY: 2, PII_NAMES: false, PII_ENGINE_EN: none}", ""),
    ("schedule: {cron: '0 25 * * *'}", ":1:112: jobs[0].schedule.cron: found '0 25 * * *'; hour 25; allowed are 0-23"),
    ("schedule: {cron: '0 0 30 2 *'}", "never due"),
    ("schedule: {cron: 2026-02-30}", ":1:112: jobs[0].schedule.cron: found '2026-02-30'; 1 fields; allowed are five"),
    ("schedule: {every: 2026-02-28}", ":1:113: jobs[0].schedule.every: found '2026-02-28'; no length of time"),
    ("schedule: {cron: '@daily', timezone: Asia/Tokio}", "did you mean Asia/Tokyo?"),
    ("schedule: {cron: '@daily', every: 1h}", "give either cron, with timezone, or every"),
    ("schedule: {every: 1h, timezone: UTC}", "timezone goes with cron"),
    ("schedule: {every: 0s}", "from 1s to 366d"),
    ("schedule: {every: 6}", "found 6; no length of time"),
    ("schedule: daily", "allowed are keys with values: cron, timezone, every"),
    ("schedule: {cron: */5 * * * *}", "a value that begins with * needs quotes"),
    ("limits: {pages: -1}", "jobs[0].limits.pages: found -1; must be greater than or equal to 1"),
    ("limits: {pages: '10'}", "must be a valid integer"),
    ("limits: {hours: .inf}", "must be a finite number"),
    ("limits: {disk: 20}", "found 20; no size; allowed is a number and B, kB, MB, GB"),
    ("limits: {disk: -20 GB}", "no size"),
    ("limits: {dsk: 20 GB}", "unknown key; allowed are pages, hours, disk, free; did you mean disk?"),
    ("retention: {runs: 0}", "greater than or equal to 1"),
    ("overlap: skp", "allowed are skip, queue, stop; did you mean skip?"),
    ("missed: maybe", "allowed are run, skip"),
    ("incremental: 1", "must be a valid boolean"),
    ("shedule: {every: 1h}", "did you mean schedule?"),
    ("name: b", "duplicate key"),
    ("spider: wbe", "unknown spider wbe; known are web; did you mean web?"),
    ("arguments: {folow: 1}", "jobs[0].arguments.folow: -a folow=: unknown argument (did you mean follow?)"),
    ("arguments: {follow: -1}", "must be a whole number from 0"),
    ("arguments: {follow: [1]}", "jobs[0].arguments.follow: found [1]; must be a valid string"),
    ("arguments: {policy: us}", "is not given here; write policy"),
    ("arguments: {out: x}", "is not given here; write folder, at the top"),
    ("arguments: {records: nowhere.yaml}", "nowhere.yaml"),
    ("settings: {DOWNLOD_DELAY: 2}", "jobs[0].settings.DOWNLOD_DELAY: unknown"),
    ("settings: {REVISIT_FIRST: 1d}", "settings.REVISIT_FIRST: found '1d'; allowed are numbers, without a unit"),
    ("settings: {DOWNLOAD_DELAY: }", "jobs[0].settings.DOWNLOAD_DELAY: has no value"),
    ("settings: {PII_NAMES: 'off'}", "jobs[0].settings.PII_NAMES: found 'off'; allowed are True and False"),
    ("settings: {PII_NAMES: 'false', REVISIT_MOST: 1.5e6, WORKERS: '2', CONTACT: ''}", ""),
    ("contact: nobody, policy: xx", "duplicate key"),
]


def _source(folder: Path, text: str) -> Source:
    file = folder / "jobs.yaml"
    file.write_text(text, encoding="utf-8")
    return read(file)


def _problems(folder: Path, text: str) -> str:
    try:
        source = _source(folder, text)
    except JobsError as error:
        return str(error)
    found = problems(
        source, spiders=["web"], setting_problem=_setting_problem,
        contact="", contact_required=True,
    )  # fmt: skip
    return "\n".join(map(str, found))


@pytest.mark.parametrize(("line", "says"), LINES, ids=[line or "nothing more" for line, _ in LINES])
def test_what_may_stand_in_a_job(tmp_path: Path, line: str, says: str) -> None:
    """Each mistake is told with its place, its key, what was found and what is allowed; what is right is not."""
    found = _problems(tmp_path, f"jobs: [{JOB % line}]")
    assert (says in found) if says else found == ""
    if says:
        assert found.startswith(f"{tmp_path / 'jobs.yaml'}:1:"), found


NAMES = [("news", True), ("A.b-c_9", True), ("a/b", False), ("..", False), ("", False), ("-a", False), ("a b", False),
         ("x" * 65, False), ("jobs.sqlite", False), ("a.", False), ("日本", False)]  # fmt: skip


@pytest.mark.parametrize(("name", "is_one"), NAMES)
def test_names_are_names_of_folders(tmp_path: Path, name: str, is_one: bool) -> None:
    """On every system."""
    job = f"{{name: '{name}', policy: jp, seeds: 'http://127.0.0.1/'}}"
    assert (_problems(tmp_path, f"jobs: [{job}]") == "") is is_one


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    """In the order of the file, with lines and columns."""
    found = _problems(
        tmp_path,
        "foldr: x\nlock: memcached://x\nnotify: [{webhok: 'https://x'}, {webhook: 'ftp://token@x/secret'}]\njobs:\n"
        "  - name: one\n    policy:\n    overlap: skp\n"
        "  - name: One\n    policy: jp\n    limits: {pages: 0}\n  - words\n",
    ).replace(f"{tmp_path}/", "")
    places = [line.split(": ")[0] + " " + line.split(": ")[1] for line in found.splitlines()]
    assert places == [
        "jobs.yaml:1:1 foldr", "jobs.yaml:2:7 lock", "jobs.yaml:3:11 notify[0].webhok",
        "jobs.yaml:3:43 notify[1].webhook", "jobs.yaml:6:5 jobs[0].policy", "jobs.yaml:7:14 jobs[0].overlap",
        "jobs.yaml:8:11 jobs[1].name", "jobs.yaml:10:21 jobs[1].limits.pages", "jobs.yaml:11:5 jobs[2]",
    ]  # fmt: skip
    assert "secret" not in found
    assert "token" not in found


SECRETS = [
    ("lock: 'reddis://robot:hunter2@host'", "lock: found 'reddis://...'; no lock; allowed are folder, and addresses"),
    ("lock: hunter2", "lock: found '...'; no lock"),
    ("notify: [{command: 'curl -u robot:hunter2'}]", "notify[0].command: found '...'; allowed is a list: lines"),
    ("notify: [{webhook: 'ftp://robot:hunter2@host/'}]", "notify[0].webhook: found 'ftp://...'; no http(s) address"),
]


@pytest.mark.parametrize(("line", "says"), SECRETS)
def test_what_may_be_secret_is_not_shown(tmp_path: Path, line: str, says: str) -> None:
    """Nor is it called an address that is none where no address was asked for."""
    found = _problems(tmp_path, f"{line}\njobs: [{JOB % ''}]")
    assert says in found
    assert "hunter2" not in found


def test_what_a_crawl_would_refuse_is_told_of_every_job(tmp_path: Path) -> None:
    """Unknown policies, seeds that are not there, a missing contact: by day, not at three in the morning."""
    jobs = ("{name: a, policy: xx, seeds: 'http://127.0.0.1/'}", "{name: b, policy: jp, seeds: nowhere.txt}",
            "{name: c, policy: jp, seeds: 'https://example.org/'}", "{name: d, policy: jp}",
            "{name: e, policy: jp, seeds: '-'}")  # fmt: skip
    found = _problems(tmp_path, f"jobs: [{', '.join(jobs)}]").splitlines()
    keys = [line.split(": ")[1] for line in found]
    assert keys == ["jobs[0].policy", "jobs[1].seeds", "jobs[2].contact", "jobs[3].seeds", "jobs[4].seeds"]


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    """Whatever folder the server is started in."""
    source = _source(
        tmp_path,
        "folder: out\njobs: [{name: a, policy: 'jp,own/x.yaml+eu', seeds: seeds/a.txt, incremental: false,"
        " arguments: {records: r.yaml, follow: 2}, settings: {LEDGER_KEY: k.pem, PSEUDONYM_KEY: throwaway}}]",
    )
    (job,) = source.content.jobs
    assert command_line.arguments_of(job, source) == {
        "seeds": f"{tmp_path}/seeds/a.txt", "policy": f"jp,{tmp_path}/own/x.yaml+eu", "records": f"{tmp_path}/r.yaml",
        "follow": "2",
    }  # fmt: skip
    assert command_line.settings_of(job, source) == {"LEDGER_KEY": f"{tmp_path}/k.pem", "PSEUDONYM_KEY": "throwaway"}


# Exports --------------------------------------------------------------------------------------------------------------
EXPORTED = """\
folder: /data/collections
jobs:
  - {name: news, policy: jp, schedule: {cron: "0 3 * * mon-fri", timezone: Asia/Tokyo}, overlap: stop}
  - {name: either_day, policy: jp, schedule: {cron: "*/15 0-5,22 1,15 * 7", timezone: Europe/Berlin}, missed: skip}
  - {name: often, policy: jp, schedule: {every: 6h}, overlap: queue, within: 12h}
  - {name: by-hand, policy: jp}
"""
CALLER = Caller(
    "/opt/my %venv/bin/python", Path("/srv/a b"), Path("/etc/usufruct/jobs.yaml"), Path("/data/collections"), 120
)


@pytest.mark.parametrize("form", ["cron", "systemd", "kubernetes"])
def test_exports_are_as_they_were(tmp_path: Path, form: str) -> None:
    """Golden files; a job without a schedule is in none."""
    files = export(form, _source(tmp_path, EXPORTED).content.jobs, CALLER)
    assert files == {path.name: path.read_text(encoding="utf-8") for path in sorted((GOLDEN / form).iterdir())}


def test_cron_jobs_of_kubernetes_are_yaml(tmp_path: Path) -> None:
    """Read again, they say what the jobs say."""
    (text,) = export("kubernetes", _source(tmp_path, EXPORTED).content.jobs, CALLER).values()
    told = [(each["metadata"]["name"], each["spec"]["schedule"], each["spec"]["timeZone"],
             each["spec"]["concurrencyPolicy"], each["spec"]["startingDeadlineSeconds"])
            for each in YAML(typ="safe").load_all(io.StringIO(text))]  # fmt: skip
    assert told == [
        ("usufruct-news", "0 3 * * 1-5", "Asia/Tokyo", "Replace", 86_400),
        ("usufruct-either-day", "*/15 0-5,22 1,15 * 0", "Europe/Berlin", "Forbid", 60),
        ("usufruct-often", "0 */6 * * *", "UTC", "Allow", 43_200),
    ]


CALENDARS = [
    ({"cron": "0 3 * * mon-fri", "timezone": "Asia/Tokyo"}, ["Mon..Fri *-*-* 03:00:00 Asia/Tokyo"]),
    ({"cron": "0 3 * * sun-tue"}, ["Mon,Tue,Sun *-*-* 03:00:00 UTC"]),
    ({"cron": "5-7,30 */12 * 1 *"}, ["*-01-* 00,12:05..07,30:00 UTC"]),
    ({"cron": "0 0 13 * 5"}, ["*-*-13 00:00:00 UTC", "Fri *-*-* 00:00:00 UTC"]),
    ({"cron": "0 0 */10 * 5"}, ["Fri *-*-01,11,21,31 00:00:00 UTC"]),
    ({"cron": "@hourly"}, ["*-*-* *:00:00 UTC"]),
    ({"every": "15m"}, ["*-*-* *:00,15,30,45:00 UTC"]),
    ({"every": "1w"}, ["Thu *-*-* 00:00:00 UTC"]),
    ({"every": "7h"}, []),
]


@pytest.mark.parametrize(("schedule", "says"), CALENDARS)
def test_timers_of_systemd_say_what_cron_says(schedule: dict[str, str], says: list[str]) -> None:
    """And systemd, where it is there, understands them."""
    found = calendar(Schedule(**schedule))
    assert found == says
    if found and (analyze := shutil.which("systemd-analyze")):
        checked = subprocess.run([analyze, "calendar", *found], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr


REFUSED = [
    ("cron", "schedule: {every: 7h}", "cron counts the minutes, hours and days of a calendar"),
    ("cron", "schedule: {every: 2s}", "cron counts"),
    ("cron", "overlap: skip", "no job has a schedule"),
    ("kubernetes", "schedule: {every: 90m}", "cron counts"),
    ("kubernetes", "schedule: {cron: '0 0 */2 * 1'}", "Kubernetes takes either day where cron wants both"),
]


@pytest.mark.parametrize(("form", "line", "says"), REFUSED)
def test_what_another_scheduler_cannot_say_is_refused(tmp_path: Path, form: str, line: str, says: str) -> None:
    """With the reason; nothing is exported that would be due at other times."""
    with pytest.raises(ExportError, match=says.replace("*", r"\*")):
        export(form, _source(tmp_path, f"jobs: [{JOB % line}]").content.jobs, CALLER)


def test_pods_have_a_folder_to_write_to(tmp_path: Path) -> None:
    """Beside jobs.yaml, which is mounted read-only, there is none."""
    jobs = _source(tmp_path, EXPORTED).content.jobs
    with pytest.raises(ExportError, match="folder: 'collections' is beside"):
        export("kubernetes", jobs, replace(CALLER, folder=Path("collections")))
