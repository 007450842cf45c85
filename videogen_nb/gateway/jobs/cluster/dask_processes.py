"""The scheduler and workers started by this package: encrypted, and without a web page.

``python -m videogen_nb.gateway.jobs.cluster.dask_processes ADDRESS CERTIFICATES`` is the scheduler
that a gateway starts. It exits when its standard input closes, so it never outlives its gateway.
Its log records go to standard error, for the gateway to log.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import dask.config
from distributed import Scheduler, Security, Worker

from ....errors import BadParameter
from ....i18n import Text
from .certificates import security_of
from .config import SILENT_S
from .dask_logging import write_records
from .handshake import obstacle, pause_s
from .serialization import ENGINE, SLOT
from .worker_functions import Jobs

#: No page over HTTP, where nobody is asked for a certificate; no sampling of what is computed.
SETTINGS: Final[dict[str, Any]] = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.comm.timeouts.connect": "3s",  # and so the pauses between attempts
}


class _Headless:
    """A Dask server without its HTTP server."""

    def start_http_server(self, *_: object, **__: object) -> None:
        """Start nothing."""


class ClusterScheduler(_Headless, Scheduler):  # type: ignore[misc]  # Dask's types are not read
    """Dask's scheduler without its web page."""


class ClusterWorker(_Headless, Worker):  # type: ignore[misc]  # Dask's types are not read
    """Dask's worker without its web page; its processes end with it."""

    async def close(self, *arguments: Any, **named: Any) -> Any:
        """Close it as Dask does."""
        await Jobs.of(self).close()
        return await super().close(*arguments, **named)


def speak_less() -> None:
    """Keep Dask's routine messages out of the log."""
    for name in ("distributed", "distributed.core", "distributed.worker", "distributed.scheduler"):
        logging.getLogger(name).setLevel(logging.WARNING)


async def serve_scheduler(address: str, security: Security, ended: asyncio.Event) -> None:
    """Run the scheduler until ``ended``. Raises OSError if it cannot listen."""
    host, _, port = address.removeprefix("tls://").rpartition(":")
    speak_less()
    with dask.config.set(SETTINGS):
        scheduler = ClusterScheduler(
            host=host,
            port=int(port),
            protocol="tls",
            security=security,
            dashboard=False,
            allowed_failures=0,  # the gateway decides about retries
            worker_ttl=SILENT_S,
        )
        async with scheduler:
            print("ready", flush=True)
            await ended.wait()


async def serve_worker(
    address: str,
    security: Security,
    *,
    slots: int,
    engines: Sequence[str],
    say: Callable[[Text], None],
    ended: asyncio.Event,
    host: str | None = None,
    port: int = 0,
) -> None:
    """Run a worker until ``ended``; reconnect at growing intervals if the scheduler is lost.

    Args:
        slots: videos generated at the same time.
        engines: names of the engines to offer; none = all that are ready here.
        host: the address to listen on; None = the one that leads to the scheduler.
        port: the port to listen on; 0 = any.

    Raises:
        BadParameter: the first gateway that it joins has none of these engines.
    """
    resources = {SLOT: slots, **{ENGINE + name: slots for name in engines}}
    failures, told, served = 0, "", False

    def joined(ready: bool) -> None:
        nonlocal failures, told, served
        failures, told, served = 0, "", served or ready
        say((_READY if ready else _JOINED)(address=address, slots=slots))

    speak_less()
    with dask.config.set(SETTINGS):
        while not ended.is_set():
            why = await _in_thread(obstacle, address, security, ended=ended)
            if why is None and not ended.is_set():
                worker = ClusterWorker(
                    address,
                    security=security,
                    nthreads=slots,
                    resources=resources,
                    host=host,
                    port=port,
                    memory_limit=0,  # none: engines compute in processes of their own
                    dashboard=False,
                )
                why = await _work(worker, joined, ended, served)
            if why is not None and str(why) != told:
                say(_NO_SCHEDULER(address=address, why=why))
                told = str(why)
            failures += 1
            await _first(asyncio.sleep(pause_s(failures)), ended.wait())


async def _work(
    worker: ClusterWorker, joined: Callable[[bool], None], ended: asyncio.Event, served: bool
) -> Text | None:
    """Join and work until the scheduler is lost or ``ended``; return why it could not join.

    It is ready once the gateway has told it about its engines. If the gateway has none of those
    that it offers, it ends, unless it ``served`` before: then the gateway's settings have changed,
    and it waits until they are corrected.
    """
    try:
        async with asyncio.timeout(30):
            await worker
        joined(False)
        jobs = Jobs.of(worker)
        await _first(jobs.enrolled.wait(), worker.finished(), ended.wait())
        if jobs.useless is not None and not served:
            raise BadParameter(jobs.useless, code="unknown_engine")
        if jobs.enrolled.is_set() and jobs.useless is None:
            joined(True)
        await _first(worker.finished(), ended.wait())
    except (OSError, TimeoutError, RuntimeError, ValueError) as error:
        return Text.same(str(error)[:200] or "timeout")
    finally:
        await worker.close(timeout=2)
    return None


async def _in_thread(
    function: Callable[..., Text | None], *arguments: Any, ended: asyncio.Event
) -> Text | None:
    """Return what a function returns; None if ``ended`` comes first."""
    asking = asyncio.ensure_future(asyncio.to_thread(function, *arguments))
    await _first(asking, ended.wait())
    return None if asking.cancelled() else asking.result()


async def _first(*waiting: Any) -> None:
    tasks = [asyncio.ensure_future(one) for one in waiting]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def ended_by_signals() -> asyncio.Event:
    """Return an event that is set by a termination signal."""
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    return ended


def _follow_stdin(ended: asyncio.Event, loop: asyncio.AbstractEventLoop) -> None:
    while os.read(0, 1):
        pass
    loop.call_soon_threadsafe(ended.set)


async def _main(address: str, certificates: str) -> None:
    write_records()
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    threading.Thread(target=_follow_stdin, args=(ended, loop), daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the gateway handles Ctrl-C
    await serve_scheduler(address, security_of(Path(certificates), "gateway"), ended)


_JOINED = Text(
    "Joined {address}. Waiting for its gateway.",
    "已加入 {address}，正在等待网关。",
)
_READY = Text(
    "Ready: the gateway at {address} has {slots} more {slots:slot|slots}.",
    "已就绪：{address} 的网关可通过此节点同时生成 {slots} 个视频。",
)
_NO_SCHEDULER = Text(
    "Cannot join {address}; trying again. {why}",
    "无法加入 {address}，将持续重试。{why}",
)


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
