"""The OpenAI-compatible API: ``/v1``, for the ``openai`` SDK."""

from .models import router as models
from .routes import router as videos

__all__ = ["models", "videos"]
