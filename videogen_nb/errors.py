"""All exceptions, as one tree.

::

    VideogenError
    ├── BadInput                 the input is invalid; nothing was sent or stored
    │   ├── BadImage             unsupported format, too large, truncated …
    │   ├── BadPrompt            empty, too long, control characters
    │   ├── BackupDamaged        a backup that is truncated or changed; nothing was restored
    │   ├── BadParameter         unknown engine, duration out of range, unknown ratio …
    │   └── BadRows              all invalid rows of a table
    ├── GatewayError             the gateway could not be reached, or returned an error
    │   ├── GatewayUnreachable   nothing responds at its address
    │   ├── GatewayTimeout       it did not respond in time
    │   ├── AnswerUnreadable     its response does not follow the protocol
    │   ├── RequestRefused       4xx: status, code and detail say why
    │   │   ├── NotAllowed       401/403: token or origin
    │   │   ├── TaskNotFound     404 for a task
    │   │   └── RateLimited      429; retry_after_s if it was given
    │   ├── GatewayFault         5xx
    │   └── OutcomeUnknown       sent, but the response was lost: it may or may not exist
    ├── TaskError                carries .task
    │   ├── TaskFailed           it ended as failed
    │   ├── TaskCancelled        it ended as cancelled
    │   ├── TaskStalled          its status is processing, but it no longer changes
    │   └── WaitTimeout          the waiting ended; the task continues and can be waited for again
    ├── DownloadError            carries .task and .url; nothing is left under the final name
    │   ├── LinkExpired          the link has expired and could not be renewed
    │   ├── VideoChanged         another program changed the gateway's file
    │   └── NotAVideo            the download is truncated or cannot be decoded
    ├── EditError                videos could not be joined or exported
    │   └── EditCancelled        it was cancelled
    ├── EngineError              an engine failed
    │   ├── EngineCancelled      it was cancelled
    │   └── UpstreamError        a provider could not be reached, or refused
    │       ├── UpstreamRefused  it refused; nothing was created
    │       ├── UpstreamBusy     it is busy; nothing was created; retry_after_s if it was given
    │       ├── UpstreamAway     not reached, or no usable response; nothing was created
    │       ├── UpstreamUnsure   sent, but the response was lost: it may or may not exist
    │       └── UpstreamGone     it no longer has the task
    └── LocalGatewayError        the local gateway could not be found, started or replaced

Each class has a stable ``code``, a default message (``text``) in both languages, and details as
attributes. ``str(error)`` is in the user's language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from .i18n import Text
from .text.ipython import rendered

if TYPE_CHECKING:
    from .protocol.models import VideoTask


_SHOWN_ROWS: Final = 10
_ROW: Final = Text("Row {row}: {why}", "第 {row} 行：{why}")
_LINE: Final = Text("{before}\n  Row {row}: {why}", "{before}\n  第 {row} 行：{why}")
_ROWS: Final = Text(
    "{count} of {total} {total:row|rows} {count:is|are} invalid, so nothing was "
    "created.{shown}{more}",
    "{total} 行中有 {count} 行无效，因此未创建任何任务。{shown}{more}",
)
_MORE_ROWS: Final = Text("\n  … and {n} more", "\n  ……另有 {n} 行")


class VideogenError(Exception):
    """The base class of all exceptions that this package raises on purpose."""

    code: str = "error"
    default: ClassVar[Text] = Text("Something went wrong.", "出错了。")

    def __init__(self, text: Text | str | None = None, *, code: str | None = None) -> None:
        if isinstance(text, str):
            text = Text.same(text)
        self.text = text or self.default
        if code is not None:
            self.code = code  # an instance may be more exact than its class
        super().__init__(self.text)

    def __str__(self) -> str:
        return self.text.render()

    def _render_traceback_(self) -> list[str]:
        """Return the traceback that IPython shows."""
        return rendered(self)


class BadInput(VideogenError):
    code = "bad_input"
    default = Text("Invalid input.", "无法使用该输入。")


class BadImage(BadInput):
    code = "bad_image"
    default = Text(
        "This image cannot be used. Allowed: JPG, PNG, WEBP or HEIC.",
        "该图片无法使用。支持 JPG、PNG、WEBP、HEIC。",
    )


class BadPrompt(BadInput):
    code = "bad_prompt"
    default = Text(
        "The prompt is empty. Describe the video in words.",
        "提示词为空，请用文字描述要生成的视频。",
    )


class BackupDamaged(BadInput):
    """A backup that cannot be restored."""

    code = "backup_damaged"
    default = Text("The backup is damaged.", "备份已损坏。")


class BadParameter(BadInput):
    code = "bad_parameter"
    default = Text("Invalid parameter.", "参数无效。")


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A problem with one row of a table, counted from 1."""

    row: int
    code: str
    text: Text

    def __str__(self) -> str:
        return str(_ROW(row=self.row, why=self.text))


