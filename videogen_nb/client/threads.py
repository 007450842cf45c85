"""Running blocking work (files, decoding) off the event loop."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_thread(work: Callable[[], T]) -> T:
    """Run ``work`` in a thread; if cancelled, wait for it to end before its files are touched.

    While Python is shutting down and thread pools accept no work, it runs here.
    """
    loop, context = asyncio.get_running_loop(), contextvars.copy_context()
    try:
        running = loop.run_in_executor(None, context.run, work)
    except RuntimeError:
        return work()
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        if not running.cancelled():
            running.exception()  # looked at: nobody else will
        raise
