"""One attempt at a job on a cluster worker, with the interface of a worker process."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ....engines import ComputeEngine, Job
from ....i18n import Text
from ...files.ingest import CheckFailed, Ingest, Undecodable
from ...files.videos import Draft
from ...threads import in_thread
from ...workers.messages import RenderRequest
from ...workers.process import OnReport, WorkerDied, WorkerGone, WorkerStopped, WorkFailed
from . import worker_functions
from .dask_client import Link
from .serialization import job_to_plain
from .worker_view import KnownWorker, WorkerLeft

if TYPE_CHECKING:
    from distributed import Future

_STOP_S: Final = 0.4  # a cancelled task does not wait longer for a worker that does not respond


class ClusterSlot:
    """A worker's slot for one attempt. Its token makes late messages recognizable.

    Args:
        owner: whose task it is.
    """

    def __init__(
        self, link: Link, worker: KnownWorker, engine: ComputeEngine, ingest: Ingest, owner: str
    ) -> None:
        self.worker = worker
        self.token = secrets.token_hex(16)
        worker.busy.add(self.token)
        self._link = link
        self._engine = engine
        self._ingest = ingest
        self._owner = owner
        self._stopping: asyncio.Task[None] | None = None
        self._given_up = asyncio.Event()
        self._making: asyncio.Future[Mapping[str, Any]] | None = None
        self._patience_s = 0.0  # for what has been given up

    async def ask(
        self, request: RenderRequest, *, silence_s: float, on_report: OnReport | None = None
    ) -> dict[str, Any]:
        """Generate a video on the worker; fetch, check and hash it here.

        Raises like :meth:`.WorkerProcess.ask`; WorkerGone: the worker or connection was lost.
        """
        try:
            with self._link.listening(self.token, _reporting(on_report)):
                answer = await self._made(request.job, silence_s)
                if "stale" in answer:  # another worker has taken its address
                    self._link.lose(self.worker)
                    raise WorkerLeft(self.worker.name)
                done = _done(answer)
                self.worker.loaded.add(self._engine.name)
                return await self._fetched(request.job, done)
        except WorkerLeft as left:
            if self._stopping is not None:
                raise WorkerStopped from None
            raise WorkerGone(left.text, counts=await self._link.refresh()) from left

    def stop(self, grace_s: float) -> None:
        """Ask the worker to stop; the attempt ends soon even if it does not."""
        if self._stopping is None:
            self._patience_s = grace_s + _STOP_S
            self._stopping = asyncio.create_task(self._stop(grace_s))

    async def release(self) -> None:
        """Remove the attempt's files from the worker, and release the slot."""
        if self._stopping is not None:
            await self._stopping
        if self._making is not None:
            await asyncio.wait([self._making], timeout=self._patience_s)
            self._making.cancel()
            await asyncio.gather(self._making, return_exceptions=True)
        try:
            await self._link.call(self.worker, worker_functions.drop, self.token)
        except WorkerLeft:
            pass  # with all that it had
        finally:
            self.worker.busy.discard(self.token)

    async def _stop(self, grace_s: float) -> None:
        asyncio.get_running_loop().call_later(_STOP_S, self._given_up.set)
        try:
            await self._link.call(self.worker, worker_functions.stop, self.token, grace_s)
        except WorkerLeft:
            self._given_up.set()

    async def _made(self, job: Job, silence_s: float) -> Mapping[str, Any]:
        for number, image in enumerate(job.images):
            data = await in_thread(image.path.read_bytes)
            await self._link.give(self.worker, self.token, f"image-{number}", data)
        told = {
            "token": self.token,
            "gateway": self._link.gateway,
            "worker": self.worker.instance,
            "made_by": self._engine.entry_point,
            "silence_s": silence_s,
            "warm_s": self._engine.warm_s,
            "job": job_to_plain(job),
        }
        future = self._link.submit(told, self._engine.name, self.worker)
        self._making = asyncio.ensure_future(_outcome(future, self.worker.name))
        ends = [asyncio.ensure_future(e.wait()) for e in (self.worker.gone, self._given_up)]
        try:
            await asyncio.wait([self._making, *ends], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in ends:
                task.cancel()
        if self._making.done():
            return self._making.result()
        if self._given_up.is_set():
            raise WorkerStopped
        raise WorkerLeft(self.worker.name)

    async def _fetched(self, job: Job, done: dict[str, Any]) -> dict[str, Any]:
        """Fetch the video, compare its hash with the worker's, and check it."""
        if await self._take(job.output, done["video"]["bytes"]) != done["sha256"]:
            raise WorkerDied(_DAMAGED(name=self.worker.name))
        draft = Draft(job.output, job.poster)
        try:
            checked = await self._ingest.check(draft, self._owner)
        except Undecodable as error:
            raise WorkFailed("not_a_video", error.text, bad_input=False) from error
        except CheckFailed as error:
            raise WorkerDied(error.text) from error
        return {**done, **checked}

    async def _take(self, path: Path, size: int) -> str:
        """Fetch the video; return its digest."""
        digest, offset = hashlib.sha256(), 0
        while offset < size:
            piece = await self._link.call(self.worker, worker_functions.send, self.token, offset)
            if not piece:
                raise WorkerLeft(self.worker.name)
            digest.update(piece)
            await in_thread(_append, path, piece)
            offset += len(piece)
        return digest.hexdigest()


async def _outcome(future: Future, worker: str) -> Mapping[str, Any]:
    """Return the outcome of the job. Raises WorkerLeft if Dask reports that its worker is gone."""
    try:
        answer: Mapping[str, Any] = await future.result()
        return answer
    except Exception as error:  # it was killed, the connection was lost, or what else Dask says
        raise WorkerLeft(worker) from error


def _done(answer: Mapping[str, Any]) -> dict[str, Any]:
    if "done" in answer:
        done: dict[str, Any] = answer["done"]
        return done
    if "stopped" in answer:
        raise WorkerStopped
    if "failed" in answer:
        told = answer["failed"]
        raise WorkFailed(told["code"], Text.from_json(told["text"]), told["bad_input"])
    raise WorkerDied(Text.from_json(answer["died"]))


def _reporting(on_report: OnReport | None) -> Any:
    def listener(told: Mapping[str, Any]) -> None:
        if on_report is not None:
            stage = told["stage"]
            on_report(told["progress"], Text.from_json(stage) if stage else None)

    return listener


def _append(path: Path, piece: bytes) -> None:
    with path.open("ab") as file:
        file.write(piece)


_DAMAGED = Text(
    "The video from the worker {name} arrived damaged.", "来自工作节点 {name} 的视频在传输中损坏。"
)
