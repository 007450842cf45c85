"""An engine of the gateway that runs on cluster workers as well, or only there."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ....engines import ComputeEngine, InputImage, Job, Plan, Rendered
from ....engines.base import Report
from ....errors import BadImage, BadInput, BadParameter, BadPrompt
from ....i18n import Text
from ....protocol.models import EngineInfo
from . import worker_functions
from .dask_client import Link
from .serialization import image_to_plain, plan_from_plain
from .worker_view import KnownWorker, WorkerLeft

_KINDS: Final = {kind.__name__: kind for kind in (BadImage, BadParameter, BadPrompt)}


class SharedEngine(ComputeEngine):
    """An engine that is ready if it is ready on this machine or on a worker.

    A worker plans what this machine cannot, and what depends on the GPU that it will run on.
    """

    def __init__(self, here: ComputeEngine, link: Link) -> None:
        self.here = here
        self.name = here.name
        self.title = here.title
        self.silence_s = here.silence_s  # type: ignore[misc]  # each engine class has its own
        self.stop_s = here.stop_s  # type: ignore[misc]
        self.warm_s = here.warm_s  # type: ignore[misc]
        self._link = link

    @property
    def entry_point(self) -> str:
        """The entry point of the engine on this machine."""
        return self.here.entry_point

    @property
    def place(self) -> str:
        """The place of the engine on this machine."""
        return self.here.place

    @property
    def ready_here(self) -> bool:
        """Whether this machine can run it."""
        return self.here.info("en").ready

    def info(self, language: str) -> EngineInfo:
        """Return what it can do here, or else on a worker."""
        info = self.here.info(language)
        worker = self._worker()
        if info.ready:
            return info
        if worker is None:
            why = _NEITHER(why=info.missing or "").render(language)
            return info.model_copy(update={"missing": why})
        return EngineInfo.model_validate(worker.infos[self.name][language])

    def plan(
        self, prompt: str, requested: Mapping[str, Any], images: Sequence[InputImage] = ()
    ) -> Plan:
        """Plan a request, here or on a worker; not to be called on the event loop."""
        worker = self._worker()
        if worker is None or (self.place == "" and self.ready_here):
            return self.here.plan(prompt, requested, images)
        # Read here: the threads that files are read in may all be waiting for plans.
        files = [image.path.read_bytes() for image in images]
        try:
            told = self._link.wait(self._planned(worker, prompt, requested, images, files))
        except (WorkerLeft, TimeoutError) as error:
            raise BadParameter(_AGAIN(name=worker.name), code="engine_not_ready") from error
        if "refused" in told:
            why = told["refused"]
            kind = _KINDS.get(why["kind"], BadInput)
            raise kind(Text.from_json(why["text"]), code=why["code"])
        return plan_from_plain(told["plan"])

    def run(self, job: Job, report: Report, cancelled: Callable[[], bool]) -> Rendered:
        """Generate on this machine, as its engine does."""
        return self.here.run(job, report, cancelled)

    def _worker(self) -> KnownWorker | None:
        workers = list(self._link.workers.values())
        return next((worker for worker in workers if self.name in worker.engines), None)

    async def _planned(
        self,
        worker: KnownWorker,
        prompt: str,
        requested: Mapping[str, Any],
        images: Sequence[InputImage],
        files: Sequence[bytes],
    ) -> Mapping[str, Any]:
        token = secrets.token_hex(16)
        request = (prompt, dict(requested), [image_to_plain(image) for image in images])
        try:
            for number, data in enumerate(files):
                await self._link.give(worker, token, f"image-{number}", data)
            given = (self._link.gateway, token, self.name, request)
            told: Mapping[str, Any] = await self._link.call(worker, worker_functions.plan, *given)
            return told
        finally:
            if files:
                await self._link.call(worker, worker_functions.drop, token)


_AGAIN = Text(
    "The cluster worker {name} does not respond. Try again.", "工作节点 {name} 没有响应，请重试。"
)
_NEITHER = Text("{why} (no cluster worker offers it either)", "{why}（工作节点也不提供该引擎）")
