"""The settings in a container: those of crawler/settings.py, and Redis's password from a file (a secret).

A password among the arguments or in the environment would show in `ps`, in logs and in `docker inspect`.
"""

import os
import sys
from pathlib import Path

from crawler.settings import *  # noqa: F403 - all of them

if _file := os.environ.get("REDIS_PASSWORD_FILE", ""):
    try:
        _password = Path(_file).read_text("utf-8").strip()
    except (OSError, ValueError) as _error:
        _why = getattr(_error, "strerror", None) or "is no text in UTF-8"
        sys.exit(f"REDIS_PASSWORD_FILE={_file}: cannot be read: {_why}; user {os.getuid()} has to be able to")
    if not _password:
        sys.exit(f"REDIS_PASSWORD_FILE={_file}: is empty; see docs/operations.md")
    REDIS_PARAMS = {**REDIS_PARAMS, "password": _password}  # noqa: F405 - of crawler.settings
