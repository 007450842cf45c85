"""Providers described by TOML tables, all used by one engine."""

from .engine import RestEngine
from .providers import Providers

PROVIDERS = Providers()

__all__ = ["PROVIDERS", "Providers", "RestEngine"]
