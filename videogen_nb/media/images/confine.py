"""A limit on what a process that decodes strangers' images may take."""

from __future__ import annotations

import sys
from functools import cache


@cache
def limit_memory(size: int) -> None:
    """From now on this process gets no more than ``size`` bytes beyond what it has."""
    if sys.platform == "win32":
        return  # Windows has no such limit for a running process; the time limit stands
    import resource  # not on Windows

    import psutil

    limit = psutil.Process().memory_info().vms + size
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
