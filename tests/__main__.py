"""`python3 -m tests`: linters, types and tests, in an environment of their own. Arguments go to pytest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from crawler.environment import DEVELOP, enter

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
)
# One process more than cores, as many tests wait; `python3 -m tests -n 0` for one after the other.
ALL_CORES = ("-n", str((os.cpu_count() or 1) + 1), "--dist", "loadfile", "--no-loadscope-reorder")

# Package -> programs of which one must be there, and what is skipped without it.
PROGRAMS = {
    "chromium": (("chromium", "chromium-browser", "google-chrome"), "the tests of the browser"),
    "redis-server": (("redis-server",), "the tests of several processes with one frontier"),
}


def main() -> int:
    """Run every check, also after one failed; 0 when all passed."""
    _provide()
    failed = [check for check in CHECKS if subprocess.run([sys.executable, "-m", *check], check=False).returncode]
    tests = subprocess.run([sys.executable, "-m", "pytest", *ALL_CORES, *sys.argv[1:]], check=False).returncode
    for check in failed:
        print(f"failed: {' '.join(check)}", file=sys.stderr)
    return 1 if failed else tests


def _provide() -> None:
    """Install what is missing on a fresh machine, where we may; without it tests are skipped, and say so."""
    missing = [package for package in PROGRAMS if not find(package)]
    if not missing:
        return
    told = ", ".join(f"{package} for {PROGRAMS[package][1]}" for package in missing)
    if os.geteuid() or not shutil.which("apt-get"):
        print(f"not installed: {told}; they will be skipped", file=sys.stderr)
        return
    print(f"installing {told}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}  # and no service is started
    for command in (("apt-get", "update"), ("apt-get", "install", "-y", "--no-install-recommends", *missing)):
        if subprocess.run(command, stdout=subprocess.DEVNULL, env=quiet, check=False).returncode:
            print(f"failed: {' '.join(command)}; what needs it will be skipped", file=sys.stderr)
            return


def find(package: str) -> str:
    """The path of a program of the package; "" when there is none."""
    return next(filter(None, map(shutil.which, PROGRAMS[package][0])), "")


if __name__ == "__main__":
    enter(DEVELOP, "tests")
    sys.exit(main())
