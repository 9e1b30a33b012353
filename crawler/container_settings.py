"""The settings in a container: those of crawler/settings.py, and Redis's password from a file (a secret).

A password among the arguments or in the environment would show in `ps`, in logs and in `docker inspect`.
"""

import os
from pathlib import Path

from crawler.settings import *  # noqa: F403 - all of them

if _file := os.environ.get("REDIS_PASSWORD_FILE", ""):
    REDIS_PARAMS = {**REDIS_PARAMS, "password": Path(_file).read_text("utf-8").strip()}  # noqa: F405 - of crawler.settings
