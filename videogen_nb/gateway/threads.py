"""The gateway's own threads, for short work on files and bytes.

The event loop's threads also look up the host names of services (:mod:`httpx`), and a name server
that never answers keeps them for minutes. What people wait for runs here instead.
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
    """Run ``work(…)`` beside the event loop; for what ends by itself, and soon."""
    return await asyncio.get_running_loop().run_in_executor(_pool, partial(work, *args, **kwargs))
