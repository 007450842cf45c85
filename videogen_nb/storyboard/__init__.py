"""Storyboards: shots that are made one by one, never twice, and joined."""

from .board import Estimate, Storyboard
from .shots import Shot, State

__all__ = ["Estimate", "Shot", "State", "Storyboard"]
