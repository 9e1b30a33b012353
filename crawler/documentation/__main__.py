"""`python -m crawler.documentation`: writes the generated documents, and says which were stale."""

from __future__ import annotations

from pathlib import Path

from crawler.documentation import write

if __name__ == "__main__":
    for path in write(Path.cwd()):
        print(path)
