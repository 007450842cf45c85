"""The ``comfy`` engine: a workflow on your own ComfyUI, or behind Comfy API v2."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ...errors import BadParameter
from ...i18n import Text
from ...protocol.models import EngineInfo
from ..base import NO_CAPTION, InputImage, Job, Plan
from ..error_codes import ErrorCodes, Told, read_told, told_of
from ..http_client import Transport
from ..instances import Instance
from ..remote import Candidate, RemoteEngine, Stopped, Upstream, is_id
from ..sizes import size_of
from .api_v2 import CODES, PATH, HostedServer
from .native_api import OwnServer
from .outputs import DEFAULT_FPS, fetch
from .server import Order, Server
from .workflow import Workflow, read_workflow

_FRAMES: Final = 8  # video models make 8 k + 1 frames (and 4 k + 1, which that is)
_PLACES: Final = {"first": "image", "last": "last_image", "video": "video"}


class ComfyEngine(RemoteEngine):
    """A workflow on a ComfyUI server; fills in the prompt and other inputs it finds.

    A URL that ends in ``/api/v2`` is Comfy API v2; over https it is a service, which needs a key
    and charges.
    """

    kind = "comfy"
    heading = Text("ComfyUI", "ComfyUI")
    default_url = "http://127.0.0.1:8188"
    at_once = 2

    def __init__(
        self, instance: Instance | None = None, *, transport: Transport | None = None
    ) -> None:
        super().__init__(instance, transport=transport)
        hosted = (self.address or "").endswith(PATH)
        self.service = hosted and (self.address or "").startswith("https:")
        self.errors = ErrorCodes(self.name, CODES if hosted else self.codes, _read_told)
        kind = HostedServer if hosted else OwnServer
        self._server: Server = kind(self.calls, self.errors, self._base)

    @property
    def paid(self) -> bool:
        """Whether videos cost money: your own server is free; a service charges."""
        return self.service if self.instance.paid is None else self.instance.paid

    @property
    def needs_key(self) -> bool:
        """Whether it needs a key: your own server does not, but a saved one is sent."""
        return self.service

    def missing(self) -> Text | None:
        """Return what it still needs, such as a workflow."""
        if self.instance.workflow is None:
            return _NO_WORKFLOW(name=self.name)
        try:
            self._workflow()
        except BadParameter as error:
            return error.text
        return super().missing()

    def info(self, language: str) -> EngineInfo:
        """Return what the workflow can do."""
        ready = self.missing() is None
        places = self._workflow().places if ready else {"prompt": ()}
        modes = {"prompt": "text", "image": "image", "last_image": "last_frame", "video": "video"}
        return self.described(
            language,
            modes=[mode for place, mode in modes.items() if place in places],
            ratios=["16:9", "9:16", "1:1", "4:3", "3:4"] if ready else [],
            resolutions=["480p", "720p", "1080p"] if ready else [],
            progress=ready,
            cancel="always",
        )

    def plan(
        self, prompt: str, requested: Mapping[str, Any], images: Sequence[InputImage] = ()
    ) -> Plan:
        """Plan the inputs of the workflow; note those it has no place for."""
        workflow = self._workflow()
        wanted = {**self.instance.parameters, **requested}
        values = _values(workflow, wanted)
        notes = [NO_CAPTION] if wanted.get("caption") else []
        lacking = sorted(_asked(workflow, wanted) - workflow.places.keys())
        if lacking:
            notes.append(_IGNORED(names=", ".join(lacking)))
        _check_images(workflow, images)
        seed = values.get("seed")
        return Plan({**values, "workflow": workflow.digest}, seed, tuple(notes))

    async def start(self, job: Job, key: str) -> str:
        """Upload the images, then queue the workflow."""
        workflow = await asyncio.to_thread(self._workflow)
        values: dict[str, Any] = {**job.plan.parameters, "prompt": job.prompt}
        for image in job.images:
            values[_PLACES[image.role]] = await self._server.upload(image)
        handle = await self._server.queue(Order(workflow.filled(values), job.task_id, key))
        fps = job.plan.parameters.get("fps", DEFAULT_FPS)
        return json.dumps({**handle, "fps": fps})

    async def poll(self, handle: str) -> Upstream:
        """Poll the job."""
        return await self._server.poll(json.loads(handle))

    async def fetch(self, handle: str, path: Path) -> dict[str, Any]:
        """Write the first video that the workflow saved, unchanged; else an animation or frames."""
        told = json.loads(handle)
        outputs = await self._server.outputs(told)
        return await fetch(self.calls, outputs, path, told.get("fps", DEFAULT_FPS))

    async def cancel(self, handle: str) -> Stopped:
        """Remove it from the queue, or interrupt it."""
        return await self._server.cancel(json.loads(handle))

    async def look_for(self, job: Job, since: float) -> list[Candidate]:
        """Look for the task's mark, if the server keeps one."""
        return await self._server.look_for(job)

    def handle_of(self, name: str) -> str | None:
        """Return the handle of a prompt or job."""
        return json.dumps(self._server.handle_of(name)) if is_id(name) else None

    async def aclose(self) -> None:
        """Close its connections."""
        await self._server.aclose()
        await super().aclose()

    def _workflow(self) -> Workflow:
        folder = self.instance.keyring.folder or Path()
        path = folder / Path(self.instance.workflow or "").expanduser()
        return read_workflow(path, self.instance.inputs)


