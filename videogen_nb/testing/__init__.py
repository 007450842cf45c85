"""A simulated older gateway for tests and teaching, with a fast clock.

It imitates the behaviour described in docs/protocol.md, "How older gateways behave". Its videos are
a plain test card.
"""

from __future__ import annotations

from .faults import Fault
from .older_gateway import OlderGateway
from .tasks import Fate

__all__ = ["Fate", "Fault", "OlderGateway"]
