"""Faults that a simulated gateway can be told to produce."""

from __future__ import annotations

from collections import deque
from enum import StrEnum

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

_PAGE = """<!doctype html><html><head><title>502 Bad Gateway</title>
<style>body{color:#333}</style></head><body><center><h1>502 Bad Gateway</h1></center>
<script>alert("not text")</script><hr>nginx</body></html>"""
_MADE = "创建视频生成任务失败: "
_DETAILS = {
    "inner_cause": f"{_MADE}400: 处理图片链接失败: 下载图片失败: HTTP 404",
    "session_expired": f"{_MADE}处理图片链接失败: ",
    "upload_refused": "上传失败: 获取上传凭证失败: 未登录",
    "stream_unread": f"{_MADE}解析SSE失败: ",
    "not_unpacked": f"{_MADE}cannot unpack non-iterable NoneType object",
}


class Fault(StrEnum):
    """One kind of faulty response."""

    INNER_CAUSE = "inner_cause"  # 500 with the true cause inside the text; nothing was done
    SESSION_EXPIRED = "session_expired"  # 500: the image was fetched and could not be passed on
    UPLOAD_REFUSED = "upload_refused"  # 500 with a reason; nothing was kept
    STREAM_UNREAD = "stream_unread"  # 500: its provider's answer could not be read; it was done
    NOT_UNPACKED = "not_unpacked"  # 500, the same in other words; it was done
    CONFLICT = "conflict"  # 409, and it was done
    PLAIN_500 = "plain_500"  # 500 without a reason; nothing was done
    HTML_PAGE = "html_page"  # a proxy's page instead of an answer; nothing was done
    RATE_LIMIT = "rate_limit"  # 429 with Retry-After
    BUSY = "busy"  # 429 without
    GARBAGE = "garbage"  # 200 with a body that is no JSON; it was done all the same
    LOST_ANSWER = "lost_answer"  # it was done, and the answer breaks off
    LOST_PAGE = "lost_page"  # it was done, and a proxy's page comes instead of the answer
    SLOW = "slow"  # it was done, and the answer comes late
    GONE = "gone"  # 403, as an expired link answers


#: What is done although the answer goes wrong.
AFTER_ACTING = frozenset(
    {
        Fault.GARBAGE,
        Fault.LOST_ANSWER,
        Fault.LOST_PAGE,
        Fault.SLOW,
        Fault.STREAM_UNREAD,
        Fault.NOT_UNPACKED,
        Fault.CONFLICT,
    }
)


class Faults:
    """Pending faults by route, in order."""

    def __init__(self) -> None:
        self._coming: dict[str, deque[Fault]] = {}

    def add(self, route: str, fault: Fault, times: int) -> None:
        """Make the next responses of a route faulty."""
        self._coming.setdefault(route, deque()).extend([fault] * times)

    def take(self, route: str) -> Fault | None:
        """Return the fault of this request, if one is due."""
        coming = self._coming.get(route)
        return coming.popleft() if coming else None


def spoilt(fault: Fault, good: Response | None) -> Response:
    """Return the faulty response. ``good`` is the one it replaces, if any."""
    if fault is Fault.LOST_ANSWER and good is not None:
        return CutResponse(bytes(good.body))
    if fault is Fault.SLOW and good is not None:
        return good
    if fault is Fault.GARBAGE:
        return Response(b"\x00\xff{", media_type="application/json")
    if fault in _DETAILS:
        return JSONResponse({"detail": _DETAILS[fault]}, 500)
    if fault is Fault.BUSY:
        return JSONResponse({"detail": "请求过于频繁"}, 429)
    if fault is Fault.CONFLICT:
        return JSONResponse({"detail": "Conflict"}, 409)
    if fault is Fault.RATE_LIMIT:
        return JSONResponse({"detail": "请求过于频繁"}, 429, {"Retry-After": "2"})
    if fault is Fault.GONE:
        return Response(b"AccessDenied", 403, media_type="text/plain")
    if fault is Fault.PLAIN_500:
        return Response(b"Internal Server Error", 500, media_type="text/plain")
    return HTMLResponse(_PAGE, 502)


class CutResponse(Response):
    """A response that breaks off halfway, with fewer bytes than announced."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Announce the full length, send half, and close."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": False})
