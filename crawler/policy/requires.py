"""Whether a run is what its policies require of it; checked before anything starts, not page by page."""

from __future__ import annotations

from collections.abc import Mapping

from crawler.policy.model import RUN
from crawler.policy.policy import Policy
from crawler.policy.read import PolicyError


def check_run(policy: Policy, run: Mapping[str, str]) -> None:
    """Refuse a run that the policy does not admit.

    Args:
        policy: What the run is to be judged under.
        run: Facts of the run by argument: {"actor": "company"}.

    Raises:
        PolicyError: A fact of the run is missing, or has a value that the policy does not accept.
    """
    for name, values in policy.requires.items():
        argument = name.removeprefix(RUN)
        given = run.get(argument)
        if given not in values:
            words = [str(value) for value in values]
            says = f"the run says {given}" if given else "the run does not say"
            todo = f"give -a {argument}={words[0]} if that is so, or select another policy"
            raise PolicyError(f"policy {policy.id}", f"needs {name} {' or '.join(words)}; {says}", todo=todo)
