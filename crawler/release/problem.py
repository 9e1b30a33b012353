"""The one error of a release: it cannot be made as asked; the message says why and what to do."""

from __future__ import annotations


class ReleaseError(Exception):
    """Something asked for, or found in the crawl, stands in the way. Nothing was released."""
