"""The functions that run on a Dask worker. The gateway calls no others.

An engine never runs in the Dask worker itself: each slot has a worker process, as on the
gateway's machine, so that an engine that hangs, dies or holds the GIL affects nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ....i18n import Text
from ....security.private_files import private_folder
from ...workers.messages import RenderRequest
from ...workers.process import WorkerDied, WorkerProcess, WorkerStopped, WorkFailed
from .serialization import (
    ENGINE,
    PIECE,
    SLOT,
    TOPIC,
    images_from_plain,
    job_from_plain,
    path_of,
    versions,
)
from .worker_engine import OfferedEngine

if TYPE_CHECKING:
    from distributed import Worker

_NAME: Final = "videogen-nb"  # of what is kept with the Dask worker

logger = logging.getLogger(__name__)  # a worker writes warnings to stderr


async def render(job: dict[str, Any]) -> dict[str, Any]:
    """Generate a video and return the outcome. This is the only function submitted to Dask."""
    from distributed import get_worker

    return await Jobs.of(get_worker()).render(job)


async def enrol(
    gateway: str, live: list[str], engines: list[dict[str, Any]], dask_worker: Worker
) -> dict[str, Any]:
    """Return facts about this worker, and end jobs that the gateway no longer knows."""
    return await Jobs.of(dask_worker).enrol(gateway, live, engines)


async def plan(
    gateway: str,
    token: str,
    engine: str,
    request: tuple[str, dict[str, Any], list[dict[str, Any]]],
    dask_worker: Worker,
) -> dict[str, Any]:
    """Return the plan of a request (prompt, parameters, images), or why it is refused.

    Its images must have been received.
    """
    return await Jobs.of(dask_worker).plan(gateway, token, engine, request)


async def receive(token: str, name: str, offset: int, data: bytes, dask_worker: Worker) -> None:
    """Receive a piece of an image for a job."""
    await Jobs.of(dask_worker).receive(token, name, offset, data)


async def send(token: str, offset: int, dask_worker: Worker) -> bytes:
    """Return a piece of a job's video."""
    return await Jobs.of(dask_worker).send(token, offset)


async def stop(token: str, grace_s: float, dask_worker: Worker) -> None:
    """Ask a job to stop; its process is ended after ``grace_s``."""
    Jobs.of(dask_worker).stop(token, grace_s)


async def drop(token: str, dask_worker: Worker) -> None:
    """Remove a job and its files."""
    Jobs.of(dask_worker).drop(token)


@dataclass
class _Job:
    folder: Path
    gateway: str = ""
    process: WorkerProcess | None = None
    stopped: bool = False


