"""A virtual environment from hash-pinned requirements, for the two commands of the README. Standard library only."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv"
OLDEST = (3, 11)
UNCOMPILED = "PYTHONDONTWRITEBYTECODE"  # with it each of some hundred processes would compile all that it imports
RUN, DEVELOP = "requirements.txt", "requirements-dev.txt"  # the second holds all of the first


def enter(requirements: str, module: str) -> None:
    """Go on in an environment that has the requirements; returns only when this process runs in it.

    Args:
        requirements: RUN or DEVELOP.
        module: What to run there, as `python -m module` with the same arguments.
    """
    if Path(sys.prefix).resolve() == FOLDER.resolve():
        return
    if sys.version_info < OLDEST:
        sys.exit(f"Python {'.'.join(map(str, OLDEST))} or newer is needed; this is {sys.version.split()[0]}")
    python = ensure(requirements)
    os.chdir(ROOT)
    environment = {name: value for name, value in os.environ.items() if name != UNCOMPILED}
    sys.exit(subprocess.run([python, "-m", module, *sys.argv[1:]], check=False, env=environment).returncode)


def ensure(requirements: str) -> str:
    """The interpreter of the environment, which is made or brought up to date first."""
    python = FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wanted = _marker(requirements)
    if not python.exists() or not (wanted.exists() or _marker(DEVELOP).exists()):
        print(f"Installing {requirements} into {FOLDER.name}/ (a minute or two, once) ...", flush=True)
        venv.create(FOLDER, with_pip=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"]
        subprocess.run([*map(str, install), str(ROOT / requirements)], check=True)
        wanted.touch()
    return str(python)


def _marker(requirements: str) -> Path:
    """Stands in the environment once exactly these requirements were installed."""
    return FOLDER / f"installed-{hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()[:16]}"
