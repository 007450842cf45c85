"""A stand-in for ComfyUI's HTTP interface; every look at the queue moves a prompt on."""

from __future__ import annotations

import itertools
from collections import deque
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from videogen_nb.testing.testcard import video

from .faults import Fault, Planned, spoilt

WORKFLOW: dict[str, Any] = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 1,
            "steps": 20,
            "model": ["37", 0],
            "positive": ["50", 0],
            "negative": ["50", 1],
            "latent_image": ["50", 2],
        },
    },
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "saved words", "clip": ["38", 0]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["38", 0]}},
    "37": {"class_type": "UNETLoader", "inputs": {"unet_name": "wan.safetensors"}},
    "38": {"class_type": "CLIPLoader", "inputs": {"clip_name": "umt5.safetensors"}},
    "50": {
        "class_type": "WanImageToVideo",
        "inputs": {
            "width": 832,
            "height": 480,
            "length": 81,
            "batch_size": 1,
            "positive": ["6", 0],
            "negative": ["7", 0],
            "start_image": ["52", 0],
        },
    },
    "52": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
    "57": {"class_type": "CreateVideo", "inputs": {"fps": 16, "images": ["8", 0]}},
    "58": {"class_type": "SaveVideo", "inputs": {"filename_prefix": "v", "video": ["57", 0]}},
}


class Comfy:
    """``prompts`` holds those that were queued, by id.

    Args:
        moves: where a prompt stands, one look after the other: pending, running, then
            success, error or interrupted.
        own_ids: false as in older versions, which choose the prompts' ids themselves.
    """

    def __init__(
        self, moves: tuple[str, ...] = ("pending", "running", "success"), *, own_ids: bool = True
    ) -> None:
        self.moves = moves
        self.asked = 0
        self.prompts: dict[str, dict[str, Any]] = {}
        self.uploads: dict[str, bytes] = {}
        self.video = video()
        self.files = {"v_00001_.mp4": self.video}
        self.messages: list[dict[str, Any]] | None = None  # told over the WebSocket; None = none
        self.listeners: list[str] = []  # their client ids
        self.outputs: dict[str, Any] = {
            "58": {"images": [_file("v_00001_.mp4", "video")], "animated": [True]},
            "9": {"images": [{**_file("preview.png"), "type": "temp"}]},
        }
        self._own_ids = own_ids
        self._faults: deque[Planned] = deque()
        self._numbers = itertools.count(1)
        self.app = Starlette(
            routes=[
                WebSocketRoute("/ws", self._listen),
                Route("/prompt", self._prompt, methods=["POST"]),
                Route("/queue", self._queue, methods=["GET"]),
                Route("/queue", self._delete, methods=["POST"]),
                Route("/interrupt", self._interrupt, methods=["POST"]),
                Route("/history", self._history, methods=["GET"]),
                Route("/history/{id}", self._history, methods=["GET"]),
                Route("/upload/image", self._upload, methods=["POST"]),
                Route("/view", self._view, methods=["GET"]),
            ]
        )

    def fail(self, fault: Fault, *, acts: bool = False) -> None:
        """Let the next create go wrong."""
        self._faults.append(Planned(fault, acts))

    async def _prompt(self, request: Request) -> Response:
        self.asked += 1
        planned = self._faults.popleft() if self._faults else None
        if planned is not None and not planned.acts:
            return await spoilt(planned.fault, request)
        body = await request.json()
        width = body["prompt"].get("50", {"inputs": {"width": 0}})["inputs"]["width"]
        if width > 4096:
            return JSONResponse(_invalid(width), 400)
        number = next(self._numbers)
        name = body.get("prompt_id") if self._own_ids else f"own-{number}"
        entry = [number, name, body["prompt"], body.get("extra_data", {}), ["58"]]
        self.prompts[name] = {"entry": entry, "looks": 0}
        if planned is not None:
            return await spoilt(planned.fault, request)
        return JSONResponse({"prompt_id": name, "number": number, "node_errors": {}})

    async def _queue(self, request: Request) -> Response:
        told: dict[str, list[Any]] = {"queue_running": [], "queue_pending": []}
        for one in self.prompts.values():
            one["looks"] += 1
            where = self._where(one)
            if where in ("running", "pending"):
                told[f"queue_{where}"].append(one["entry"])
        return JSONResponse(told)

    async def _delete(self, request: Request) -> Response:
        for name in (await request.json())["delete"]:
            self.prompts.pop(name, None)
        return Response()

    async def _interrupt(self, request: Request) -> Response:
        self.prompts[(await request.json())["prompt_id"]]["interrupted"] = True
        return Response()

    async def _history(self, request: Request) -> Response:
        wanted = request.path_params.get("id")
        told = {
            name: self._ended(one)
            for name, one in self.prompts.items()
            if wanted in (None, name) and self._where(one) not in ("running", "pending")
        }
        return JSONResponse(told)

    async def _upload(self, request: Request) -> Response:
        async with request.form() as form:
            image = form["image"]
            assert not isinstance(image, str)
            self.uploads[str(image.filename)] = await image.read()
            return JSONResponse({"name": image.filename, "subfolder": "", "type": "input"})

    async def _view(self, request: Request) -> Response:
        query = dict(request.query_params)
        if query.keys() != {"filename", "subfolder", "type"} or query["type"] != "output":
            return Response(status_code=404)
        data = self.files.get(query["filename"])
        return Response(status_code=404) if data is None else Response(data)

    async def _listen(self, socket: WebSocket) -> None:
        self.listeners.append(socket.query_params["clientId"])
        if self.messages is None:
            return await socket.close()  # answered as 403
        await socket.accept()
        await socket.send_json({"type": "status", "data": {"sid": self.listeners[-1]}})
        await socket.send_bytes(b"\0\0\0\1preview")
        for message in self.messages:
            await socket.send_json(message)
        try:
            while True:
                await socket.receive_text()
        except WebSocketDisconnect:
            return None

    def _where(self, one: dict[str, Any]) -> str:
        if one.get("interrupted"):
            return "interrupted"
        looks: int = one["looks"]
        return self.moves[min(max(looks - 1, 0), len(self.moves) - 1)]

    def _ended(self, one: dict[str, Any]) -> dict[str, Any]:
        where = self._where(one)
        messages: list[Any] = [["execution_start", {"prompt_id": one["entry"][1]}]]
        if where == "error":
            failed = {"node_type": "KSampler", "exception_message": "CUDA out of memory\n"}
            messages.append(["execution_error", failed])
        if where == "interrupted":
            messages.append(["execution_interrupted", {"node_type": "KSampler"}])
        status = {
            "status_str": "success" if where == "success" else "error",
            "completed": where == "success",
            "messages": messages,
        }
        outputs = self.outputs if where == "success" else {}
        return {"prompt": one["entry"], "outputs": outputs, "status": status, "meta": {}}


def _file(name: str, folder: str = "") -> dict[str, str]:
    return {"filename": name, "subfolder": folder, "type": "output"}


def _invalid(width: int) -> dict[str, Any]:
    problem = {"type": "value_bigger_than_max", "message": "Value bigger than max"}
    node = {"errors": [{**problem, "details": "width"}], "class_type": "WanImageToVideo"}
    error = {"type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed"}
    return {"error": error, "node_errors": {"50": node}}
