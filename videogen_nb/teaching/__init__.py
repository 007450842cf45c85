"""The exercises of the example notebooks, and checks that say what an answer still lacks."""

from .check import Feedback, check

__all__ = ["Feedback", "check"]
