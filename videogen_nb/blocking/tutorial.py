"""The blocking functions that tutorials use. They accept and return the protocol's dictionaries.

The work is done by the async client; this module prints the messages.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any, Unpack

from ..client import VideoClient
from ..client.images.loading import ImageSource, load
from ..client.task_ids import by_numbers
from ..client.tasks import OnChange
from ..client.transport import OnProgress
from ..client.watch import completed
from ..errors import TaskError, WaitTimeout
from ..i18n import Text
from ..media.video import Video
from ..protocol import models
from ..protocol.models import TaskId, TaskStatus
from ..protocol.parameters import CreateArguments, expand
from ..protocol.status_texts import STATES
from ..protocol.values import as_limit
from ..text.console import say
from .call import iterate
from .connection import connect
from .interrupts import explain

if TYPE_CHECKING:
    from ..protocol.models import CreateAnswer, VideoTask

__all__ = [
    "check_video_status",
    "create_video_task",
    "download_image_from_url",
    "generate",
    "upload_image",
    "wait_for_video",
]

_TICK_S = 30.0  # between lines while nothing changes

_FETCHING = Text("📥 Downloading the image from {url}...", "📥 从 URL 下载图片: {url}...")
_FETCHED = Text("✅ Downloaded, {size} bytes", "✅ 下载成功，大小: {size} 字节")
_UPLOADING = Text("📤 Uploading the image to the gateway's server...", "📤 上传图片到豆包服务器...")
_UPLOADING_HERE = Text("📤 Uploading the image to the gateway...", "📤 上传图片到网关...")
_UPLOADED = Text("✅ Uploaded!", "✅ 上传成功!")
_FROM_IMAGE = Text("🎬 Creating a task from the image...", "🎬 创建图生视频任务...")
_FROM_WORDS = Text("🎬 Creating a task from text...", "🎬 创建文生视频任务...")
_PROMPT = Text("   Prompt: {prompt}", "   提示词: {prompt}")
_CREATED = Text("✅ Task created!", "✅ 任务创建成功!")
_CONVERSATION = Text("   Conversation ID: {id}", "   会话ID: {id}")
_MESSAGE = Text("   Message ID: {id}", "   消息ID: {id}")
_ESTIMATE = Text("   Estimated time: {time}", "   {time}")  # Chinese ones say it
_WAITING = Text("⏳ Waiting for the video...", "⏳ 等待视频生成...")
_QUIET = Text("   Note: the first attempt starts after 3 minutes", "   提示：首次尝试在3分钟后开始")
_STATUS = Text("📊 Status: {status}", "📊 状态更新: {status}")
_TRY = Text(" (attempt {n}/{most})", " (重试 {n}/{most})")
_STILL = Text(
    "⏳ Waiting... {minutes} min | {status}", "⏳ 等待中... {minutes}分钟 | 状态: {status}"
)
_DONE = Text("✅ The video is ready!", "✅ 视频生成完成!")
_SHOWN = Text("   {line}", "   {line}")
_LINKS = Text("   {n} {n:link|links}:", "   获取到 {n} 个视频链接:")
_NONE = Text("❌ No video: {reason}", "❌ 没有视频：{reason}")
_LATE = Text("⏰ {reason}", "⏰ {reason}")
_COME_BACK = Text(
    '⏸ Stopped waiting; the task continues. Resume with: wait_for_video("{conversation}", '
    '"{message}")',
    '⏸ 已停止等待，任务仍在进行。继续等待：wait_for_video("{conversation}", "{message}")',
)


def download_image_from_url(image_url: str) -> bytes:
    """Download an image for ``upload_image`` and return its bytes.

    Raises:
        BadImage: it is not a supported image. GatewayError: it could not be downloaded.
    """
    say(_FETCHING(url=image_url))
    data = connect().download_image(image_url).result()
    say(_FETCHED(size=len(data)))
    return data


def upload_image(image_data: ImageSource, filename: str | None = None) -> dict[str, Any]:
    """Upload an image: its bytes, its path, a data URL, base64 or a Pillow image.

    Return the attachment for ``create_video_task``.

    Raises:
        BadImage: the image cannot be used; nothing was sent.
    """
    videos = connect()
    say(_UPLOADING_HERE if videos.is_ours().result() else _UPLOADING)
    loaded = load(image_data, filename)
    attachment = videos.upload_image(loaded).result().to_wire()
    say(_UPLOADED, f"   Key: {attachment['key']}", f"   Type: {attachment.get('type', '-')}")
    say(*([loaded.note] if loaded.note else []), "")
    return attachment


def create_video_task(
    prompt: str, image_attachment: Mapping[str, Any] | None = None, **request: Any
) -> dict[str, Any]:
    """Create a task and return its ``conversation_id`` and ``message_id`` in a dictionary.

    Args:
        prompt: 1 to 4,000 characters.
        image_attachment: the result of ``upload_image``, used as the video's first frame.
        **request: further arguments of ``VideoClient.create_task``, such as ``image_url``,
            ``guest``, ``duration``, ``seed``.

    Raises:
        BadPrompt, BadParameter: the request is invalid; nothing was sent.
        OutcomeUnknown: the request was sent but the response was lost; the task may or may not
            exist.
    """
    arguments = {"attachment": image_attachment, **request}
    images = [arguments.get(name) for name in ("attachment", "image_url", "images")]
    say(
        _FROM_IMAGE if any(image is not None for image in images) else _FROM_WORDS,
        _PROMPT(prompt=prompt),
    )
    videos = connect()
    answer = videos.submit(_create(videos.client, prompt, arguments)).result()
    say(
        _CREATED,
        _CONVERSATION(id=answer.conversation_id),
        _MESSAGE(id=answer.message_id),
        *([_ESTIMATE(time=answer.estimated_time)] if answer.estimated_time else []),
        *([] if answer.task else videos.client.created(answer).notes),  # what may be ignored
        "",
    )
    return answer.model_dump(mode="json", exclude_unset=True)


def check_video_status(conversation_id: str | int, message_id: str | int) -> dict[str, Any]:
    """Return a task as the protocol's dictionary: ``["status"]``, ``["video_urls"]`` …

    Raises:
        TaskNotFound: the gateway does not know the task.
    """
    task = connect().get_task(by_numbers(conversation_id, message_id)).result()
    return task.model_dump(mode="json", exclude_unset=True)


def wait_for_video(
    conversation_id: str | int, message_id: str | int, max_wait_minutes: float = 20
) -> list[str] | None:
    """Wait for a task's video, print progress, and return the links to it.

    If the task fails or takes too long, print why and return None; ``connect().wait(…)`` raises an
    error instead. Ctrl-C stops the wait, not the task.

    Args:
        conversation_id, message_id: the task's ids, as ``create_…_task`` returned them.
        max_wait_minutes: how long to wait.

    Raises:
        TaskNotFound: the gateway does not know the task. GatewayError: no response.
    """
    task = by_numbers(conversation_id, message_id)
    minutes = as_limit("max_wait_minutes", max_wait_minutes)
    limit_s = None if minutes is None else 60 * minutes
    urls: list[str] = []
    drawn: list[Text] = []
    videos = connect()
    watched = videos.watched(lines=False)  # those printed here say the same
    story = _story(videos.client, task, limit_s, watched.on_change())
    try:
        with watched:
            for news in iterate(story, watched.between()):
                if isinstance(news, models.VideoTask):
                    urls = list(news.video_urls)
                    drawn = [_SHOWN(line=news.drawn.line)] if news.drawn else []
                else:
                    say(news)
    except KeyboardInterrupt as error:
        explain(error, _COME_BACK(conversation=conversation_id, message=message_id))
        raise
    except WaitTimeout as late:
        say("", _LATE(reason=late.text), "")
        return None
    except TaskError as ended:
        say("", _NONE(reason=ended.text), "")
        return None
    say(
        "",
        _DONE,
        *drawn,
        _LINKS(n=len(urls)),
        *(f"   {n}. {url}" for n, url in enumerate(urls, 1)),
        "",
    )
    return urls


@expand
def generate(
    prompt: str,
    image: Any = None,
    *,
    path: str | os.PathLike[str] | None = None,
    max_wait_s: float | None = None,
    on_change: OnChange | None = None,
    on_progress: OnProgress | None = None,
    progress: bool | None = None,
    **arguments: Unpack[CreateArguments],
) -> Video:
    """Generate a video from a prompt, or a prompt and an image; block until it is saved.

    Ctrl-C stops the wait, not the task.

    ``connect().generate(…)`` returns a future immediately instead. Arguments and errors are those
    of ``Connection.generate``.
    """
    call = connect().generate(
        prompt,
        image,
        path=path,
        max_wait_s=max_wait_s,
        on_change=on_change,
        on_progress=on_progress,
        progress=progress,
        **arguments,
    )
    return call.result()


async def _create(client: VideoClient, prompt: str, arguments: Mapping[str, Any]) -> CreateAnswer:
    return await client.send_request(await client.prepare_request(prompt, **arguments))


async def _story(
    client: VideoClient, task: TaskId, max_wait_s: float | None, on_change: OnChange
) -> AsyncIterator[Text | str | VideoTask]:
    """Yield lines to print while waiting for a task, and finally the completed task."""
    clock, sleep = client.times.clock, client.times.sleep
    began = clock()
    yield _WAITING
    if not await client.is_ours():
        yield _QUIET
    yield ""
    changes = client.watch(task, max_wait_s=max_wait_s)
    coming = asyncio.ensure_future(_next(changes))
    tick = asyncio.ensure_future(sleep(_TICK_S))
    last: VideoTask | None = None
    try:
        while True:
            await asyncio.wait([coming, tick], return_when=asyncio.FIRST_COMPLETED)
            if coming.done():
                if (seen := coming.result()) is None:
                    break
                on_change(seen)
                if line := _news(last, seen):
                    yield line
                last, coming = seen, asyncio.ensure_future(_next(changes))
            elif last is not None:
                yield _STILL(minutes=f"{(clock() - began) / 60:.1f}", status=STATES[last.status])
                tick = asyncio.ensure_future(sleep(_TICK_S))
    finally:
        coming.cancel()
        tick.cancel()
        await asyncio.wait([coming, tick])
        await changes.aclose()
    assert last is not None  # watch yields at least once or raises
    yield completed(last)


async def _next(changes: AsyncIterator[VideoTask]) -> VideoTask | None:
    return await anext(changes, None)


def _news(last: VideoTask | None, seen: VideoTask) -> Text | None:
    """Return the line to print for a change of status or a new attempt."""
    before = (last.status, last.retry_count) if last else (TaskStatus.PENDING, 0)
    if seen.status.finished or (seen.status, seen.retry_count) == before:
        return None
    again = _TRY(n=seen.retry_count, most=seen.max_retries) if seen.retry_count else ""
    return _STATUS(
        status=Text("{status}{again}", "{status}{again}")(status=STATES[seen.status], again=again)
    )
