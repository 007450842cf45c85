"""Downloading videos to files, and images to memory."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from ..errors import (
    BadImage,
    BadInput,
    DownloadError,
    GatewayError,
    GatewayFault,
    LinkExpired,
    NotAVideo,
    RateLimited,
    VideoChanged,
)
from ..i18n import Text
from ..media.video import Video
from ..protocol import read_error, read_links, tells_all
from ..protocol import requests as wire
from ..protocol.models import TaskStatus
from ..protocol.polling import parse_retry_after
from ..settings import Settings
from . import video_files
from .follow_links import absolute, opened
from .images.loading import load
from .images.references import name_in
from .threads import in_thread
from .transport import Exchange, OnProgress, place
from .watch import completed

if TYPE_CHECKING:
    from ..protocol.models import VideoTask

_EXPIRED = (401, 403, 404, 410)
_CHANGED = 410  # says a gateway of ours, of a video that another program has changed
_TRIES = 3  # a video that arrives broken so often is broken where it lies

_GONE = Text(
    "The link to the video no longer works ({place} returned HTTP {status}), and the gateway "
    "has no newer one. Such links expire: download videos soon after they are generated.",
    "视频链接已失效（{place} 返回 HTTP {status}），网关也没有新的链接。"
    "此类链接有时效，请在生成后及时下载。",
)
_NOT_DONE = Text(
    "Task {id} is {status}, so there is no video yet. Wait for it first.",
    "任务 {id} 的状态为 {status}，视频尚未生成，请先等待其完成。",
)
_NO_LINK = Text(
    "Task {id} is completed, but the gateway provided no link to its video.",
    "任务 {id} 已完成，但网关没有给出视频链接。",
)
_ANSWERED = Text("{place} returned HTTP {status}.", "{place} 返回 HTTP {status}。")
_ENCODED = Text(
    "The video was sent with the unexpected encoding {encoding}. Nothing was saved.",
    "收到的视频带有未请求的压缩编码 {encoding}，未保存。",
)
_NOT_IN_TIME = Text(
    "The download did not finish within {seconds:g} s. Nothing was saved; try again.",
    "视频未能在 {seconds:g} 秒内下载完成，未保存，请重试。",
)
_IMAGE_TOO_LARGE = Text(
    "The image at {place} is larger than {limit:g} MiB.", "{place} 的图片超过 {limit:g} MiB。"
)


class Downloader:
    """Downloads videos from one gateway into one folder."""

    def __init__(
        self,
        exchange: Exchange,
        output: Path,
        refresh: Callable[[VideoTask], Awaitable[VideoTask]],
        settings: Settings,
    ) -> None:
        self.output = output
        self._exchange = exchange
        self._refresh = refresh
        self._settings = settings

    def check_place(self, path: str | os.PathLike[str] | None) -> None:
        """Check whether a video can be saved there. Raises DownloadError if not."""
        video_files.check_place(path, self.output)

    async def video(
        self,
        task: VideoTask,
        path: str | os.PathLike[str] | None,
        on_progress: OnProgress | None = None,
        *,
        replace: bool = True,
    ) -> Video:
        """Download and save the task's video. See ``VideoClient.download``.

        Args:
            replace: whether to replace another file at ``path``; otherwise use a longer name.
        """
        try:
            target = video_files.target(task, path, self.output)
            named = replace and path is not None
            if already := await in_thread(lambda: video_files.existing(target, task)):
                return already
            if shared := await in_thread(lambda: self._shared(target, task, named)):
                if on_progress is not None:
                    on_progress(size := shared.path.stat().st_size, size)
                return shared
            return await self._in_time(task, target, named, on_progress)
        except DownloadError as error:
            error.task = error.task or task  # with it, one can be helped to fetch it elsewhere
            raise

    def _shared(self, target: Path, task: VideoTask, named: bool) -> Video | None:
        """Save a video that is on this machine without copying it, if possible.

        A file that was changed there is left to the gateway, which reports it. Reads the disk.
        """
        with suppress(BadInput, NotAVideo):
            stored = video_files.stored(task, self._settings.video_folder)
            if stored is None:
                return None
            part = video_files.PartFile(target)
            try:
                if part.share(stored, linked=self._settings.hard_links):
                    return part.keep(task, None, replace=named)
            finally:
                part.discard()
        return None

    async def _in_time(
        self, task: VideoTask, target: Path, named: bool, on_progress: OnProgress | None
    ) -> Video:
        try:
            async with asyncio.timeout(self._exchange.timeouts.download_s) as limit:
                return await self._with_fresh_link(task, target, named, on_progress)
        except TimeoutError:
            if not limit.expired():
                raise
            text = _NOT_IN_TIME(seconds=self._exchange.timeouts.download_s)
            raise DownloadError(text, task=task) from None

    async def _with_fresh_link(
        self, task: VideoTask, target: Path, named: bool, on_progress: OnProgress | None
    ) -> Video:
        """Ask once for a new link if the link has expired."""
        try:
            return await self._patiently(task, target, named, on_progress)
        except LinkExpired:
            known = task.video_urls
            task = video_task(await self._refresh(task))
            if task.video_urls == known:  # an older gateway may look for it anew
                task = await found_again(self._exchange, task) or task
        return await self._patiently(task, target, named, on_progress)

    async def _patiently(
        self, task: VideoTask, target: Path, named: bool, on_progress: OnProgress | None
    ) -> Video:
        url = absolute(self._exchange, task.video_urls[0])
        failures = 0
        while True:
            try:
                return await self._once(url, task, target, named, on_progress)
            except (GatewayError, NotAVideo) as error:
                failures += 1
                delay = self._delay_after(error, failures)
                if delay is None:
                    raise _as_download_error(error, task, url) from error
            await self._exchange.times.sleep(delay)

    def _delay_after(self, error: GatewayError | NotAVideo, failures: int) -> float | None:
        if isinstance(error, GatewayError):
            return self._exchange.delay_after(error, failures)
        return self._exchange.retry.first_s if failures < _TRIES else None

    async def _once(
        self,
        url: str,
        task: VideoTask,
        target: Path,
        named: bool,
        on_progress: OnProgress | None,
    ) -> Video:
        part = video_files.PartFile(target)
        try:
            async with opened(self._exchange, url) as answer:
                await self._check(answer, task, url)
                whole = _length(answer)
                async for piece in answer.aiter_raw():
                    part.write(piece)
                    if on_progress is not None:
                        on_progress(part.size, whole)
            return await in_thread(lambda: part.keep(task, whole, replace=named))
        except httpx.RequestError as error:
            silence_s = self._exchange.timeouts.silence_s
            raise self._exchange.in_words(error, url, silence_s) from error
        finally:
            part.discard()

    async def _check(self, answer: httpx.Response, task: VideoTask, url: str) -> None:
        status, where = answer.status_code, place(str(answer.url))
        if status == _CHANGED and url.startswith(self._exchange.url):
            told = read_error(status, answer.headers, await answer.aread(), url)
            if told.ours:
                raise VideoChanged(told.text, task=task, url=url)
        if status in _EXPIRED:
            raise LinkExpired(_GONE(place=where, status=status), task=task, url=url)
        if not answer.is_success:
            raise _refused(self._exchange, answer, url)
        encoding = answer.headers.get("content-encoding", "identity")
        if encoding != "identity":
            raise NotAVideo(_ENCODED(encoding=encoding), task=task, url=url)


def video_task(task: VideoTask) -> VideoTask:
    """Return the task if it has a video to download.

    Raises:
        TaskFailed, TaskCancelled: it never will. DownloadError: it has none yet.
    """
    if completed(task).status is not TaskStatus.COMPLETED:
        raise DownloadError(_NOT_DONE(id=task.id, status=task.status), task=task)
    if not task.video_urls:
        raise DownloadError(_NO_LINK(id=task.id), task=task)
    return task


async def found_again(exchange: Exchange, task: VideoTask) -> VideoTask | None:
    """Return an older gateway's task with a fresh link, even if the gateway has lost the task.

    None if the gateway does not support this, or returns several videos and none is certain.
    """
    if tells_all(task):
        return None
    known = task.video_urls[0] if task.video_urls else None
    try:
        asked = wire.fresh_links(task.id)
        links = await exchange.ask_once(asked, lambda answer: read_links(answer, known))
    except GatewayError:
        return None
    done = {"status": TaskStatus.COMPLETED, "video_urls": links, "error": None}
    return task.model_copy(update=done) if len(links) == 1 else None


async def download_image(exchange: Exchange, url: str) -> bytes:
    """Download an image, check that it is one, and return its bytes.

    Raises:
        BadImage: it is not a usable image. GatewayError: it could not be downloaded.
    """
    from ..media.images.convert import SOURCE

    limit_s = exchange.timeouts.image_s
    data = bytearray()
    try:
        async with asyncio.timeout(limit_s), opened(exchange, url) as answer:
            if not answer.is_success:
                raise _refused(exchange, answer, url)
            async for piece in answer.aiter_bytes():
                data += piece
                if len(data) > SOURCE.size:
                    text = _IMAGE_TOO_LARGE(place=place(url), limit=SOURCE.size / 2**20)
                    raise BadImage(text, code="image_too_large")
    except (httpx.RequestError, TimeoutError) as error:
        raise exchange.in_words(error, url, limit_s) from error
    await in_thread(lambda: load(bytes(data), name_in(url)))
    return bytes(data)


def _refused(exchange: Exchange, answer: httpx.Response, url: str) -> GatewayError:
    status = answer.status_code
    kind = {429: RateLimited}.get(status, GatewayFault if status >= 500 else GatewayError)
    retry_after = parse_retry_after(answer.headers.get("retry-after"), exchange.times.now())
    text = _ANSWERED(place=place(str(answer.url)), status=status)
    return kind(text, url=url, status=status, retry_after_s=retry_after)


def _as_download_error(error: GatewayError | NotAVideo, task: VideoTask, url: str) -> DownloadError:
    if isinstance(error, NotAVideo):
        error.task, error.url = task, url
        return error
    return DownloadError(error.text, task=task, url=url)


def _length(answer: httpx.Response) -> int | None:
    told = answer.headers.get("content-length", "")
    return int(told) if told.isascii() and told.isdecimal() else None
