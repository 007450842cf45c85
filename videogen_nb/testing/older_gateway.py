"""``OlderGateway``: the simulated gateway, as an ASGI app and on a loopback port."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import tzinfo
from pathlib import PurePath
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..errors import BadImage
from ..media.images import quick_check
from ..network import async_client
from ..protocol import PATHS
from ..protocol.models import TaskStatus
from ..protocol.polling import PollingPolicy
from .faults import AFTER_ACTING, Fault, Faults, spoilt
from .serving import served
from .tasks import NO_VIDEO, Fate, StoredTask, naive
from .testcard import video

Handler = Callable[[Request], Awaitable[Response]]


class OlderGateway:
    """A simulated older gateway in this process.

    Args:
        speed: how many times faster than ours its clock runs.
        max_retries: 5 in some versions, 10 in others.
        clock, sleep: the real time in seconds, and a function that waits.
        slow_s: how long a response takes with ``Fault.SLOW``, in seconds of the gateway's clock.
        link_life_s: how long a link works after the video is ready, by the same clock.
        renews_links: whether requesting the status again returns a new link.
        finds_videos: whether it has ``get_url``, which returns fresh links, even for lost tasks.
        zone: its time zone, which is not included in its times; None = ours.
        tells_prompts: whether its tasks include the prompt (not in the protocol's first part).
        video: the MP4 for every task.
    """

    def __init__(
        self,
        speed: float = 60.0,
        *,
        max_retries: int = 5,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        slow_s: float = 600.0,
        link_life_s: float = 3600.0,
        renews_links: bool = False,
        finds_videos: bool = False,
        zone: tzinfo | None = None,
        tells_prompts: bool = False,
        video: bytes | None = None,
    ) -> None:
        self.speed = speed
        self.max_retries = max_retries
        self.link_life_s = link_life_s
        self.renews_links = renews_links
        self.zone = zone
        self.tells_prompts = tells_prompts
        self.fate = Fate()  # of tasks for which nothing else was planned
        self.tasks: list[StoredTask] = []
        self.log: list[str] = []  # routes in the order in which they were asked
        self._video = video
        self._clock, self._sleep, self._slow_s = clock, sleep, slow_s
        self._began = self._paused_at = clock()
        self._paused = False
        self._lost_s = 0.0  # while its clock stood still
        self._fates: deque[Fate] = deque()
        self._faults = Faults()
        self._uploads: dict[str, dict[str, Any]] = {}
        self._secret = secrets.token_bytes(16)
        self.app = Starlette(
            routes=[
                self._route("upload", "/api/file/upload", self._upload, "POST"),
                self._route("generate", "/api/video-gen/generate", self._generate, "POST"),
                self._route("status", "/api/video-gen/status", self._status, "GET"),
                self._route("list", "/api/video-gen/list", self._list, "GET"),
                self._route("video", "/tos/{name}.mp4", self._send_video, "GET"),
                *([self._route("get_url", PATHS.fresh_links, self._get_url, "GET")] * finds_videos),
            ],
            exception_handlers={404: _no_route, 405: _no_route},
        )

    @property
    def polling(self) -> PollingPolicy:
        """The polling policy for this gateway's clock."""
        return PollingPolicy().sped_up(self.speed)

    def now(self) -> float:
        """Return the time of the gateway's clock, in seconds since 1970."""
        ours = self._paused_at if self._paused else self._clock()
        return self._began + (ours - self._lost_s - self._began) * self.speed

    def pause(self) -> None:
        """Stop its clock until ``resume``, so that readers can take their time."""
        if not self._paused:
            self._paused, self._paused_at = True, self._clock()

    def resume(self) -> None:
        """Restart its clock."""
        if self._paused:
            self._paused = False
            self._lost_s += self._clock() - self._paused_at

    def plan(self, *fates: Fate) -> None:
        """Set the fate of the next tasks, in the order of their creation."""
        self._fates.extend(fates)

    def fail(self, route: str, fault: Fault, times: int = 1) -> None:
        """Make the next responses of a route faulty.

        Routes: "upload", "generate", "status", "list", "video", "get_url".
        """
        self._faults.add(route, fault, times)

    def restart(self) -> None:
        """Simulate a restart of its process: unfinished tasks never change again."""
        for task in self.tasks:
            if task.died is None and not task.state(self.now()).status.finished:
                task.died = self.now()

    @contextmanager
    def serve(self) -> Iterator[str]:
        """Serve it on a free loopback port; yield the base URL."""
        with served(self.app) as url:
            yield url

    def _route(self, name: str, path: str, act: Handler, method: str) -> Route:
        async def answer(request: Request) -> Response:
            self.log.append(name)
            fault = self._faults.take(name)
            if fault is None:
                return await act(request)
            good = await act(request) if fault in AFTER_ACTING else None
            if fault is Fault.SLOW:
                await self._sleep(self._slow_s / self.speed)
            return spoilt(fault, good)

        return Route(path, answer, methods=[method])

    async def _upload(self, request: Request) -> Response:
        name = request.query_params.get("file_name", "")
        data = await request.body()
        if request.query_params.get("file_type") != "2" or not PurePath(name).suffix:
            return _fault(f"上传失败: 400: 不支持的文件名: {name or '(空)'}，需要扩展名")
        key = f"tos-cn-i-standin/{secrets.token_hex(16)}{PurePath(name).suffix.lower()}"
        attachment = {
            "key": key,
            "name": name,
            "type": "vlm_image",
            "file_review_state": 3,
            "file_parse_state": 3,
            "identifier": secrets.token_hex(8),
            "option": _size(data),
            "md5": None,
            "size": None,
        }
        self._uploads[key] = attachment
        return JSONResponse(attachment)

    async def _generate(self, request: Request) -> Response:
        body = await _body(request)
        if not isinstance(body, dict) or not isinstance(body.get("prompt"), str):
            missing = [{"loc": ["body", "prompt"], "msg": "Field required", "type": "missing"}]
            return JSONResponse({"detail": missing}, 422)
        if reason := await self._bad_image(body):
            return _fault(f"创建视频生成任务失败: 400: {reason}")
        task = self._add(body)
        return JSONResponse(
            {
                "success": True,
                "message": "视频生成任务已创建，正在处理中...",
                "conversation_id": task.conversation_id,
                "message_id": task.message_id,
                "section_id": task.section_id,
                "task_status": "pending",
                "estimated_time": "预计3-15分钟完成",
            }
        )

    async def _bad_image(self, body: dict[str, Any]) -> str | None:
        if url := body.get("image_url"):
            return await _cannot_fetch(str(url))
        attachment = body.get("image_attachment")
        if attachment is None:
            return None
        known = isinstance(attachment, dict) and self._uploads.get(str(attachment.get("key")))
        return None if attachment == known else "附件无效"

    def _add(self, body: dict[str, Any]) -> StoredTask:
        task = StoredTask(
            conversation_id=str(body.get("conversation_id") or _number()),
            message_id=_number(),
            section_id=str(body.get("section_id") or _number()),
            prompt=body["prompt"],
            created=self.now(),
            max_retries=self.max_retries,
            fate=self._fates.popleft() if self._fates else self.fate,
            request=body,
        )
        self.tasks.append(task)
        return task

    async def _status(self, request: Request) -> Response:
        asked = request.query_params
        for task in self.tasks:
            if task.message_id == asked.get("message_id") and (
                task.conversation_id == asked.get("conversation_id")
            ):
                return JSONResponse({"success": True, "task": self._told(task, request)})
        return JSONResponse({"detail": "任务不存在"}, 404)

    async def _list(self, request: Request) -> Response:
        conversation = request.query_params.get("conversation_id")
        tasks = [t for t in self.tasks if conversation in (None, t.conversation_id)]
        told = [self._told(task, request) for task in tasks]
        return JSONResponse({"success": True, "total": len(told), "tasks": told})

    async def _get_url(self, request: Request) -> Response:
        """Return links to all videos of a conversation, including those of lost tasks."""
        conversation = request.query_params.get("conversation_id")
        made = [
            task
            for task in self.tasks
            if task.conversation_id == conversation and task.has_video(self.now())
        ]
        if not made:
            return _fault(f"获取视频链接失败: 404: {NO_VIDEO}")
        links = [self._link(task, self.now(), request) for task in made]
        return JSONResponse({"success": True, "video_urls": links})

    def _told(self, task: StoredTask, request: Request) -> dict[str, Any]:
        state = task.state(self.now())
        done = state.status is TaskStatus.COMPLETED
        told: dict[str, Any] = {
            "conversation_id": task.conversation_id,
            "message_id": task.message_id,
            "status": state.status.value,
            "video_urls": [self._link(task, task.created + state.moved_s, request)] if done else [],
            "retry_count": state.retry_count,
            "max_retries": task.max_retries,
            "created_at": naive(task.created, self.zone),
            "updated_at": naive(task.created + state.moved_s, self.zone),
            "error": state.error,
        }
        return {**told, "prompt": task.prompt} if self.tells_prompts else told

    def _link(self, task: StoredTask, done: float, request: Request) -> str:
        expires = int((self.now() if self.renews_links else done) + self.link_life_s)
        path = f"tos/{task.message_id}.mp4"
        signature = self._signature(task.message_id, expires)
        return f"{request.base_url}{path}?x-expires={expires}&x-signature={signature}"

    def _signature(self, name: str, expires: int) -> str:
        words = f"{name} {expires}".encode()
        return hmac.new(self._secret, words, hashlib.sha256).hexdigest()

    async def _send_video(self, request: Request) -> Response:
        asked = request.query_params
        told = asked.get("x-expires", "")
        expires = int(told) if told.isascii() and told.isdecimal() else 0
        signature = self._signature(request.path_params["name"], expires)
        if expires < self.now() or not hmac.compare_digest(
            signature, asked.get("x-signature", "").encode("ascii", "replace").decode()
        ):
            return spoilt(Fault.GONE, None)
        return Response(self._video or video(), media_type="video/mp4")


def _number() -> str:
    """Return a decimal id of 17 digits."""
    return str(10**16 + secrets.randbelow(9 * 10**16))


def _fault(detail: str) -> Response:
    """Return a 500 response, as older gateways do for almost everything."""
    return JSONResponse({"detail": detail}, 500)


def _size(data: bytes) -> dict[str, int] | None:
    try:
        facts = quick_check(data)
    except BadImage:
        return None
    return {"height": facts.height, "width": facts.width}


async def _body(request: Request) -> Any:
    try:
        return await request.json()
    except (ValueError, RecursionError):
        return None


async def _cannot_fetch(url: str) -> str | None:
    """Return why an image URL fails, in the words of older gateways."""
    try:
        async with async_client(timeout=20, follow_redirects=True) as http:
            answer = await http.get(url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"处理图片链接失败: 下载图片失败: {error or type(error).__name__}"
    if answer.is_success:
        return None
    return f"处理图片链接失败: 下载图片失败: HTTP {answer.status_code}"


async def _no_route(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    return JSONResponse({"detail": "Not Found" if status == 404 else "Method Not Allowed"}, status)
