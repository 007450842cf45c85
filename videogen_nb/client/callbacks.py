"""Callbacks of other people: what they raise never ends the work that they are told of."""

from __future__ import annotations

import logging
from collections.abc import Callable

logger = logging.getLogger(__name__)


def safely(function: Callable[..., object] | None) -> Callable[..., None]:
    """The same function, which logs what it raises; one that does nothing for None."""

    def call(*values: object) -> None:
        try:
            if function is not None:
                function(*values)
        except Exception:  # the boundary: another person's function
            logger.exception("The callback %r raised; the work goes on", function)

    return call
