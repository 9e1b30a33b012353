"""The settings in a container: those of crawler/settings.py, and Redis's password from a file (a secret).

A password among the arguments or in the environment would show in `ps`, in logs and in `docker inspect`.
"""

import os
from pathlib import Path
from typing import Any

from crawler.settings import *  # noqa: F403 - all of them

_FILE = os.environ.get("REDIS_PASSWORD_FILE", "")
REDIS_PARAMS: dict[str, Any] = {"password": Path(_FILE).read_text("utf-8").strip()} if _FILE else {}
