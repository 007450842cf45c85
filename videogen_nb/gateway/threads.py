"""A separate thread pool for short work on files and bytes.

The event loop's own threads also resolve host names (:mod:`httpx`), and a DNS server that never
responds can block them for minutes. Work that people wait for runs here instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, ParamSpec, TypeVar

THREADS: Final = 4

P = ParamSpec("P")
T = TypeVar("T")

_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="videogen-work")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run short ``work(…)`` in a thread."""
    return await asyncio.get_running_loop().run_in_executor(_pool, partial(work, *args, **kwargs))
