"""The ``comfy`` engine: your own ComfyUI, through the HTTP interface of every version.

Source: ComfyUI's ``server.py`` and ``execution.py``. The ``comfy-sdk`` package uses the Comfy API
v2, which your own ComfyUI offers only through an additional proxy; this engine needs none.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from ...errors import BadParameter, UpstreamGone, UpstreamRefused
from ...i18n import Text
from ...protocol.models import EngineInfo
from ..base import NO_CAPTION, InputImage, Job, Plan
from ..error_codes import ErrorCodes, Told, read_told, told_of
from ..instances import Instance
from ..remote import Candidate, RemoteEngine, Stopped, Upstream, is_id
from ..sizes import size_of
from ..transport import Transport
from ..upstream_images import file_name, media_type
from .workflow import Workflow, read_workflow

MARK: Final = "videogen_nb"  # among a prompt's extra data: the task's id
_RECENT: Final = 200  # prompts of the history that are looked through
_VIDEOS: Final = (".mp4", ".webm", ".mov", ".mkv", ".m4v", ".gif")
_STEP: Final = 16
_FRAMES: Final = 8  # video models make 8 k + 1 frames (and 4 k + 1, which that is)


class ComfyEngine(RemoteEngine):
    """A workflow on a ComfyUI server. Free; fills in the prompt and other inputs it finds."""

    kind = "comfy"
    heading = Text("ComfyUI", "ComfyUI")
    default_url = "http://127.0.0.1:8188"
    costs = False
    at_once = 2

    def __init__(
        self, instance: Instance | None = None, *, transport: Transport | None = None
    ) -> None:
        super().__init__(instance, transport=transport)
        self.errors = ErrorCodes(self.name, self.codes, _read_told)

    @property
    def needs_key(self) -> bool:
        """Your own server needs no key; if there is one, it is sent."""
        return False

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
        modes: list[str] = ["text"]
        ready = self.missing() is None
        if ready:
            places = self._workflow().places
            modes += ["image"] if "image" in places else []
            modes += ["last_frame"] if "last_image" in places else []
        return self.described(
            language,
            modes=modes,
            ratios=["16:9", "9:16", "1:1", "4:3", "3:4"] if ready else [],
            resolutions=["480p", "720p", "1080p"] if ready else [],
            cancel="always",
        )

    def plan(
        self, prompt: str, requested: Mapping[str, Any], images: Sequence[InputImage] = ()
    ) -> Plan:
        """Plan the inputs of the workflow; note those that have no place."""
        workflow = self._workflow()
        wanted = {**self.instance.parameters, **requested}
        values = _values(workflow, wanted)
        notes = [NO_CAPTION] if wanted.get("caption") else []
        lacking = sorted(_asked(wanted) - workflow.places.keys())
        if lacking:
            notes.append(_IGNORED(names=", ".join(lacking)))
        _check_images(workflow, images)
        seed = values.get("seed")
        return Plan({**values, "workflow": workflow.digest}, seed, tuple(notes))

    async def start(self, job: Job, key: str) -> str:
        """Queue the workflow, marked with the task's id to find it again."""
        workflow = await asyncio.to_thread(self._workflow)
        values: dict[str, Any] = {**job.plan.parameters, "prompt": job.prompt}
        for image in job.images:
            name = "last_image" if image.role == "last" else "image"
            values[name] = await self._upload(image)
        body = {
            "prompt": workflow.filled(values),
            "client_id": key,
            "prompt_id": key,
            "extra_data": {MARK: job.task_id},
        }
        answer = await self.calls.ask("POST", "/prompt", acts=True, json=body)
        made = answer.json
        if not (answer.ok and isinstance(made, dict) and is_id(made.get("prompt_id"))):
            raise self.errors.of_create(answer)
        return json.dumps({"id": made["prompt_id"]})

    async def poll(self, handle: str) -> Upstream:
        """Poll the history for an ended workflow, otherwise the queue."""
        name = _name(handle)
        for _ in range(2):  # it may end between the two questions
            ended = (await self._read("/history/" + quote(name, safe=""))).get(name)
            if isinstance(ended, dict):
                return _told(ended)
            queue = await self._read("/queue")
            if any(one[1] == name for one in _entries(queue.get("queue_running"))):
                return Upstream("running")
            if any(one[1] == name for one in _entries(queue.get("queue_pending"))):
                return Upstream("queued")
        raise UpstreamGone

    async def fetch(self, handle: str, path: Path) -> dict[str, Any]:
        """Download the first video that the workflow saved, unchanged."""
        name = _name(handle)
        ended = (await self._read("/history/" + quote(name, safe=""))).get(name)
        if not isinstance(ended, dict):
            raise UpstreamGone
        files = list(_files(ended))
        videos = [one for one in files if one["filename"].lower().endswith(_VIDEOS)]
        if not videos:
            raise UpstreamRefused(_NO_VIDEO(count=len(files)), code="not_a_video")
        where = {n: str(videos[0].get(n, "")) for n in ("filename", "subfolder", "type")}
        return await self.calls.download(f"{self._base()}/view?{urlencode(where)}", path)

    async def cancel(self, handle: str) -> Stopped:
        """Remove it from the queue, or interrupt it."""
        name, where = _name(handle), (await self.poll(handle)).where
        if where == "queued":
            answer = await self.calls.ask("POST", "/queue", json={"delete": [name]})
        elif where == "running":
            answer = await self.calls.ask("POST", "/interrupt", json={"prompt_id": name})
        else:
            return Stopped(False)
        return Stopped(answer.ok)

    async def look_for(self, job: Job, since: float) -> list[Candidate]:
        """Search queue and history for the task's mark."""
        queue = await self._read("/queue")
        history = await self._read(f"/history?max_items={_RECENT}")
        entries = [
            *_entries(queue.get("queue_running")),
            *_entries(queue.get("queue_pending")),
            *_entries([one.get("prompt") for one in history.values() if isinstance(one, dict)]),
        ]
        marked = (one[1] for one in entries if one[3].get(MARK) == job.task_id)
        return [Candidate(json.dumps({"id": name}), True) for name in dict.fromkeys(marked)]

    def handle_of(self, name: str) -> str | None:
        """Return the handle for a prompt id."""
        return json.dumps({"id": name}) if is_id(name) else None

    def _workflow(self) -> Workflow:
        folder = self.instance.keyring.folder or Path()
        path = folder / Path(self.instance.workflow or "").expanduser()
        return read_workflow(path, self.instance.inputs)

    async def _upload(self, image: InputImage) -> str:
        """Upload an image; return its name in ComfyUI, the same for the same image."""
        data = await asyncio.to_thread(image.path.read_bytes)
        name = f"videogen-{image.sha256[:16]}-{file_name(data)}"
        files = {"image": (name, data, media_type(data)), "overwrite": (None, "true")}
        answer = await self.calls.ask("POST", "/upload/image", files=files)
        kept = answer.json
        if not (answer.ok and isinstance(kept, dict) and isinstance(kept.get("name"), str)):
            raise self.errors.of_question(answer)
        folder = kept.get("subfolder")
        return f"{folder}/{kept['name']}" if folder else str(kept["name"])

    async def _read(self, path: str) -> dict[str, Any]:
        answer = await self.calls.ask("GET", path)
        if not answer.ok or not isinstance(answer.json, dict):
            raise self.errors.of_question(answer)
        found: dict[str, Any] = answer.json
        return found


