"""Storyboards: shots that are generated once each, and joined."""

from .board import Estimate, Storyboard
from .shots import Shot, State

__all__ = ["Estimate", "Shot", "State", "Storyboard"]