class _Process(WorkerProcess):
    """A slot's process and its loaded engines."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: set[str] = set()
        self.resting: asyncio.TimerHandle | None = None


class Jobs:
    """The jobs of one Dask worker: a folder for each, and processes that are kept warm."""

    def __init__(self, worker: Worker) -> None:
        self.instance = secrets.token_hex(8)
        self._worker = worker
        declared = worker.state.total_resources
        self._slots = min(int(declared.get(SLOT, 1)), worker.state.nthreads)
        self._only = {name for name in declared if name.startswith(ENGINE)}
        self._unknown: set[str] = set()
        self.enrolled = asyncio.Event()
        self.useless: Text | None = None  # why it offers nothing at all to the gateway
        self._folder = Path(worker.local_directory) / _NAME
        self._jobs: dict[str, _Job] = {}
        self._engines: dict[tuple[str, str], OfferedEngine] = {}
        self._idle: list[_Process] = []
        self._ending: set[asyncio.Task[None]] = set()

    @classmethod
    def of(cls, worker: Worker) -> Jobs:
        """Return the jobs of a Dask worker."""
        known = worker.extensions.get(_NAME)
        if not isinstance(known, Jobs):
            known = worker.extensions[_NAME] = cls(worker)
        return known

    async def enrol(
        self, gateway: str, live: Sequence[str], engines: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        """See :func:`enrol`."""
        for token, job in list(self._jobs.items()):
            if job.gateway == gateway and token not in live:
                self.drop(token)
        self._tell_unknown([one["name"] for one in engines])
        wanted = [one for one in engines if not self._only or ENGINE + one["name"] in self._only]
        offered = {one["name"]: await asyncio.to_thread(OfferedEngine.load, one) for one in wanted}
        able = {name: one for name, one in offered.items() if one.missing is None}
        self._engines.update({(gateway, name): one for name, one in able.items()})
        await self._worker.set_resources(
            **{SLOT: self._slots, **{ENGINE + name: self._slots for name in able}}
        )
        self.enrolled.set()
        return {
            "instance": self.instance,
            "versions": versions(),
            "slots": self._slots,
            "engines": {name: one.infos for name, one in able.items()},
            "missing": {
                name: one.missing.to_json() for name, one in offered.items() if one.missing
            },
        }

    def _tell_unknown(self, offered: Sequence[str]) -> None:
        """Warn about engines that this worker should offer but the gateway does not have."""
        unknown = {name.removeprefix(ENGINE) for name in self._only} - set(offered)
        if unknown and unknown != self._unknown:
            names = ", ".join(sorted(unknown))
            known = ", ".join(sorted(offered)) or "-"
            told = _UNKNOWN(names=names, known=known)
            logger.warning("%s", told)
            self.useless = told if len(unknown) == len(self._only) else None
        self._unknown = unknown

    async def plan(
        self,
        gateway: str,
        token: str,
        engine: str,
        request: tuple[str, Mapping[str, Any], Sequence[Mapping[str, Any]]],
    ) -> dict[str, Any]:
        """See :func:`plan`."""
        prompt, requested, images = request
        folder = self._job(token).folder if images else self._folder
        inputs = images_from_plain(images, folder)
        offered = self._engines[gateway, engine]
        return await asyncio.to_thread(offered.plan, prompt, requested, inputs)

    async def receive(self, token: str, name: str, offset: int, data: bytes) -> None:
        """See :func:`receive`."""
        path = path_of(self._job(token).folder, name)
        await asyncio.to_thread(_write, path, offset, data)

    async def send(self, token: str, offset: int) -> bytes:
        """See :func:`send`."""
        return await asyncio.to_thread(_read, path_of(self._jobs[token].folder, "video"), offset)

    async def render(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """See :func:`render`."""
        token = told["token"]
        if told["worker"] != self.instance:
            return {"stale": True}  # Dask has given it to the successor of the one that was meant
        job = self._job(token)
        job.gateway = told["gateway"]
        if job.stopped:
            return {"stopped": True}
        process = self._process(told["made_by"])
        job.process = process

        def report(progress: float | None, stage: Text | None) -> None:
            event = {"token": token, "progress": progress, "stage": stage and stage.to_json()}
            self._worker.log_event(TOPIC, event)

        request = RenderRequest(told["made_by"], job_from_plain(told["job"], job.folder))
        try:
            done = await process.ask(request, silence_s=told["silence_s"], on_report=report)
            process.loaded.add(told["made_by"])
        except WorkFailed as failed:
            facts = (failed.code, failed.text.to_json(), failed.bad_input)
            return {"failed": dict(zip(("code", "text", "bad_input"), facts, strict=True))}
        except WorkerStopped:
            return {"stopped": True}
        except WorkerDied as died:
            process.loaded.clear()
            return {"died": died.text.to_json()}
        finally:
            job.process = None
            self._rest(process, told["warm_s"])
            if token not in self._jobs:  # dropped meanwhile
                shutil.rmtree(job.folder, ignore_errors=True)
        return {"done": done}

    def stop(self, token: str, grace_s: float) -> None:
        """See :func:`stop`."""
        job = self._job(token)
        job.stopped = True
        if job.process is not None:
            job.process.stop(grace_s)

    def drop(self, token: str) -> None:
        """See :func:`drop`."""
        job = self._jobs.pop(token, None)
        if job is None:
            return
        if job.process is None:
            shutil.rmtree(job.folder, ignore_errors=True)
        elif not job.stopped:
            job.process.stop(0.0)

    async def close(self) -> None:
        """End all processes, busy or idle."""
        for job in self._jobs.values():
            if job.process is not None:
                await job.process.kill()
        while self._idle:
            await self._take_idle(self._idle[-1]).kill()

    def _job(self, token: str) -> _Job:
        if token not in self._jobs:
            folder = self._folder / token
            private_folder(folder)
            self._jobs[token] = _Job(folder)
        return self._jobs[token]

    def _process(self, made_by: str) -> _Process:
        """Return an idle process, preferably one with the engine loaded."""
        if not self._idle:
            return _Process()
        return self._take_idle(max(self._idle, key=lambda one: made_by in one.loaded))

    def _take_idle(self, process: _Process) -> _Process:
        self._idle.remove(process)
        if process.resting is not None:
            process.resting.cancel()
        return process

    def _rest(self, process: _Process, warm_s: float) -> None:
        self._idle.append(process)
        loop = asyncio.get_running_loop()
        process.resting = loop.call_later(warm_s, self._end, process)

    def _end(self, process: _Process) -> None:
        ending = asyncio.create_task(self._take_idle(process).kill())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)


def _write(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b" if offset else "wb") as file:
        file.seek(offset)
        file.write(data)


def _read(path: Path, offset: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(PIECE)


_UNKNOWN = Text(
    "The gateway has no engine {names}, so this worker does not offer it. Correct --engines; "
    "choose from: {known}.",
    "网关没有引擎 {names}，此工作节点无法提供。请改正 --engines，可用：{known}。",
)