class BadRows(BadInput):
    """Some rows are invalid, so nothing was created. ``rows`` lists all of them."""

    code = "rows_refused"

    def __init__(self, rows: Sequence[RowProblem], total: int) -> None:
        shown = Text("", "")
        for problem in rows[:_SHOWN_ROWS]:
            shown = _LINE(before=shown, row=problem.row, why=problem.text)
        more = _MORE_ROWS(n=len(rows) - _SHOWN_ROWS) if len(rows) > _SHOWN_ROWS else ""
        super().__init__(_ROWS(count=len(rows), total=total, shown=shown, more=more))
        self.rows = tuple(rows)


class GatewayError(VideogenError):
    """The gateway failed or refused. Has ``url`` and, if it responded, ``status`` and ``detail``.

    ``sent`` says whether any of the request may have reached the gateway, ``ours`` whether the
    response came from one of our gateways, whose messages can be shown as they are.
    """

    code = "gateway_error"
    default = Text("The gateway could not handle the request.", "网关未能完成请求。")

    def __init__(
        self,
        text: Text | str | None = None,
        *,
        code: str | None = None,
        url: str | None = None,
        status: int | None = None,
        detail: str | None = None,
        retry_after_s: float | None = None,
        sent: bool = True,
        ours: bool = False,
    ) -> None:
        super().__init__(text, code=code)
        self.sent = sent
        self.ours = ours
        self.url = url
        self.status = status
        self.detail = detail
        self.retry_after_s = retry_after_s


class GatewayUnreachable(GatewayError):
    code = "gateway_unreachable"
    default = Text("The gateway is not reachable.", "该地址没有网关响应。")


class GatewayTimeout(GatewayError):
    code = "gateway_timeout"
    default = Text("The gateway did not respond in time.", "网关未在规定时间内响应。")


class AnswerUnreadable(GatewayError):
    code = "answer_unreadable"
    default = Text(
        "The server does not speak the video-gen protocol.",
        "该地址的响应不符合 video-gen 协议。",
    )


class RequestRefused(GatewayError):
    code = "request_refused"
    default = Text("The gateway refused the request.", "网关拒绝了请求。")


class NotAllowed(RequestRefused):
    code = "not_allowed"
    default = Text(
        "Access denied. Set VIDEOGEN_TOKEN to the gateway's token.",
        "网关拒绝访问，请将 VIDEOGEN_TOKEN 设置为该网关的令牌。",
    )


class TaskNotFound(RequestRefused):
    code = "task_not_found"
    default = Text("Task not found.", "网关中没有该任务。")


class RateLimited(RequestRefused):
    code = "rate_limited"
    default = Text("Too many requests. Slow down.", "请求过于频繁，请稍后再试。")


class GatewayFault(GatewayError):
    code = "gateway_fault"
    default = Text("The gateway failed.", "网关出现故障。")


class OutcomeUnknown(GatewayError):
    """The response to a create request was lost, and the task was not found in the list.

    ``candidates`` are tasks that have appeared in the list since and could be it.
    """

    candidates: tuple[VideoTask, ...] = ()
    code = "outcome_unknown"
    default = Text(
        "The request was sent but the response was lost: the task may or may not exist. It was "
        "not sent again. Check the list before you retry.",
        "请求已发送，但未收到响应：任务可能已创建，也可能没有。未自动重发，请先在任务列表中查找。",
    )


class TaskError(VideogenError):
    """A task did not complete. ``task`` is its last known state."""

    code = "task_error"

    def __init__(self, task: VideoTask, text: Text | str | None = None) -> None:
        super().__init__(text)
        self.task = task


class TaskFailed(TaskError):
    code = "task_failed"
    default = Text("The video could not be generated.", "视频生成失败。")


class TaskCancelled(TaskError):
    code = "task_cancelled"
    default = Text("The task was cancelled.", "任务已取消。")


class TaskStalled(TaskError):
    code = "task_stalled"
    default = Text(
        "The task stopped changing: its gateway has probably restarted and lost it.",
        "任务已不再变化：网关可能已重启并丢失了该任务。",
    )