def _values(workflow: Workflow, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs for the workflow by name, including duration and size."""
    values: dict[str, Any] = {}
    if "ratio" in wanted or "resolution" in wanted:
        width, height = size_of(wanted.get("ratio", "16:9"), wanted.get("resolution", "720p"))
        values |= {"width": width, "height": height}
    fps = wanted.get("fps", workflow.value("fps"))
    if "fps" in wanted:
        values["fps"] = fps
    if "duration" in wanted and isinstance(fps, (int, float)) and fps > 0:
        values["length"] = round(wanted["duration"] * fps / _FRAMES) * _FRAMES + 1
    values["seed"] = wanted.get("seed", secrets.randbelow(2**32))
    values |= dict(wanted.get("extra") or {})
    kept = {name: value for name, value in values.items() if name in workflow.places}
    for name in ("width", "height", "length", "fps"):
        if name not in kept and workflow.value(name) is not None:
            kept[name] = workflow.value(name)
    if "length" in kept and isinstance(fps, (int, float)) and fps > 0:
        kept["duration"] = round((kept["length"] - 1) / fps, 3)
    return kept


def _asked(wanted: Mapping[str, Any]) -> set[str]:
    """Return the inputs that a request needs."""
    named = {"duration": "length", "ratio": "width", "resolution": "width"}
    asked = {named.get(n, n) for n in wanted if n in (*named, "fps", "seed")}
    return asked | set(wanted.get("extra") or {})


def _check_images(workflow: Workflow, images: Sequence[InputImage]) -> None:
    for image in images:
        name = "last_image" if image.role == "last" else "image"
        if image.role == "reference" or name not in workflow.places:
            raise BadParameter(_NO_IMAGE(role=image.role), code="images_unfit")
    if len({image.role for image in images}) < len(images):
        raise BadParameter(_NO_IMAGE(role="first"), code="images_unfit")


def _told(ended: Mapping[str, Any]) -> Upstream:
    """Return the state of a prompt in the history."""
    status = ended.get("status") or {}
    events = {e[0]: e[1] for e in status.get("messages") or [] if _is_event(e)}
    if "execution_interrupted" in events:
        return Upstream("cancelled")
    if status.get("status_str") == "error" or "execution_error" in events:
        failed = events.get("execution_error", {})
        node, why = failed.get("node_type") or "?", str(failed.get("exception_message") or "?")
        reason = _FAILED(node=str(node)[:80], why=" ".join(why.split())[:300])
        return Upstream("failed", error=reason, error_code="upstream_failed")
    return Upstream("succeeded")


def _is_event(event: Any) -> bool:
    return isinstance(event, list) and len(event) == 2 and isinstance(event[1], dict)


def _entries(told: Any) -> Iterator[list[Any]]:
    """Yield prompts of queue and history: number, id, graph, extra data, …"""
    for one in told if isinstance(told, list) else []:
        if isinstance(one, list) and len(one) >= 4 and is_id(one[1]) and isinstance(one[3], dict):
            yield one


def _files(ended: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Return the files that a prompt saved, without previews."""
    for node in (ended.get("outputs") or {}).values():
        for files in node.values() if isinstance(node, dict) else []:
            for one in files if isinstance(files, list) else []:
                is_file = isinstance(one, dict) and isinstance(one.get("filename"), str)
                if is_file and one.get("type") != "temp":
                    yield one


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


def _name(handle: str) -> str:
    name: str = json.loads(handle)["id"]
    return name


_NO_WORKFLOW = Text(
    "it needs a workflow: export one from ComfyUI with Export (API), and set workflow under "
    "[{name}] in engines.toml",
    "缺少工作流：请在 ComfyUI 中选择“导出（API）”，并在 engines.toml 的 [{name}] 中设置 workflow",
)
_IGNORED = Text(
    "The workflow has no input for {names}; the saved values are used.",
    "工作流没有 {names} 的输入，采用其保存时的值。",
)
_NO_IMAGE = Text(
    "The workflow has no place for this image ({role}). Name it in engines.toml: "
    'inputs = {{ image = "52.image" }}.',
    "工作流没有可放入该图片（{role}）的位置。请在 engines.toml 中指明："
    'inputs = {{ image = "52.image" }}。',
)
_NO_VIDEO = Text(
    "The workflow ended without saving a video ({count} other files). Let it end in Save Video or "
    "Video Combine.",
    "工作流结束时没有保存视频（其他文件 {count} 个）。请以 Save Video 或 Video Combine 节点结尾。",
)
_FAILED = Text("ComfyUI failed in {node}: {why}", "ComfyUI 在 {node} 处失败：{why}")
