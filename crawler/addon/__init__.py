"""For spiders of other projects: `ADDONS = {"crawler.addon.PolicyAddon": 500}` puts gate, judge and ledger around them.

    their request -> PlainGateMiddleware: accept, gate -> fetch -> judge (workers), record -> their callback
                                                    refused: their errback               items -> PlainItemsMiddleware

Their code knows nothing of it: spiders, callbacks, pipelines and middlewares stay as they are (docs/addon.md).
"""

from crawler.addon.policy_addon import PolicyAddon

__all__ = ["PolicyAddon"]
