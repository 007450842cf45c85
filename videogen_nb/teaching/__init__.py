"""The exercises of the example notebooks, and checks of the answers."""

from .check import Feedback, check
from .poller import check_poller

__all__ = ["Feedback", "check", "check_poller"]
