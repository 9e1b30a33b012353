"""Whether a process is well, for Docker and the like: `python -m crawler.healthcheck http://127.0.0.1:9410/health`.

Exit code 0 or 1, and one line that says why. An image has no curl, and needs none.
"""

from __future__ import annotations

import sys
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

TIMEOUT_S = 8.0
MOST_BYTES = 500  # of what is said about a problem


def problem_of(url: str) -> str:
    """Why the page does not say that all is well; "" when it does. No proxy is asked."""
    try:
        build_opener(ProxyHandler({})).open(url, timeout=TIMEOUT_S).close()
    except HTTPError as error:
        return f"{url}: answers {error.code}: {error.read(MOST_BYTES).decode('utf-8', 'replace').strip()}"
    except (OSError, ValueError) as error:
        return f"{url}: does not answer: {error}"
    return ""


def main() -> int:
    """Ask once."""
    if len(sys.argv) != 2 or not sys.argv[1].startswith("http"):
        print("give one address: python -m crawler.healthcheck http://127.0.0.1:9410/health", file=sys.stderr)
        return 2
    problem = problem_of(sys.argv[1])
    print(problem or "well")
    return int(bool(problem))


if __name__ == "__main__":
    sys.exit(main())
