"""What stand-ins for providers share: a task moves on at every look; each tells it in its way."""

from __future__ import annotations

import itertools
import re
import time
from collections import deque
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.upstreams.faults import Fault, Planned, spoilt
from videogen_nb.testing.testcard import video

State = Literal["queued", "running", "succeeded", "failed", "cancelled"]
Kind = Literal["key", "quota", "moderation", "busy", "parameter", "gone"]
Task = dict[str, Any]


class Provider:
    """``creates`` holds the bodies of the creates that were carried out, ``asked`` counts all.

    A subclass says where it is asked (patterns of paths; the last group is the task's id) and how
    it tells a task. Prompts: one with "forbidden" in it is refused, one with "withheld" fails.
    """

    key: ClassVar[str] = "key-4f1d-secret"
    base: ClassVar[str] = ""
    sent_as: ClassVar[tuple[str, str]] = ("authorization", "Bearer {key}")
    create: ClassVar[str]
    ask: ClassVar[str]
    result: ClassVar[str | None] = None
    cancel: ClassVar[tuple[str, str] | None] = None
    listing: ClassVar[str | None] = None
    cancels: ClassVar[tuple[State, ...]] = ("queued", "running")
    video_needs_key: ClassVar[bool] = False

    def __init__(self, moves: tuple[State, ...] = ("queued", "running", "succeeded")) -> None:
        self.moves = moves
        self.creates: list[Any] = []
        self.requests: list[Request] = []
        self.asked = 0
        self.refuse: Kind | None = None
        self.tasks: dict[str, Task] = {}
        self.video = video()
        self.links_dead = False
        self.downloads: list[Mapping[str, str]] = []
        self._faults: deque[Planned] = deque()
        self._numbers = itertools.count(1)
        routes = [
            Route("/cdn/{name:path}", self._send),
            Route("/{path:path}", self._answer, methods=_ALL),
        ]
        self.app = Starlette(routes=routes)

    def fail(self, fault: Fault, *, acts: bool = False) -> None:
        """Let the next create go wrong."""
        self._faults.append(Planned(fault, acts))

    def prompt_of(self, body: Any) -> str:
        """The prompt of a create."""
        return str(body.get("prompt", ""))

    def made(self, task: Task, url: str) -> Any:
        """The answer to a create."""
        raise NotImplementedError

    def told(self, task: Task, state: State, url: str) -> Any:
        """A task; ``url`` is where its video lies."""
        raise NotImplementedError

    def resulted(self, task: Task, state: State, url: str) -> tuple[int, Any]:
        """The answer to the second question."""
        raise NotImplementedError

    def refusal(self, kind: Kind) -> tuple[int, Any]:
        """How it says no."""
        raise NotImplementedError

    def stopped(self, task: Task) -> Any:
        """The answer to a cancel that was carried out."""
        return {}

    def page(self, tasks: list[Any]) -> Any:
        """Its list."""
        raise NotImplementedError

    def new_id(self, number: int, path: str) -> str:
        """A task's name."""
        return f"task-2026-{number}"

    def is_let_in(self, request: Request) -> bool:
        """Whether the key is right."""
        name, value = self.sent_as
        return request.headers.get(name) == value.replace("{key}", self.key)

    async def _answer(self, request: Request) -> Response:
        self.requests.append(request)
        path = request.url.path.removeprefix(self.base)
        if not self.is_let_in(request):
            return _json(self.refusal("key"))
        if request.method == "POST" and re.fullmatch(self.create, path):
            return await self._create(request, path)
        method, pattern = self.cancel or ("", "")
        if request.method == method and (found := re.fullmatch(pattern, path)):
            return self._cancel(found[1])
        if request.method == "GET":
            return self._look(request, path)
        return _json(self.refusal("gone"))

    async def _create(self, request: Request, path: str) -> Response:
        self.asked += 1
        planned = self._faults.popleft() if self._faults else None
        if planned is not None and not planned.acts:
            return await spoilt(planned.fault, request)
        body = await request.json()
        if self.refuse or "forbidden" in self.prompt_of(body):
            return _json(self.refusal(self.refuse or "moderation"))
        id_ = self.new_id(next(self._numbers), path)
        task = {"id": id_, "body": body, "path": path, "looks": 0, "created": time.time()}
        self.creates.append(body)
        self.tasks[id_] = task
        if planned is not None:
            return await spoilt(planned.fault, request)
        return JSONResponse(self.made(task, self._root(request)))

    def _look(self, request: Request, path: str) -> Response:
        if self.listing is not None and re.fullmatch(self.listing, path):
            told = [self._told(task, request) for task in self.tasks.values()]
            return JSONResponse(self.page(told))
        if self.result and (found := re.fullmatch(self.result, path)):
            task = self._found(request, found)
            if task is not None:
                url = self._video_url(task, request)
                return _json(self.resulted(task, self._state(task), url))
        if found := re.fullmatch(self.ask, path):
            task = self._found(request, found)
            if task is not None:
                task["looks"] += 1
                return JSONResponse(self._told(task, request))
        return _json(self.refusal("gone"))

    def _found(self, request: Request, found: re.Match[str]) -> Task | None:
        ids = [*found.groups(), *request.query_params.values()]
        return next((self.tasks[id_] for id_ in reversed(ids) if id_ in self.tasks), None)

    def _cancel(self, id_: str) -> Response:
        task = self.tasks.get(id_)
        if task is None:
            return _json(self.refusal("gone"))
        state = self._state(task)
        if state in ("succeeded", "failed"):
            del self.tasks[id_]  # as some do with what is done
        elif state in self.cancels:
            task["cancelled"] = True
        else:
            return _json(self.refusal("parameter"))
        return JSONResponse(self.stopped(task))

    def _told(self, task: Task, request: Request) -> Any:
        return self.told(task, self._state(task), self._video_url(task, request))

    def _state(self, task: Task) -> State:
        if task.get("cancelled"):
            return "cancelled"
        state = self.moves[min(max(task["looks"] - 1, 0), len(self.moves) - 1)]
        withheld = state == "succeeded" and "withheld" in self.prompt_of(task["body"])
        return "failed" if withheld else state

    def _root(self, request: Request) -> str:
        return str(request.base_url).rstrip("/") + self.base

    def _video_url(self, task: Task, request: Request) -> str:
        name = task["id"].replace("/", "-")
        return f"{str(request.base_url).rstrip('/')}/cdn/{name}.mp4?sig=5ecret"

    async def _send(self, request: Request) -> Response:
        self.downloads.append(request.headers)
        if self.links_dead or (self.video_needs_key and not self.is_let_in(request)):
            return Response(b"AccessDenied", 403)
        return Response(self.video, media_type="video/mp4")


def _json(told: tuple[int, Any]) -> Response:
    return JSONResponse(told[1], told[0])


_ALL = ["GET", "POST", "PUT", "DELETE"]
