"""Converting error responses to exceptions.

Our gateways use the right status and a stable ``code``. Older ones return 500 for almost
everything, with the true cause in the text:
``"创建视频生成任务失败: 400: 处理图片链接失败: …"``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..errors import (
    AnswerUnreadable,
    GatewayError,
    GatewayFault,
    NotAllowed,
    RateLimited,
    RequestRefused,
    TaskNotFound,
)
from ..i18n import Text
from ..security.redaction import without_passwords
from .polling import parse_retry_after
from .requests import PATHS
from .responses import parse_json, tells_all

if TYPE_CHECKING:
    from .models import VideoTask

_LONGEST = 300

_REFUSED = Text("The gateway refused the request: {reason}", "网关拒绝了请求：{reason}")
_FAULT = Text(
    "The gateway failed (HTTP {status}): {reason}", "网关出现故障（HTTP {status}）：{reason}"
)
_SLOW_DOWN = Text("Too many requests: {reason}", "网关提示请求过于频繁，请稍后再试：{reason}")
_NOT_OFFERED = Text(
    "The gateway at {place} does not support this ({path}). Older gateways can only create, "
    "show and list tasks.",
    "{place} 的网关不提供此功能（{path}）。旧版网关只能创建、查询和列出任务。",
)
_NO_GATEWAY = Text(
    "{place} is not a video-gen gateway: it has no {path}. Check the address (VIDEOGEN_URL, "
    "--url); without one, the local gateway is used.",
    "{place} 不是 video-gen 网关的地址：那里没有 {path}。请检查地址（VIDEOGEN_URL、--url）；"
    "不指定地址则使用本地网关。",
)
_MOVED = Text(
    "{place} redirects to {target}. Use the address of the gateway itself.",
    "{place} 重定向到其他地址（{target}）。请使用网关本身的地址。",
)
_NO_IMAGE_STATUS = Text(
    "The gateway could not download the image: the link returned HTTP {status}. Open it in a "
    "browser to check it, or upload the image instead.",
    "网关无法下载图片：该链接返回 HTTP {status}。请在浏览器中检查链接，或改为上传图片。",
)
_NO_IMAGE = Text(
    "The gateway could not download the image: {reason}. Check the link, or upload the image.",
    "网关无法下载图片：{reason}。请检查链接，或改为上传图片。",
)
_NOT_PASSED_ON = Text(
    "The gateway downloaded the image, but its service did not accept it ({reason}). The "
    "session there has probably expired, or there were too many requests: log the gateway "
    "in again, or try again later.",
    "网关已下载图片，但其服务商没有接收（{reason}）。很可能是登录会话已过期或请求过于频繁："
    "请让网关重新登录该服务，或稍后再试。",
)
NO_REASON = Text("no reason given", "未说明原因")
_AND_NO_REASON = Text("{words} no reason given", "{words}未说明原因")
_NO_VIDEO = Text(
    "No video was generated: the gateway checked {count} times and found none ({reason}). The "
    "service may have rejected the prompt; change it, or try again later.",
    "未生成视频：网关查询了 {count} 次都没有结果（{reason}）。"
    "提示词可能未通过审核，请换个说法或稍后再试。",
)
_FAILED = Text("The video could not be generated: {reason}", "视频生成失败：{reason}")

# An inner "400: " as FastAPI's HTTPException prints itself inside an older gateway's text.
_INNER = re.compile(r"(?<![\d.])([45]\d\d)\s*[:：]\s*(.*)", re.DOTALL)
_ABOUT_IMAGE = re.compile(r"^(?:[^:：]*(?:处理图片链接失败|下载图片失败)\s*[:：]?)+\s*")
_HTTP = re.compile(r"HTTP\D{0,4}(\d{3})")
_ABOUT_ONE_TASK = (PATHS.status, PATHS.cancel, PATHS.retry, PATHS.task)
_EVERY_GATEWAY_HAS = (PATHS.upload, PATHS.generate, PATHS.status, PATHS.list)
_MAY_PASS = (408, 409, 425)  # no older gateway says so itself: what stands before it does
_NO_ROUTE = {404: "Not Found", 405: "Method Not Allowed", 501: None}  # and how FastAPI says it


def read_error(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    url: str,
    *,
    now: datetime | None = None,
) -> GatewayError:
    """Return the error for a response other than 2xx.

    ``detail`` is the gateway's own message; None if there was only a page (a proxy's, say).

    Args:
        headers: the response's headers, case-insensitive or lower case.
        now: used for a ``Retry-After`` date; None = the current time.
    """
    told = _told(body)
    words, code = told if told is not None else (plain_words(body), None)
    older = status >= 500 and told is not None and code is None
    inner = _INNER.search(words) if older else None
    reason = words
    if inner:
        status, reason = int(inner[1]), inner[2].strip()
    if not inner and status in _NO_ROUTE and (told is None or words == _NO_ROUTE[status]):
        return RequestRefused(_no_route(url), url=url, status=status)
    kind, text = _verdict(status, reason, url, headers, ours=code is not None, inner=bool(inner))
    retry_after = headers.get("retry-after", headers.get("Retry-After"))
    return kind(
        text,
        code=code,
        url=url,
        status=status,
        detail=words or None if told is not None else None,
        ours=code is not None,
        retry_after_s=parse_retry_after(retry_after, now or datetime.now(UTC)),
    )


def failure(task: VideoTask) -> Text:
    """Return why a task failed, as a sentence."""
    reason = (task.error or "").strip()
    if tells_all(task) or not reason:  # what a gateway of ours says is a sentence for people
        return _FAILED(reason=reason or NO_REASON)
    if "未获取到视频" in reason:
        return _NO_VIDEO(count=task.retry_count or task.max_retries or 1, reason=reason)
    inner = _INNER.search(reason)
    return _cause(inner[2].strip() if inner else reason, _FAILED)


def plain_words(body: bytes) -> str:
    """Return a summary of a page that is not ours: its title or text, at most 300 characters."""
    text = body[:65536].decode("utf-8", "replace")
    if "<" in text:
        title = re.search(r"<title[^>]*>(.*?)</title\s*>", text, re.IGNORECASE | re.DOTALL)
        if title and title[1].strip():
            text = title[1]
        else:
            text = re.sub(r"(?is)<(script|style)\b.*?(</\1\s*>|$)", " ", text)
            text = re.sub(r"<[^>]*>?", " ", text)
        text = unescape(text)
    return _one_line(text)


def _verdict(
    status: int,
    words: str,
    url: str,
    headers: Mapping[str, str],
    *,
    ours: bool,
    inner: bool,
) -> tuple[type[GatewayError], Text | None]:
    parts, reason = urlsplit(url), _reason(words)
    if 300 <= status < 400:
        target = headers.get("location", headers.get("Location", "?"))
        target = without_passwords(target)[:200]
        return AnswerUnreadable, _MOVED(place=_place(url), target=target)
    if ours:
        return _class(status, parts.path, inner), reason
    if status == 404 and not inner and parts.path.endswith(_ABOUT_ONE_TASK):
        return TaskNotFound, None
    if status in (401, 403) and not inner:
        return NotAllowed, None
    if status == 429:
        return RateLimited, _SLOW_DOWN(reason=reason)
    if status >= 500 or status in _MAY_PASS:
        return GatewayFault, _cause(words, _FAULT(status=status))
    return _class(status, parts.path, inner), _cause(words, _REFUSED)


def _no_route(url: str) -> Text:
    """Return the error for an unknown path: another program, or an older gateway."""
    path = urlsplit(url).path
    told = _NO_GATEWAY if path.endswith(_EVERY_GATEWAY_HAS) else _NOT_OFFERED
    return told(place=_place(url), path=path)


def _class(status: int, path: str, inner: bool) -> type[GatewayError]:
    """Return the class by status only; an inner 401 or 404 is about something else."""
    if status >= 500:
        return GatewayFault
    if status == 429:
        return RateLimited
    if status in (401, 403) and not inner:
        return NotAllowed
    if status == 404 and not inner and path.endswith(_ABOUT_ONE_TASK):
        return TaskNotFound
    return RequestRefused


def _cause(words: str, otherwise: Text) -> Text:
    """Return the cause of an older gateway's image error: the link, or the upload."""
    if not re.search("下载图片失败|处理图片链接失败", words):
        return otherwise(reason=_reason(words))
    behind = _reason(_ABOUT_IMAGE.sub("", words).strip())
    if "下载图片失败" not in words:
        return _NOT_PASSED_ON(reason=behind)
    if answered := _HTTP.search(words):
        return _NO_IMAGE_STATUS(status=answered[1])
    return _NO_IMAGE(reason=behind)


