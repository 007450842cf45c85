"""The second face of the gateway: ``/v1``, as the ``openai`` SDK speaks it."""

from .models import router as models
from .routes import router as videos

__all__ = ["models", "videos"]
