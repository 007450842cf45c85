"""A stand-in for an older gateway: its protocol, its silences and its faults, on a fast clock.

For tests and for teaching. What it imitates is described in docs/protocol.md, "How older gateways
behave"; that it is only a stand-in shows in its videos, which are a plain test card.
"""

from __future__ import annotations

from .faults import Fault
from .older_gateway import OlderGateway
from .tasks import Fate

__all__ = ["Fate", "Fault", "OlderGateway"]
