"""Loading pipelines: their weights, precision and offloading, and hooks around their layers."""

from .pipeline import Loaded, Wanted, device_of, load, more_frugal, release
from .weights import Lora, Replacement

__all__ = ["Loaded", "Lora", "Replacement", "Wanted", "device_of", "load", "more_frugal", "release"]
