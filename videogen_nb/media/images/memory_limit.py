"""Limiting the memory of a process that decodes untrusted images."""

from __future__ import annotations

import sys
from functools import cache


@cache
def limit_memory(size: int) -> None:
    """Limit this process to ``size`` bytes beyond its current memory."""
    if sys.platform == "win32":
        return  # Windows has no such limit for a running process; the time limit stands
    import resource  # not on Windows

    import psutil

    limit = psutil.Process().memory_info().vms + size
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
