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


INSTALL = ("apt-get", "install", "-y", "--no-install-recommends", "chromium")  # for tests/test_browser.py


def main() -> int:
    """Run every check, also after one failed; 0 when all passed."""
    _provide_chromium()
    failed = [check for check in CHECKS if subprocess.run([sys.executable, "-m", *check], check=False).returncode]
    tests = subprocess.run([sys.executable, "-m", "pytest", *sys.argv[1:]], check=False).returncode
    for check in failed:
        print(f"failed: {' '.join(check)}", file=sys.stderr)
    return 1 if failed else tests


def _provide_chromium() -> None:
    """Install it on a fresh machine, where we may; without it the tests of the browser are skipped, and say so."""
    if find_chromium() or os.geteuid() or not shutil.which(INSTALL[0]):
        return
    print("no Chromium: installing it for the tests of the browser", flush=True)
    for command in ((INSTALL[0], "update"), INSTALL):
        if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:
            print(f"failed: {' '.join(command)}; the tests of the browser will be skipped", file=sys.stderr)
            return


def find_chromium() -> str:
    """The path of a Chromium; "" when there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")


if __name__ == "__main__":
    enter(DEVELOP, "tests")
    sys.exit(main())
