"""The line between desktop and store where nothing is to fail: the chaos proxy, for what it counts."""

from tests.chaos.proxy import ChaosProxy as CountingProxy
from tests.chaos.proxy import chaos_proxy as counting_proxy

__all__ = ["CountingProxy", "counting_proxy"]
