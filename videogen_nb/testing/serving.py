"""Serving an ASGI app on a free loopback port, in its own thread."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import ASGIApp

_START_S = 10.0


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve ``app`` for the duration of the block; yield its base URL.

    Raises:
        RuntimeError: it does not start.
    """
    import uvicorn  # only who listens on a port needs it

    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, log_level="critical", lifespan="auto", ws="wsproto")
        server = uvicorn.Server(config)
        thread = threading.Thread(
            target=server.run, args=([listening],), name="served app", daemon=True
        )
        thread.start()
        try:
            _wait_for(server, thread)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = server.force_exit = True
            thread.join(_START_S)


def _wait_for(server: object, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_S
    while not getattr(server, "started", False):
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the app did not start")
        time.sleep(0.01)
