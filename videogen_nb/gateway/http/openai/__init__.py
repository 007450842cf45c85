"""The second face of the gateway: ``/v1/videos``, as the ``openai`` SDK speaks it."""

from .routes import router

__all__ = ["router"]
