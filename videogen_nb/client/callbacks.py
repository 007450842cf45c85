"""Calling user callbacks so that their exceptions do not stop the work."""

from __future__ import annotations

import logging
from collections.abc import Callable

logger = logging.getLogger(__name__)


def safely(function: Callable[..., object] | None) -> Callable[..., None]:
    """Wrap a callback so that exceptions are logged; None becomes a callback that does nothing."""

    def call(*values: object) -> None:
        try:
            if function is not None:
                function(*values)
        except Exception:  # the boundary: another person's function
            logger.exception("The callback %r raised; the work goes on", function)

    return call
