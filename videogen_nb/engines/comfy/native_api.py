"""Your own ComfyUI, through the HTTP interface that every version has, and its WebSocket.

Source: ComfyUI's ``server.py`` and ``execution.py``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from ...errors import UpstreamGone
from ...i18n import Text
from ..base import InputImage, Job
from ..error_codes import ErrorCodes
from ..http_client import Caller
from ..remote import Candidate, Stopped, Upstream, is_id
from ..upstream_images import upload_of
from .outputs import Output
from .server import Handle, Order, Server
from .websocket import Listeners, NodeProgress

MARK: Final = "videogen_nb"  # among a prompt's extra data: the task's id
_RECENT: Final = 200  # prompts of the history that are looked through
_UPLOAD_S: Final = 300.0
_LOOK_S: Final = 1.0  # between two looks at a prompt that is listened to


class OwnServer(Server):
    """Queue, history and messages. Messages only add to what polling returns."""

    def __init__(self, calls: Caller, errors: ErrorCodes, base: Callable[[], str]) -> None:
        self._calls, self._errors, self._base = calls, errors, base
        self._listeners = Listeners(calls)

    async def upload(self, file: InputImage) -> str:
        """Upload a file; return its name, which is the same for the same file."""
        name, data, kind = await asyncio.to_thread(upload_of, file)
        files = {"image": (name, data, kind), "overwrite": (None, "true")}
        answer = await self._calls.ask("POST", "/upload/image", files=files, total_s=_UPLOAD_S)
        kept = answer.json
        if not (answer.ok and isinstance(kept, dict) and isinstance(kept.get("name"), str)):
            raise self._errors.of_question(answer)
        folder = kept.get("subfolder")
        return f"{folder}/{kept['name']}" if folder else str(kept["name"])

    async def queue(self, order: Order) -> Handle:
        """Queue it, marked with the task's id so that it can be found again."""
        body = {
            "prompt": order.graph,
            "client_id": order.key,
            "prompt_id": order.key,
            "extra_data": {MARK: order.task_id},
        }
        answer = await self._calls.ask("POST", "/prompt", acts=True, json=body)
        made = answer.json
        if not (answer.ok and isinstance(made, dict) and is_id(made.get("prompt_id"))):
            raise self._errors.of_create(answer)
        name: str = made["prompt_id"]
        self._listeners.of(name, order.key, order.graph)
        return {"id": name, "client": order.key}

    async def poll(self, handle: Handle) -> Upstream:
        """Poll it: in the history once it has ended, else in the queue."""
        name = handle["id"]
        try:
            for _ in range(2):  # it may end between the two questions
                ended = (await self._read("/history/" + quote(name, safe=""))).get(name)
                if isinstance(ended, dict):
                    self._listeners.forget(name)
                    return _told(ended)
                queue = await self._read("/queue")
                for where in ("running", "pending"):
                    for entry in _entries(queue.get(f"queue_{where}")):
                        if entry[1] == name:
                            return self._under_way(where, entry)
        except UpstreamGone:
            self._listeners.forget(name)
            raise
        self._listeners.forget(name)
        raise UpstreamGone

    async def outputs(self, handle: Handle) -> list[Output]:
        """Return the files that it saved, without previews."""
        name = handle["id"]
        ended = (await self._read("/history/" + quote(name, safe=""))).get(name)
        if not isinstance(ended, dict):
            raise UpstreamGone
        return list(_files(ended, self._base()))

    async def cancel(self, handle: Handle) -> Stopped:
        """Remove it from the queue, or interrupt it."""
        name, where = handle["id"], (await self.poll(handle)).where
        if where == "queued":
            answer = await self._calls.ask("POST", "/queue", json={"delete": [name]})
        elif where == "running":
            answer = await self._calls.ask("POST", "/interrupt", json={"prompt_id": name})
        else:
            return Stopped(False)
        return Stopped(answer.ok)

    async def look_for(self, job: Job) -> list[Candidate]:
        """Search the queue and history for the task's mark."""
        queue = await self._read("/queue")
        history = await self._read(f"/history?max_items={_RECENT}")
        entries = [
            *_entries(queue.get("queue_running")),
            *_entries(queue.get("queue_pending")),
            *_entries([one.get("prompt") for one in history.values() if isinstance(one, dict)]),
        ]
        marked = (one[1] for one in entries if one[3].get(MARK) == job.task_id)
        return [Candidate(json.dumps(self.handle_of(n)), True) for n in dict.fromkeys(marked)]

    def handle_of(self, name: str) -> Handle:
        """Return the handle of a prompt."""
        return {"id": name}

    async def aclose(self) -> None:
        """Stop listening."""
        await self._listeners.aclose()

    def _under_way(self, where: str, entry: list[Any]) -> Upstream:
        if where == "pending":
            return Upstream("queued")
        client = entry[3].get("client_id") or entry[1]
        heard: NodeProgress = self._listeners.of(entry[1], str(client), entry[2])
        return Upstream(
            "running",
            heard.fraction,
            heard.stage,
            poll_after_s=_LOOK_S if heard.stage is not None else None,
        )

    async def _read(self, path: str) -> dict[str, Any]:
        answer = await self._calls.ask("GET", path)
        if not answer.ok or not isinstance(answer.json, dict):
            raise self._errors.of_question(answer)
        found: dict[str, Any] = answer.json
        return found


def _told(ended: Mapping[str, Any]) -> Upstream:
    """Return the state of a prompt in the history."""
    status = ended.get("status") or {}
    events = {e[0]: e[1] for e in status.get("messages") or [] if _is_event(e)}
    if "execution_interrupted" in events:
        return Upstream("cancelled")
    if status.get("status_str") == "error" or "execution_error" in events:
        failed = events.get("execution_error", {})
        return failed_at(failed.get("node_type"), failed.get("exception_message"))
    return Upstream("succeeded")


def failed_at(node: Any, why: Any) -> Upstream:
    """Return the state of a job whose node failed."""
    text = _FAILED(node=str(node or "?")[:80], why=" ".join(str(why or "?").split())[:300])
    return Upstream("failed", error=text, error_code="upstream_failed")


def _is_event(event: Any) -> bool:
    return isinstance(event, list) and len(event) == 2 and isinstance(event[1], dict)


def _entries(told: Any) -> Iterator[list[Any]]:
    """Return prompts as stored in queue and history: number, id, graph, extra data, …"""
    for one in told if isinstance(told, list) else []:
        whole = isinstance(one, list) and len(one) >= 4 and is_id(one[1])
        if whole and isinstance(one[2], dict) and isinstance(one[3], dict):
            yield one


def _files(ended: Mapping[str, Any], base: str) -> Iterator[Output]:
    for number, node in (ended.get("outputs") or {}).items():
        lists = node.values() if isinstance(node, dict) else []
        animated = isinstance(node, dict) and any(node.get("animated") or [])
        for one in (one for files in lists if isinstance(files, list) for one in files):
            is_file = isinstance(one, dict) and isinstance(one.get("filename"), str)
            if is_file and one.get("type") != "temp":
                where = {n: str(one.get(n, "")) for n in ("filename", "subfolder", "type")}
                url = f"{base}/view?{urlencode(where)}"
                yield Output(str(number), one["filename"], url, animated)


_FAILED = Text("ComfyUI failed in {node}: {why}", "ComfyUI 在 {node} 处失败：{why}")
