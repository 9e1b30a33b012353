"""`python3 -m tests`: linters, types and tests, in an environment of their own. Arguments go to pytest."""

from __future__ import annotations

import subprocess
import sys

from crawler.environment import DEVELOP, enter

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
)


def main() -> int:
    """Run every check, also after one failed; 0 when all passed."""
    failed = [check for check in CHECKS if subprocess.run([sys.executable, "-m", *check], check=False).returncode]
    tests = subprocess.run([sys.executable, "-m", "pytest", *sys.argv[1:]], check=False).returncode
    for check in failed:
        print(f"failed: {' '.join(check)}", file=sys.stderr)
    return 1 if failed else tests


if __name__ == "__main__":
    enter(DEVELOP, "tests")
    sys.exit(main())