def _reason(words: str) -> Text:
    """Return a gateway's own message, or a text that says that no reason was given."""
    if not words:
        return NO_REASON
    return _AND_NO_REASON(words=words) if words.endswith((":", "：")) else Text.same(words)


def _told(body: bytes) -> tuple[str, str | None] | None:
    """Return ``detail`` and ``code`` of a JSON response; None if it has no reason."""
    try:
        data = parse_json(body)
    except ValueError:
        return None
    if not isinstance(data, dict):
        return None
    given = [data[key] for key in ("detail", "message", "error") if key in data]
    if not given:
        return None
    code = data.get("code")
    detail = next((value for value in given if value), "")
    return _one_line(_flat(detail)), code if isinstance(code, str) else None


def _flat(detail: Any) -> str:
    """Return FastAPI's list of 422 problems, or anything else, as one sentence."""
    if isinstance(detail, str):
        return detail
    if isinstance(detail, list) and all(isinstance(item, dict) for item in detail):
        return "; ".join(_problem(item) for item in detail[:5])
    return json.dumps(detail, ensure_ascii=False, default=str)


def _problem(item: dict[str, Any]) -> str:
    loc = item.get("loc")
    where = ".".join(str(part) for part in loc if part != "body") if isinstance(loc, list) else ""
    return f"{where}: {item.get('msg', '?')}" if where else str(item.get("msg", "?"))


def _one_line(text: str) -> str:
    text = "".join(c if c.isprintable() else " " for c in text)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
