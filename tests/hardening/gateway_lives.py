"""Lives of a gateway: a real process on a real folder that ends by SIGKILL, at any instant.

A kill from outside falls between two instructions anywhere. What is dangerous are the few moments
around a durable step (a rename, a sync, a removal, a commit), so a life may also be given the
number of the step before or after which it ends.
"""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

TOKEN = "the-token-of-these-tests"
START_S = 60.0
STEPS = ("fsync", "replace", "unlink")


@dataclass
class Life:
    """A running gateway: where it answers, and its process."""

    url: str
    process: ForkServerProcess

    def kill(self) -> None:
        """End it as a power switch would, and wait until it is gone."""
        self.process.kill()
        self.process.join()


def begin(
    home: Path,
    site: Path,
    *,
    fatal_step: int | None = None,
    workers: int = 2,
    token: str | None = TOKEN,
) -> Life | None:
    """Start a gateway on ``home``; ``site`` goes on sys.path. None where it died while starting.

    Args:
        fatal_step: it ends itself at this durable step, counted from 0; each is two, before and
            after.
        workers: videos at a time.
        token: what it asks for.
    """
    ready, tell = multiprocessing.Pipe(duplex=False)
    arguments = (home, site, fatal_step, workers, token, tell)
    process = _context().Process(target=_live, args=arguments, daemon=False)
    process.start()
    tell.close()
    with ready:
        if not ready.poll(START_S):
            process.kill()
            process.join()
            raise AssertionError(f"no gateway within {START_S} s: {log_of(home)}")
        try:
            url: str = ready.recv()
        except EOFError:
            process.join()
            if process.exitcode != -signal.SIGKILL:
                raise AssertionError(f"the gateway did not start: {log_of(home)}") from None
            return None
    return Life(url, process)


def log_of(home: Path) -> str:
    """The end of what the gateways on this folder have said."""
    return _log(home).read_text(encoding="utf-8", errors="replace")[-3000:]


def _log(home: Path) -> Path:
    return home.parent / "gateway.log"


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    # Imported once and forked from then on, so that thousands of starts fit in.
    heavy = (
        "tests.gateway.trial_engine",
        "videogen_nb.engines.sketch",
        "videogen_nb.gateway.server.server",
    )
    context.set_forkserver_preload([__name__, *heavy])
    return context


def _live(
    home: Path,
    site: Path,
    fatal_step: int | None,
    workers: int,
    token: str | None,
    ready: Connection,
) -> None:
    with _log(home).open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    from videogen_nb.gateway.server.listener import listen
    from videogen_nb.gateway.server.server import run
    from videogen_nb.settings import Settings

    sys.path.insert(0, str(site))
    settings = Settings(
        home=home,
        runtime=home.parent / "run",
        engine="trial",
        workers=workers,
        allowed_hosts="videos.test",  # as a proxy that speaks TLS calls it
    )
    if fatal_step is not None:
        _end_at(fatal_step)
    listener = listen("127.0.0.1", 0, token=token)
    run(settings, listener, kind="embedded", token=token, on_ready=ready.send)


def _end_at(step: int) -> None:
    """Count durable steps from now on, and end this process at one of them."""
    from videogen_nb.gateway.storage import database

    steps = itertools.count()

    def step_on() -> None:
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(function: Callable[..., Any]) -> Callable[..., Any]:
        def stepping(*args: Any, **kwargs: Any) -> Any:
            step_on()
            result = function(*args, **kwargs)
            step_on()
            return result

        return stepping

    for name in STEPS:
        setattr(os, name, around(getattr(os, name)))
    transaction = database._transaction

    @contextlib.contextmanager
    def stepping(connection: Any) -> Iterator[None]:
        with transaction(connection):
            yield
            step_on()  # all written, not yet committed
        step_on()

    database._transaction = stepping
