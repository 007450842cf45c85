"""``VideoClient``: everything a gateway can be asked, as coroutines."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Unpack

from ..media.images.from_text import is_url
from ..media.video import Video
from ..protocol.parameters import CreateArguments, expand
from ..protocol.values import as_limit
from .batch.batches import Batches
from .callbacks import safely
from .classroom import Classroom
from .create import validation
from .images.frames import is_video
from .tasks import OnChange
from .transport import OnProgress

if TYPE_CHECKING:
    from ..protocol.models import VideoTask


class VideoClient(Batches, Classroom):
    """One gateway, ours or an older one. Belongs to the event loop that uses it.

    Use it as ``async with VideoClient(url) as videos: …``, or call :meth:`aclose`.

    Args:
        base_url: such as ``http://localhost:8000``; may have a path below which the gateway is.
        token: sent to that gateway only.
        language: "en" or "zh" for the gateway's texts; None = the person's own.
        transport: another way to reach it than the network, such as ``httpx.ASGITransport``.
        output: the folder where videos are saved; None = the setting's.
        settings: where and how videos are saved (``output``, ``hard_links``), and where a gateway
            on this machine keeps its own (``home``); None = those of the environment.
        engine: the engine of requests that name none; None = the gateway's own default.
        clock, now, sleep, spread: monotonic time, wall time, sleeping and chance, for tests.

    All methods raise :class:`~videogen_nb.errors.GatewayError` or below where the gateway cannot
    be asked or refuses, beside what they name themselves.
    """

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
        if is_url(image):
            arguments["image_url"] = image
        elif is_video(image):
            arguments["images"] = [image, *(arguments.get("images") or [])]
        elif image is not None:
            arguments["attachment"] = await self.upload_image(image)
        return await self.create_task(prompt, **arguments)
