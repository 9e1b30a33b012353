"""run.json, as whoever comes after the run finds it: there or not, whole or not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RUN = "run.json"


class RunError(Exception):
    """The file cannot be read; the message says why, not where."""


def load_run(crawl: Path) -> dict[str, Any]:
    """What run.json of a crawl's folder says; what stands in it is not checked. Raises RunError."""
    try:
        run = json.loads((crawl / RUN).read_bytes())
    except OSError as error:
        raise RunError(f"cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise RunError("changed (no JSON)") from error
    if not isinstance(run, dict):
        raise RunError("changed (no JSON object)")
    return run


def read_run(crawl: Path) -> dict[str, Any] | None:
    """The same; None where it cannot be read."""
    try:
        return load_run(crawl)
    except RunError:
        return None
