"""Work that blocks (files, decoding), kept off the event loop."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_thread(work: Callable[[], T]) -> T:
    """Run ``work`` in a thread and, if cancelled, let it end before anybody touches its files.

    Where Python is ending and its thread pools take no more work, it runs here.
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
