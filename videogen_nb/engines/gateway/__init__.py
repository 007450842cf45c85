"""Another video-gen gateway behind ours, older ones included."""

from .engine import GatewayEngine

__all__ = ["GatewayEngine"]
