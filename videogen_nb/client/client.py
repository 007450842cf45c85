"""``VideoClient``: everything a gateway can be asked, as coroutines."""

from __future__ import annotations

import asyncio
import os
import random
import time
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, Unpack, overload

import httpx

from ..errors import BadParameter, RequestRefused
from ..i18n import Text
from ..media.video import Video
from ..protocol import (
    read_attachment,
    read_cancelled,
    read_cleared,
    read_engines,
    read_groups,
    read_page,
    read_task,
    read_usage,
)
from ..protocol import requests as wire
from ..protocol.filters import ANY, FilterArguments, check_told, read_filters
from ..protocol.models import (
    Attachment,
    Cancelled,
    Cleared,
    CreateAnswer,
    DiskUsage,
    EngineList,
    GenerateRequest,
    Group,
    ImageRef,
    TaskId,
    TaskPage,
    VideoTask,
)
from ..protocol.parameters import CreateArguments, expand
from ..protocol.polling import PollingPolicy, RetryPolicy, Spread, Timeouts
from ..protocol.values import as_count, as_limit, as_text
from ..settings import Settings
from . import validation, watch
from .batch import Batch, Estimate
from .batch.start import refuse_older, start
from .batch.variations import like, name_of, variations
from .callbacks import safely
from .capabilities import OLDER, OURS, Capabilities
from .create import Creator, as_task
from .download import Downloader, download_image, found_again, video_task
from .images import references as image_refs
from .images.frames import FrameSource, frame_source, is_video
from .images.loading import TOO_LARGE, ImageSource, load
from .request import prepare, with_uploads
from .task_ids import TaskLike, find
from .threads import in_thread
from .transport import Exchange, OnProgress, Times, utc_now

_KNOWN_FILTERS = {"status", "text", "since", "until", "conversation_id"}
_FILTERS_UNKNOWN = Text(
    "This gateway is an older one: it filters tasks only by status, text, since, until and "
    "conversation_id, and pages by offset.",
    "该网关是旧版网关，只能按 status、text、since、until、conversation_id 筛选任务，并用 "
    "offset 翻页。",
)
_PRUNE_WHAT = Text(
    'Say which tasks to delete: older_than="30d", or a filter such as group=….',
    '请指定要删除的任务：older_than="30d"，或 group=… 等条件。',
)
OnChange = Callable[[VideoTask], object]

_AT_ALONE = Text(
    "at= requires after=: the video to take the frame from.",
    "at= 需与 after= 一起使用：指定从哪个视频取画面。",
)


