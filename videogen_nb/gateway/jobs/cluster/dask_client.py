"""The gateway's connection to a Dask scheduler: who its workers are, and calls to them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ....i18n import Text
from . import worker_functions
from .autoscaling import Shortage
from .certificates import security_of
from .config import LOG, SILENT_S, ClusterConfig
from .dask_logging import log_records, use_our_handlers
from .serialization import ENGINE, PIECE, SLOT, TOPIC
from .worker_view import KnownWorker, WorkerLeft, refused

if TYPE_CHECKING:
    from distributed import Client, Future

LOOK_S: Final = 0.5  # between two updates of the list of workers
CALL_S: Final = 10.0  # after this, the worker or the scheduler is considered hung
WAIT_S: Final = 20.0  # for several calls in a row, of which each may be the last
ENROL_S: Final = 60.0  # engines are loaded there to see what they lack

T = TypeVar("T")
Listener = Callable[[Mapping[str, Any]], None]
logger = logging.getLogger(LOG)


class Link:
    """A lasting connection to the scheduler, which knows the workers by address.

    Args:
        gateway: identifies this gateway's data folder, so that workers recognize jobs of an earlier
            run.
        offers: the gateway's engines, as plain data.
        wanted: how many tasks wait for a worker.
        changed: called when a task might be able to start.
    """

    def __init__(
        self,
        config: ClusterConfig,
        gateway: str,
        offers: Callable[[], list[dict[str, Any]]],
        wanted: Callable[[], int],
        changed: Callable[[], None],
    ) -> None:
        self.config = config
        self.gateway = gateway
        self.workers: dict[str, KnownWorker] = {}
        self._security = security_of(config.certificates, "gateway")
        self._offers = offers
        self._wanted = wanted
        self._changed = changed
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: Client | None = None
        self._scheduler: asyncio.subprocess.Process | None = None
        self._logging: asyncio.Task[None] | None = None
        self._listeners: dict[str, Listener] = {}
        self._enrolling: dict[str, asyncio.Task[None]] = {}
        #: By address: the time of the last heartbeat on the scheduler's clock, and on ours.
        self._heard: dict[str, tuple[float, float]] = {}
        self._keeping: asyncio.Task[None] | None = None
        self._told = ""

    def open(self) -> None:
        """Connect, and stay connected."""
        self._loop = asyncio.get_running_loop()
        self._keeping = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Disconnect, and end the scheduler if this gateway started it."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        await self._end_scheduler()

    @property
    def connected(self) -> bool:
        """Whether the scheduler is connected."""
        return self._client is not None

    @property
    def live(self) -> list[str]:
        """The tokens of running jobs."""
        return list(self._listeners)

    @contextmanager
    def listening(self, token: str, listener: Listener) -> Iterator[None]:
        """Receive a job's progress inside the block."""
        self._listeners[token] = listener
        try:
            yield
        finally:
            del self._listeners[token]

    async def call(
        self, worker: KnownWorker, function: Any, *args: Any, limit_s: float = CALL_S
    ) -> Any:
        """Run a function of :mod:`.worker_functions` on a worker, immediately.

        Raises:
            WorkerLeft: it cannot be reached in time.
        """
        if self._client is None or worker.gone.is_set():
            raise WorkerLeft(worker.name)
        try:
            async with asyncio.timeout(limit_s):
                answers = await self._client.run(function, *args, workers=[worker.address])
            return answers[worker.address]
        except Exception as error:
            raise WorkerLeft(worker.name) from error

    async def give(self, worker: KnownWorker, token: str, name: str, data: bytes) -> None:
        """Send a file of a job to a worker. Raises WorkerLeft."""
        for offset in range(0, len(data), PIECE):
            piece = data[offset : offset + PIECE]
            await self.call(worker, worker_functions.receive, token, name, offset, piece)

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something on the loop of this connection; return its result to another thread.

        Raises:
            TimeoutError: it took too long.
        """
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WAIT_S)

    def submit(self, job: dict[str, Any], engine: str, worker: KnownWorker) -> Future:
        """Submit a job for a worker to Dask. Raises WorkerLeft without a connection."""
        if self._client is None or worker.gone.is_set():
            raise WorkerLeft(worker.name)
        return self._client.submit(
            worker_functions.render,
            job,
            key=f"{TOPIC}-{job['token']}",
            workers=[worker.address],
            resources={SLOT: 1, ENGINE + engine: 1},
            retries=0,
            pure=False,
        )

    async def _keep(self) -> None:
        while True:
            try:
                await self._start_scheduler()
                async with self._connected() as client:
                    self._told = ""
                    shortage = Shortage(client)
                    while client.status == "running":  # until Dask has lost the scheduler
                        await self._look(client)
                        shortage.tell(self._wanted())
                        await asyncio.sleep(LOOK_S)
            except Exception as error:  # noqa: BLE001 — the boundary: Dask's errors are of many kinds
                self._tell(_LOST(address=self.config.address, why=str(error)[:200]))
            finally:
                self._lose_all()
            await asyncio.sleep(LOOK_S)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Client]:
        from distributed import Client

        use_our_handlers()
        address = self.config.address.replace("//0.0.0.0:", "//127.0.0.1:")
        client = Client(
            address,
            security=self._security,
            asynchronous=True,
            timeout=CALL_S,
            set_as_default=False,
        )
        try:
            await client
            client.subscribe_topic(TOPIC, self._hear)
            self._client = client
            yield client
        finally:
            self._client = None
            await client.close(timeout=1)

    async def _look(self, client: Client) -> None:
        """Update the list of workers and their last heartbeats."""
        async with asyncio.timeout(CALL_S):
            found = (await client.scheduler.identity())["workers"]
        now = time.monotonic()
        for address, facts in found.items():
            if self._heard.get(address, (None, now))[0] != facts["last_seen"]:
                self._heard[address] = (facts["last_seen"], now)
        heard = {address for address in found if now - self._heard[address][1] < SILENT_S}
        for address in self._heard.keys() - found.keys():
            del self._heard[address]
        for address in self.workers.keys() - heard:
            self.lose(self.workers[address])
        for address in heard - self.workers.keys() - self._enrolling.keys():
            enrolling = asyncio.create_task(self._enrol(address, found[address]["host"]))
            self._enrolling[address] = enrolling
            enrolling.add_done_callback(lambda _, address=address: self._enrolling.pop(address))  # type: ignore[misc]  # a default binds it

    async def _enrol(self, address: str, host: str) -> None:
        worker = KnownWorker(address, host)
        known = (self.gateway, self.live, self._offers())
        try:
            worker.take(await self.call(worker, worker_functions.enrol, *known, limit_s=ENROL_S))
        except WorkerLeft as left:
            worker.refused = refused(host, left.__cause__)
            if worker.refused is None:
                return  # it is asked again
        if worker.refused is not None:
            logger.warning("%s", worker.refused)
        if self._client is not None:
            self.workers[address] = worker
            if worker.refused is None:
                told = (worker.name, worker.slots, ", ".join(sorted(worker.engines)) or "none")
                logger.info("Cluster worker %s joined: slots %d, engines %s", *told)
            self._changed()

    def lose(self, worker: KnownWorker) -> None:
        """Drop a worker; if it is still running, it is found again."""
        if self.workers.get(worker.address) is worker:
            del self.workers[worker.address]
            logger.info("Cluster worker %s is no longer connected", worker.name)
        worker.gone.set()
        self._changed()

    async def refresh(self) -> bool:
        """Update the list of workers now; return False without a connection."""
        if self._client is None or self._client.status != "running":
            return False
        try:
            await self._look(self._client)
        except Exception:  # noqa: BLE001 — as in _keep, which will find it out as well
            return False
        return True

    def _lose_all(self) -> None:
        for enrolling in self._enrolling.values():
            enrolling.cancel()
        for worker in list(self.workers.values()):
            self.lose(worker)
        self._heard.clear()

    def _hear(self, event: tuple[float, Any]) -> None:
        told = event[1]
        listener = self._listeners.get(told.get("token", ""))
        if listener is not None:  # else it belongs to an abandoned attempt
            listener(told)

    async def _start_scheduler(self) -> None:
        """Start the scheduler, if that is this gateway's job."""
        if not self.config.starts:
            return
        await self._end_scheduler()
        self._scheduler = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            f"{__package__}.dask_processes",
            self.config.address,
            str(self.config.certificates),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(p or "." for p in sys.path)},
        )
        assert self._scheduler.stdout is not None
        assert self._scheduler.stderr is not None
        self._logging = asyncio.create_task(log_records(self._scheduler.stderr))
        if not await self._scheduler.stdout.readline():
            raise OSError(f"it ended with status {await self._scheduler.wait()}")

    async def _end_scheduler(self) -> None:
        process, self._scheduler = self._scheduler, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if self._logging is not None:
            await self._logging  # to the end of what it wrote

    def _tell(self, text: Text) -> None:
        if text.en != self._told:
            logger.warning("%s", text)
        self._told = text.en


def pick(workers: Sequence[KnownWorker], engine: str) -> KnownWorker | None:
    """Return the worker for a task of an engine: one that has it loaded, then the least busy."""
    free = [one for one in workers if engine in one.engines and len(one.busy) < one.slots]
    return min(free, key=lambda one: (engine not in one.loaded, len(one.busy)), default=None)


_LOST = Text(
    "The cluster's scheduler at {address} cannot be reached ({why}); trying again.",
    "无法连接集群调度器 {address}（{why}），将持续重试。",
)
