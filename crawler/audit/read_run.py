"""run.json, as whoever comes after the run finds it: there or not, whole or not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RUN = "run.json"


def read_run(crawl: Path) -> dict[str, Any] | None:
    """What run.json of a crawl's folder says; None where there is none, or no JSON object."""
    try:
        run = json.loads((crawl / RUN).read_bytes())
    except (OSError, ValueError):
        return None
    return run if isinstance(run, dict) else None
