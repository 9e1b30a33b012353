"""What all workers need and no page changes, made once, in the process that they are forked from.

Python's fork server imports this module by its name; see `crawler.workers`. Presidio and the patterns of all
recognizers take some two seconds, which no worker then pays again: neither the first ones nor those that take the place
of one that died or has read enough pages.
"""

from __future__ import annotations

import logging
import warnings

from crawler import workers  # noqa: F401 - what they unpickle first
from crawler.pii.presidio import build_finder

logging.disable()  # as in the workers
warnings.simplefilter("ignore")
build_finder()