class WaitTimeout(TaskError):
    code = "wait_timeout"
    default = Text(
        "Stopped waiting; the task continues. Keep waiting with the same task id.",
        "已停止等待，但任务仍在进行，可用同一任务 ID 继续等待。",
    )


class DownloadError(VideogenError):
    code = "download_failed"
    default = Text("The video could not be downloaded.", "视频下载失败。")

    def __init__(
        self,
        text: Text | str | None = None,
        *,
        task: VideoTask | None = None,
        url: str | None = None,
    ) -> None:
        super().__init__(text)
        self.task = task
        self.url = url


class LinkExpired(DownloadError):
    code = "link_expired"
    default = Text("The link to the video has expired.", "视频链接已过期。")


class VideoChanged(DownloadError):
    code = "video_changed"
    default = Text(
        "The stored video was changed by another program.",
        "该视频的存储文件已被其他程序修改。",
    )


class NotAVideo(DownloadError):
    code = "not_a_video"
    default = Text(
        "The download is incomplete or not a video. Nothing was saved; try again.",
        "收到的内容不完整或不是视频，未保存，请重试。",
    )


class EditError(VideogenError):
    code = "edit_failed"
    default = Text("The video could not be written.", "无法写入视频。")


class EditCancelled(EditError):
    code = "cancelled"
    default = Text("Stopped on request. Nothing was written.", "已按要求停止，未写入任何文件。")


class EditWarning(UserWarning):
    """An edit succeeded, but something of the original could not be kept."""


class EngineError(VideogenError):
    code = "engine_error"
    default = Text("The engine could not generate the video.", "引擎未能生成视频。")


class EngineCancelled(EngineError):
    code = "cancelled"
    default = Text("Stopped on request.", "已按要求停止。")


class UpstreamError(EngineError):
    """A provider's error, without any key. ``retry_after_s`` is set if the provider gave it."""

    code = "upstream_error"
    default = Text("The provider could not handle the request.", "服务商未能完成请求。")

    def __init__(
        self,
        text: Text | str | None = None,
        *,
        code: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(text, code=code)
        self.retry_after_s = retry_after_s


class UpstreamRefused(UpstreamError):
    code = "upstream_refused"
    default = Text("The provider rejected the request.", "服务商拒绝了请求。")


class UpstreamBusy(UpstreamError):
    code = "upstream_busy"
    default = Text(
        "The provider is busy; the request will be sent again later.",
        "服务商繁忙，稍后将自动重试。",
    )


class UpstreamAway(UpstreamError):
    """The provider could not be reached or gave no usable response; try again.

    Nothing was created by this request: if that is unknown, :class:`UpstreamUnsure` is raised.
    """

    code = "upstream_away"
    default = Text("The provider cannot be reached.", "无法连接服务商。")


class UpstreamUnsure(UpstreamError):
    code = "outcome_unknown"
    default = Text(
        "The request was sent to the provider but the response was lost: the video may have been "
        "created and billed. It was not sent again. Check with the provider before you retry.",
        "请求已发往服务商，但未收到响应：视频可能已在生成并计费，也可能没有。"
        "未自动重发，请先到服务商处查询，再决定是否重试。",
    )


class UpstreamGone(UpstreamError):
    code = "upstream_gone"
    default = Text(
        "The provider no longer knows this task, most likely because it restarted.",
        "服务商已查不到该任务，通常是因为对方重启过。",
    )


class LocalGatewayError(VideogenError):
    """The local gateway failed. ``log`` has the last lines of its output, if any."""

    code = "local_gateway"
    default = Text("The local gateway could not be started.", "无法启动本地网关。")

    def __init__(
        self,
        text: Text | str | None = None,
        *,
        code: str | None = None,
        log: str | None = None,
    ) -> None:
        super().__init__(text, code=code)
        self.log = log


def evidence(error: BaseException) -> dict[str, Any]:
    """Return an error as plain values for ``--json`` and logs: code, message, and the task's id."""
    task = getattr(error, "task", None)
    rows = {"rows": [*map(_row_evidence, error.rows)]} if isinstance(error, BadRows) else {}
    return {
        "code": getattr(error, "code", "error"),
        "message": str(error),
        "task": task.id if task is not None else None,
        **rows,
    }


def _row_evidence(problem: RowProblem) -> dict[str, Any]:
    return {"row": problem.row, "code": problem.code, "message": str(problem.text)}