def _values(workflow: Workflow, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs for the workflow by name, including duration and size."""
    values: dict[str, Any] = {}
    if "ratio" in wanted or "resolution" in wanted:
        width, height = size_of(wanted.get("ratio", "16:9"), wanted.get("resolution", "720p"))
        values |= {"width": width, "height": height}
    fps = wanted.get("fps", workflow.value("fps"))
    if not workflow.has_rate:  # it saves frames, which are made a video here
        fps = wanted.get("fps", DEFAULT_FPS)
    if "fps" in wanted:
        values["fps"] = fps
    if "duration" in wanted and isinstance(fps, (int, float)) and fps > 0:
        values["length"] = round(wanted["duration"] * fps / _FRAMES) * _FRAMES + 1
    values["seed"] = wanted.get("seed", secrets.randbelow(2**32))
    values |= dict(wanted.get("extra") or {})
    kept = {name: value for name, value in values.items() if name in workflow.places}
    if not workflow.has_rate:
        kept["fps"] = fps
    for name in ("width", "height", "length", "fps"):
        if name not in kept and workflow.value(name) is not None:
            kept[name] = workflow.value(name)
    if "length" in kept and isinstance(fps, (int, float)) and fps > 0:
        kept["duration"] = round((kept["length"] - 1) / fps, 3)
    return kept


def _asked(workflow: Workflow, wanted: Mapping[str, Any]) -> set[str]:
    """Return the inputs that a request needs."""
    named = {"duration": "length", "ratio": "width", "resolution": "width"}
    asked = {named.get(n, n) for n in wanted if n in (*named, "fps", "seed")}
    ours = set() if workflow.has_rate else {"fps"}
    return {"prompt"} | (asked - ours) | set(wanted.get("extra") or {})


def _check_images(workflow: Workflow, images: Sequence[InputImage]) -> None:
    for image in images:
        if _PLACES.get(image.role) not in workflow.places:
            raise BadParameter(_NO_IMAGE(role=image.role), code="images_unfit")
    if len({image.role for image in images}) < len(images):
        raise BadParameter(_NO_IMAGE(role="first"), code="images_unfit")
    if "prompt" not in workflow.places and not images:
        raise BadParameter(_NEEDS_VIDEO, code="images_unfit")


def _read_told(answer: Any) -> Told | None:
    """Return the error in a response, including that of the first node."""
    told = read_told(answer)
    nodes = answer.get("node_errors") if isinstance(answer, dict) else None
    for number, node in nodes.items() if isinstance(nodes, dict) else []:
        for error in node.get("errors") or []:
            where = f"node {number} ({node.get('class_type')})"
            words = f"{where}: {error.get('message')} {error.get('details')}"
            return told_of("InvalidParameter", words)
    return told


_NO_WORKFLOW = Text(
    "it needs a workflow: export one from ComfyUI with Export (API), and set workflow under "
    "[{name}] in engines.toml",
    "缺少工作流：请在 ComfyUI 中选择“导出（API）”，并在 engines.toml 的 [{name}] 中设置 workflow",
)
_IGNORED = Text(
    "The workflow has no input for {names}; the saved values are used.",
    "工作流没有 {names} 的输入，将沿用工作流中保存的值。",
)
_NO_IMAGE = Text(
    "The workflow has no input for this image ({role}). Name one in engines.toml: "
    'inputs = {{ image = "52.image" }}.',
    "工作流没有可放入该图片（{role}）的位置。请在 engines.toml 中指明："
    'inputs = {{ image = "52.image" }}。',
)
_NEEDS_VIDEO = Text(
    'This workflow needs a video: images=[{{"task": video, "role": "video"}}].',
    '该工作流需要一个视频：images=[{{"task": video, "role": "video"}}]。',
)
