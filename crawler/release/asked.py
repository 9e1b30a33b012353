"""What the operator asks a release for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from crawler.policy.policy import Policy


@dataclass(frozen=True, slots=True)
class Asked:
    """What the operator asks for.

    Attributes:
        crawl: The crawl's folder; of several, the newest.
        policy: One that the crawl was judged under.
        out: A folder that does not exist yet.
        share: How the release will be passed on.
        review: Files of marks; `suppress` and `assessment`: None for none.
        seed: Draws the samples.
        format: Of the shards.
        earlier: Folders of crawls before it, the oldest first; the latest outcome of an address holds.
        command: What was typed, without review and out; for saying what to type next.
    """

    crawl: Path
    policy: Policy
    out: Path
    share: str = "none"
    review: tuple[Path, ...] = ()
    suppress: Path | None = None
    assessment: Path | None = None
    seed: int = 0
    format: str = "parquet"
    command: str = ""
    earlier: tuple[Path, ...] = ()

    @property
    def crawls(self) -> tuple[Path, ...]:
        """All of them, the oldest first."""
        return (*self.earlier, self.crawl)
