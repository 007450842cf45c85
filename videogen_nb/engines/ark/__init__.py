"""Doubao Seedance through Volcengine Ark's own API; BytePlus ModelArk through its base URL."""

from .engine import ArkEngine

__all__ = ["ArkEngine"]
