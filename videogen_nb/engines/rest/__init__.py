"""Providers as tables: how each is asked stands in TOML, and one engine asks them all."""

from .engine import RestEngine
from .providers import Providers

PROVIDERS = Providers()

__all__ = ["PROVIDERS", "Providers", "RestEngine"]
