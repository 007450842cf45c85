"""``VideoClient``: the async client for one gateway."""

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
    """An async client for one gateway, ours or an older one; it belongs to one event loop.

    Use it as ``async with VideoClient(url) as videos: …``, or call :meth:`aclose`.

    Args:
        base_url: such as ``http://localhost:8000``; may include a path prefix.
        token: sent to that gateway only.
        language: language of the gateway's texts, "en" or "zh"; None = the user's.
        transport: an alternative to the network, such as ``httpx.ASGITransport``.
        output: the folder where videos are saved; None = the setting.
        settings: where and how videos are saved (``output``, ``hard_links``), and the data folder
            of a gateway on this machine (``home``); None = from the environment.
        engine: the engine for requests that do not name one; None = the gateway's default.
        clock, now, sleep, spread: monotonic time, wall time, sleeping and randomness, for tests.

    In addition to the errors they list, all methods raise :class:`~videogen_nb.errors.GatewayError`
    or a subclass if the gateway cannot be reached or refuses the request.
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
        """Generate a video from a prompt, or a prompt and an image, and save it.

        Args:
            prompt: 1 to 4,000 characters.
            image: anything that :meth:`upload_image` accepts, a URL that the gateway downloads, or
                a video or task whose last frame is used.
            path: where to save the video; see :meth:`download`.
            max_wait_s, on_change: see :meth:`wait`; the first call is made with the new task.
            on_progress: download progress; see :meth:`download`.
            engine, duration, ratio, …: see :meth:`create_task`.

        Raises:
            The errors of :meth:`create_task`, :meth:`wait` and :meth:`download`; the path is
            checked before anything is sent.
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
        """Create the task, the first half of :meth:`generate`, after checking ``path``."""
        validation.check(prompt, arguments)
        self._downloader.check_place(path)
        if is_url(image):
            arguments["image_url"] = image
        elif is_video(image):
            arguments["images"] = [image, *(arguments.get("images") or [])]
        elif image is not None:
            arguments["attachment"] = await self.upload_image(image)
        return await self.create_task(prompt, **arguments)