class VideoClient:
    """One gateway, ours or an older one. Belongs to the event loop that uses it.

    Use it as ``async with VideoClient(url) as videos: …``, or call :meth:`aclose`.

    Args:
        base_url: such as ``http://localhost:8000``; may have a path below which the gateway is.
        token: sent to that gateway only.
        language: "en" or "zh" for the gateway's texts; None = the person's own.
        transport: another way to reach it than the network, such as ``httpx.ASGITransport``.
        output: the folder where videos are saved; None = the setting's.
        engine: the engine of requests that name none; None = the gateway's own default.
        clock, now, sleep, spread: monotonic time, wall time, sleeping and chance, for tests.

    All methods raise :class:`~videogen_nb.errors.GatewayError` or below where the gateway cannot
    be asked or refuses, beside what they name themselves.
    """

    def __init__(
        self,
        base_url: str,
        *,
        token: str | None = None,
        language: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        polling: PollingPolicy | None = None,
        retry: RetryPolicy | None = None,
        timeouts: Timeouts | None = None,
        output: Path | None = None,
        engine: str | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        now: Callable[[], datetime] = utc_now,
        spread: Spread = random.random,
    ) -> None:
        self.polling = polling or PollingPolicy()
        self.times = Times(clock=clock, sleep=sleep, now=now, spread=spread)
        self._exchange = Exchange(
            base_url,
            token=token,
            language=language,
            transport=transport,
            retry=retry or RetryPolicy(),
            timeouts=timeouts or Timeouts(),
            times=self.times,
        )
        self._creator = Creator(self._exchange)
        self._engine = engine
        self._watching = 0
        output = output or Settings.from_environment().output
        self._downloader = Downloader(self._exchange, output, self.get_task)

    @property
    def url(self) -> str:
        """The gateway's base URL."""
        return self._exchange.url

    @property
    def headers(self) -> dict[str, str]:
        """What a plain HTTP request of one's own to this gateway needs: its token, if any."""
        return dict(self._exchange.headers_for(self.url))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections. Tasks on the gateway go on."""
        await self._exchange.http.aclose()

    async def is_ours(self) -> bool:
        """Return whether this is a gateway of ours rather than an older one; ask it once."""
        return await self._creator.knows_keys()

    async def capabilities(self) -> Capabilities:
        """Return what this gateway can do, so that nothing else need be offered; ask it once."""
        return OURS if await self.is_ours() else OLDER

    async def upload_image(
        self,
        image: ImageSource,
        name: str | None = None,
        *,
        on_progress: OnProgress | None = None,
    ) -> Attachment:
        """Upload an image: a JPG, PNG, WEBP or HEIC. One that is too large is shrunk before.

        Args:
            image: a path, bytes, a data URL, base64, or a Pillow image.
            name: what it is called; None = the file's own name.
            on_progress: called with (bytes sent, bytes in all).

        Raises:
            BadImage: it is not an image that can be used; nothing was sent.
        """
        loaded = await in_thread(lambda: load(image, name))
        if loaded.facts.format == "HEIC" and not await self.is_ours():
            loaded = await in_thread(loaded.for_everyone)
        asked = wire.upload(loaded.data, loaded.name)
        told = on_progress and safely(on_progress)
        attachment = await self._exchange.ask(asked, read_attachment, told)
        if loaded.original is None or not await self.is_ours():
            return attachment
        return attachment.model_copy(update={"shrunk_from": loaded.original})

    @expand
    async def create_task(self, /, prompt: str, **arguments: Unpack[CreateArguments]) -> VideoTask:
        """Create a task; the video is made while nobody waits.

        Args:
            prompt: 1 to 4,000 characters.
            attachment: what :meth:`upload_image` gave; the video's first frame.
            image_url: an image that the gateway downloads; wins over ``attachment``.
            images: several images: attachments, URLs, videos or tasks (their last frame), or what
                :meth:`upload_image` takes (the first is the first frame, the others are
                references), or dictionaries ``{"attachment": … or "url": … or "task": …, "role":
                "first" | "last" | "reference"}``.
            after: start from the last frame of a video, a video file, a task or its id; that task
                is noted as the ``parent``. The gateway takes the frame from its stored file; where
                an older one cannot, it is taken from the saved file here.
            at: with ``after``, start from the frame at so many seconds instead.
            guest: use the gateway's guest account.
            conversation_id, section_id: continue a conversation.
            again: make another video although an identical request was made before.
            idempotency_key: the same key and request give the same task; None = a new one.
            engine, duration, ratio, resolution, fps, seed, extra, group, parent, labels: see
                :data:`videogen_nb.protocol.parameters.PARAMETERS`; absent = the engine's default.

        Raises:
            BadPrompt, BadParameter, BadImage: it does not fit; nothing was sent.
            OutcomeUnknown: it was sent but its answer was lost; it may or may not exist.
        """
        key = as_text("idempotency_key", arguments.pop("idempotency_key", None))
        request = await self.prepare_request(prompt, **arguments)
        answer = await self.send_request(request, idempotency_key=key)
        return self.created(answer, prompt)

    async def prepare_request(self, /, prompt: str, **arguments: Any) -> GenerateRequest:
        """Check a request, upload its ``images``, and return what :meth:`create_task` would send.

        Raises:
            BadPrompt, BadParameter, BadImage: it does not fit.
        """
        validation.check(prompt, arguments)
        named = arguments.pop("engine", None) or self._engine
        after, at = arguments.pop("after", None), arguments.pop("at", None)
        if after is not None:
            validation.check_first_frame(arguments)
            first = await self._frame(await frame_source(after, at, self._id_of), "first")
            arguments["images"] = [first, *(arguments.get("images") or [])]
        elif at is not None:
            raise BadParameter(_AT_ALONE)
        return await prepare(self._reference, prompt, engine=named, **arguments)

    async def _reference(self, image: Any, role: str = "first") -> Attachment | ImageRef:
        """Return an image as a request names it: a frame of a task's video, or uploaded."""
        if is_video(image):
            return await self._frame(await frame_source(image, None, self._id_of), role)
        return await self.upload_image(image)

    async def _frame(self, source: FrameSource, role: str) -> Attachment | ImageRef:
        if source.task is not None and await self.is_ours():
            return source.reference(role)
        return await self.upload_image(await source.image())

    async def send_request(
        self, request: GenerateRequest, *, idempotency_key: str | None = None
    ) -> CreateAnswer:
        """Create a task from a ready request and give the gateway's own answer.

        Raises:
            OutcomeUnknown: it was sent but its answer was lost; it may or may not exist.
        """
        key = idempotency_key or str(uuid.uuid4())
        try:
            return await self._creator.create(request, key)
        except RequestRefused as refused:
            if refused.code not in TOO_LARGE:
                raise
            uploaded = await with_uploads(request, self._fetch_and_upload)
            if uploaded is None:
                raise
        return await self._creator.create(uploaded, key)

    def created(self, answer: CreateAnswer, prompt: str | None = None) -> VideoTask:
        """The task of a create's answer; its ``notes`` say what an older gateway may ignore."""
        return self._creator.completed(as_task(answer, prompt))

    async def get_task(self, task: TaskLike) -> VideoTask:
        """Return where a task stands.

        Raises:
            TaskNotFound: the gateway does not know it.
        """
        asked = wire.status(await self._id_of(task))
        return self._creator.completed(await self._exchange.ask(asked, read_task))

    @expand
    async def list_tasks(
        self,
        *,
        limit: int | None = None,
        offset: int | None = None,
        after: TaskLike | None = None,
        **filters: Unpack[FilterArguments],
    ) -> TaskPage:
        """Return a page of tasks, newest first; ``total`` counts all that match.

        Args:
            limit: how many at most; None = all, up to 10,000.
            after: the last task of the page before. Such pages do not shift while tasks come in.
            status: one, or several separated by commas.
            group, batch, label, engine, starred, conversation_id: what the tasks have to have.
            text: words that all stand somewhere in prompt, title, labels, notes, group or id.
            since, until: when they were created: a moment, a day, or how long ago (``"7d"``).

        Raises:
            BadParameter: there is no such status or filter. TaskNotFound: ``after`` was deleted.
        """
        wanted = read_filters(filters, self.times.now())
        limit, offset = as_count("limit", limit), as_count("offset", offset)
        behind = None if after is None else await self._id_of(after)
        if (behind or wanted.to_query().keys() - _KNOWN_FILTERS) and not await self.is_ours():
            raise BadParameter(_FILTERS_UNKNOWN)
        page = await self._exchange.ask(
            wire.list_tasks(wanted, limit, offset, behind),
            lambda answer: read_page(answer, wanted=wanted, limit=limit, offset=offset),
        )
        return self._creator.all_completed(page)

    async def annotate(
        self,
        task: TaskLike,
        *,
        starred: bool | None = None,
        title: str | None = None,
        labels: Sequence[str] | None = None,
        group: str | None = None,
    ) -> VideoTask:
        """Star, title, label or group a task; what is None stays, ``""`` takes a text away.

        Raises:
            TaskNotFound: the gateway does not know it. RequestRefused: a value does not fit.
        """
        told = {"starred": starred, "title": title, "labels": labels, "group": group}
        values = {name: value for name, value in told.items() if value is not None}
        if labels is not None:
            values["labels"] = list(labels)
        return await self._exchange.ask(wire.annotate(await self._id_of(task), values), read_task)

    async def groups(self) -> list[Group]:
        """The groups of tasks, which act as folders, and how many tasks each has; newest first."""
        return (await self._exchange.ask(wire.groups(), read_groups)).groups

    @expand
    async def cancel_all(self, **filters: Unpack[FilterArguments]) -> Cancelled:
        """Stop all tasks that match and have not ended; without a filter, all of one's own.

        Takes the filters of :meth:`list_tasks`.
        """
        check_told(filters)
        wanted = read_filters(filters, self.times.now())
        return await self._exchange.ask(wire.cancel_all(wanted), read_cancelled)

    @expand
    async def prune(
        self,
        *,
        older_than: timedelta | str | None = None,
        keep: Literal["starred", "nothing"] = "starred",
        dry_run: bool = False,
        **filters: Unpack[FilterArguments],
    ) -> Cleared:
        """Delete finished tasks and their videos from the gateway. Downloaded videos stay.

        Args:
            older_than: such as ``"30d"``; required unless a filter says which tasks.
            keep: ``"starred"`` spares those with a star, ``"nothing"`` none.
            dry_run: delete nothing, and tell how much it would be.

        Raises:
            BadParameter: neither an age nor a filter was given.
        """
        given: dict[str, Any] = {"until": older_than, **filters}
        check_told(given)
        wanted = read_filters(given, self.times.now())
        if wanted == ANY:
            raise BadParameter(_PRUNE_WHAT)
        answers = []
        for starred in [wanted.starred or False] if keep == "starred" else [False, True]:
            asked = wire.prune(replace(wanted, starred=starred), dry_run=dry_run)
            answers.append(await self._exchange.ask(asked, read_cleared))
        return Cleared(
            tasks=sum(answer.tasks for answer in answers),
            bytes=sum(answer.bytes for answer in answers),
            dry_run=dry_run,
        )

    async def usage(self) -> DiskUsage:
        """What one's tasks and images take on the gateway's disk, in bytes, and what is free."""
        return await self._exchange.ask(wire.usage(), read_usage)

    async def watch(
        self, task: TaskLike, *, max_wait_s: float | None = None
    ) -> AsyncGenerator[VideoTask, None]:
        """Yield the task at once, at every change, and when it has finished; then it ends.

        Args:
            max_wait_s: when the waiting ends, in seconds; None = 20 minutes.

        Raises:
            WaitTimeout: it did not finish in time; it goes on, and the error carries it.
            TaskStalled: an older gateway's task that no longer moves.
        """
        known = task if isinstance(task, VideoTask) else await self._id_of(task)
        seen = watch.watch(
            self.get_task,
            known,
            policy=self.polling,
            times=self.times,
            max_wait_s=as_limit("max_wait_s", max_wait_s),
            crowd=lambda: self._watching,
            find=self._found_again,
        )
        self._watching += 1
        try:
            async with aclosing(seen):
                async for changed in seen:
                    yield changed
        finally:
            self._watching -= 1

    async def wait(
        self,
        task: TaskLike,
        *,
        max_wait_s: float | None = None,
        on_change: OnChange | None = None,
    ) -> VideoTask:
        """Wait for a task and return it completed. Ending the waiting never ends the task.

        Args:
            max_wait_s: when the waiting ends, in seconds; None = 20 minutes.
            on_change: called with the task at every change.

        Raises:
            TaskFailed, TaskCancelled: it ended without a video; the error carries it.
            WaitTimeout: it did not finish in time; it goes on.
            TaskStalled: an older gateway's task that no longer moves.
        """
        last: VideoTask | None = None
        async for last in self.watch(task, max_wait_s=max_wait_s):
            safely(on_change)(last)
        assert last is not None  # watch yields at least once or raises
        return watch.completed(last)

    async def cancel(self, task: TaskLike) -> VideoTask:
        """Stop a task; what a cancelled one is told again does no harm.

        Raises:
            RequestRefused: it has ended otherwise, or the gateway cannot cancel.
        """
        return await self._exchange.ask(wire.cancel(await self._id_of(task)), read_task)

    async def retry(self, task: TaskLike) -> VideoTask:
        """Try a failed, cancelled or unknown task anew: a new task whose parent it is.

        Raises:
            RequestRefused: it is not finished, or has its video.
            OutcomeUnknown: it was sent but its answer was lost; the new task may or may not exist.
        """
        answer = await self._creator.retry(await self._id_of(task))
        return as_task(answer, None)

    async def delete(self, task: TaskLike) -> None:
        """Make the gateway forget a finished task and its files. Downloaded videos stay."""
        await self._exchange.ask(wire.delete(await self._id_of(task)), lambda answer: None)

    async def download(
        self,
        task: TaskLike,
        path: str | os.PathLike[str] | None = None,
        *,
        on_progress: OnProgress | None = None,
    ) -> Video:
        """Save a completed task's video.

        It arrives under a temporary name beside its place and gets its own name when it is whole
        and decodable; whatever goes wrong, no half video is left. A link that expired is asked
        for anew once.

        Args:
            path: a file's name (an existing one is replaced) or a folder; None = the output
                folder, under a name made of the prompt and the task's id.
            on_progress: called with (bytes so far, bytes in all or None).

        Raises:
            LinkExpired, NotAVideo, DownloadError: it could not be had; the text says why.
            TaskFailed, TaskCancelled: there is no video.
        """
        if not (isinstance(task, VideoTask) and task.status.finished):
            task = await self.get_task(task)
        video = video_task(self._creator.completed(task))
        return await self._downloader.video(video, path, on_progress and safely(on_progress))

    async def download_image(self, url: str) -> bytes:
        """Download an image and check that :meth:`upload_image` takes it; return its bytes.

        Raises:
            BadImage: what is there is no image that can be used.
        """
        return await download_image(self._exchange, image_refs.check_url(url))

    @expand
    async def generate(
        self,
        /,
        prompt: str,
        image: Any = None,
        *,
        path: str | os.PathLike[str] | None = None,
        max_wait_s: float | None = None,
        on_change: OnChange | None = None,
        on_progress: OnProgress | None = None,
        **arguments: Unpack[CreateArguments],
    ) -> Video:
        """Make a video from words, or from words and an image, and save it.

        Args:
            prompt: 1 to 4,000 characters.
            image: what :meth:`upload_image` takes, a URL that the gateway downloads, or a video or
                task, whose last frame is taken.
            path: where the video goes; see :meth:`download`.
            max_wait_s, on_change: see :meth:`wait`; it is called with the new task first.
            on_progress: of the download; see :meth:`download`.
            engine, duration, ratio, …: as :meth:`create_task` takes them.

        Raises:
            What :meth:`create_task`, :meth:`wait` and :meth:`download` raise; the video's place
            is looked at before anything is sent.
        """
        max_wait_s = as_limit("max_wait_s", max_wait_s)
        task = await self.begin(prompt, image, path=path, **arguments)
        safely(on_change)(task)
        done = await self.wait(task, max_wait_s=max_wait_s, on_change=on_change)
        return await self.download(done, path, on_progress=on_progress)

    async def begin(
        self,
        /,
        prompt: str,
        image: Any = None,
        *,
        path: str | os.PathLike[str] | None = None,
        **arguments: Unpack[CreateArguments],
    ) -> VideoTask:
        """The first half of :meth:`generate`: the task, whose video can be saved at ``path``."""
        validation.check(prompt, arguments)
        self._downloader.check_place(path)
        if image_refs.is_url(image):
            arguments["image_url"] = image
        elif is_video(image):
            arguments["images"] = [image, *(arguments.get("images") or [])]
        elif image is not None:
            arguments["attachment"] = await self.upload_image(image)
        return await self.create_task(prompt, **arguments)

    @overload
    async def batch(
        self, table: Any, name: str | None = None, *, dry_run: Literal[True], **given: Any
    ) -> Estimate: ...

    @overload
    async def batch(
        self,
        table: Any,
        name: str | None = None,
        *,
        prompt: str | None = None,
        image: Any = None,
        key: str | None = None,
        product: bool = False,
        path: str | os.PathLike[str] | None = None,
        dry_run: Literal[False] = False,
        **parameters: Any,
    ) -> Batch: ...

    async def batch(
        self,
        table: Any,
        name: str | None = None,
        *,
        prompt: str | None = None,
        image: Any = None,
        key: str | None = None,
        product: bool = False,
        path: str | os.PathLike[str] | None = None,
        dry_run: bool = False,
        **parameters: Any,
    ) -> Batch | Estimate:
        """Make a video of every row of a table, or of none; ``await`` the batch to have them saved.

        Run again, with the same name, it makes only what is missing.

        Args:
            table: a list of dictionaries, a dictionary of columns, the path of a CSV file, or a
                pandas or polars frame. Columns named as parameters are used as such.
            name: of the batch; None = the name of the CSV file.
            prompt, image: the column that holds them, or one for all rows; None = the columns of
                these names. Images are what :meth:`upload_image` takes, or URLs.
            key: the column that names each row, so that an edited row replaces its former self;
                None = ``key``, where there is one; else a row is known by its request.
            product: every combination of the columns' values, and of lists in ``parameters``.
            path: a folder, or a template for the files' names made of ``row``, ``key``,
                ``prompt``, ``batch``, ``id``, parameters and columns; None =
                ``"{row:03}-{prompt:.20}-{seed}.mp4"`` in a folder named as the batch.
            dry_run: make nothing, and tell what would be made.
            parameters: for each a column's name, or one value for all rows.

        Raises:
            BadRows: rows do not fit, each with its number and reason; nothing was created.
            BadParameter: the table, the template or the gateway does not fit.
        """
        if not await self.is_ours():
            raise refuse_older(self.url)
        begun = await start(
            self._exchange,
            self._downloader,
            self._reference,
            self.polling,
            table,
            name,
            engine=self._engine,
            path=None if path is None else os.fspath(path),
            given=parameters,
            prompt=prompt,
            image=image,
            key=key,
            product=product,
        )
        if dry_run:
            return await begun.weigh()
        await begun.admit()
        return begun

    async def variations(
        self,
        prompt: str,
        n: int | None = None,
        *,
        image: Any = None,
        name: str | None = None,
        path: str | os.PathLike[str] | None = None,
        **axes: Any,
    ) -> Batch:
        """Several videos of one idea, as a :meth:`batch`: run again, it makes what is missing.

        Args:
            prompt: alternatives stand in braces: ``"a {calm|stormy} sea"``.
            n: how many; None = every combination once, or 9 with other seeds where there is one.
            image: the first frame of all of them.
            name: of the batch; None = made of the prompt.
            axes: parameters; a list is an axis: ``engine=["sketch", "ark"]``, ``seed=range(9)``.

        Raises:
            What :meth:`batch` raises.
        """
        rows = variations(prompt, n, axes)
        return await self.batch(rows, name or name_of(prompt), image=image, path=path)

    async def like(
        self,
        task: TaskLike,
        n: int = 4,
        *,
        name: str | None = None,
        path: str | os.PathLike[str] | None = None,
        **changes: Any,
    ) -> Batch:
        """More videos like one: what it asked for, with its images, other seeds and ``changes``.

        Args:
            n: how many.
            name: of the batch; None = made of the task's id.
            changes: what is to differ: ``duration=10``, ``prompt="…"``; a list is an axis.

        Raises:
            TaskNotFound: the gateway does not know it. What :meth:`batch` raises.
        """
        known = await self.get_task(task)
        rows = like(known, n, changes)
        return await self.batch(rows, name or f"like-{known.message_id}", path=path)

    async def _fetch_and_upload(self, url: str) -> Attachment:
        return await self.upload_image(await self.download_image(url), image_refs.name_in(url))

    async def engines(self) -> EngineList:
        """Return the engines of this gateway: what each can do, and whether it is ready.

        Their ``default`` is the engine that a request of this client gets when it names none.
        """
        told = await self._exchange.ask(wire.engines(), read_engines)
        return told.model_copy(update={"default": self._engine}) if self._engine else told

    async def health(self) -> dict[str, Any]:
        """Return who answers: ``status``, ``service``, ``version``, ``pid``, ``started_at`` …"""
        return await self._exchange.ask(wire.health(), validation.as_dict)

    async def _found_again(self, task: VideoTask) -> VideoTask | None:
        found = await found_again(self._exchange, task)
        return found and self._creator.completed(found)

    async def _id_of(self, task: TaskLike | Mapping[str, Any]) -> TaskId:
        return await find(task, self.list_tasks)
