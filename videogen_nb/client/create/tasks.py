"""``CreateTasks``: upload images and create tasks."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Unpack

from ...errors import BadParameter, RequestRefused
from ...i18n import Text
from ...protocol import read_attachment
from ...protocol import requests as wire
from ...protocol.parameters import CreateArguments, expand
from ...protocol.values import as_text
from ..callbacks import safely
from ..download import download_image
from ..images import references as image_refs
from ..images.frames import FrameSource, frame_source, is_video
from ..images.loading import TOO_LARGE, ImageSource, load
from ..tasks import Tasks
from ..threads import in_thread
from ..transport import OnProgress
from . import validation
from .at_most_once import as_task
from .request import prepare, with_uploads

if TYPE_CHECKING:
    from ...protocol.models import Attachment, CreateAnswer, GenerateRequest, ImageRef, VideoTask

_AT_ALONE = Text(
    "at= requires after=: the video to take the frame from.",
    "at= 需与 after= 一起使用：指定从哪个视频取画面。",
)


class CreateTasks(Tasks):
    """Methods that create tasks and upload their images."""

    async def upload_image(
        self,
        image: ImageSource,
        name: str | None = None,
        *,
        on_progress: OnProgress | None = None,
    ) -> Attachment:
        """Upload a JPG, PNG, WEBP or HEIC image. One that is too large is shrunk first.

        Args:
            image: a path, bytes, a data URL, base64, or a Pillow image.
            name: the file name; None = the file's own.
            on_progress: called with (bytes sent, total bytes).

        Raises:
            BadImage: the image cannot be used; nothing was sent.
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
        """Create a task without waiting for its video.

        Args:
            prompt: 1 to 4,000 characters.
            attachment: the result of :meth:`upload_image`, used as the first frame.
            image_url: an image that the gateway downloads; takes precedence over ``attachment``.
            images: several images: attachments, URLs, videos or tasks (their last frame), or
                anything that :meth:`upload_image` accepts (the first is the first frame, the others
                are references), or dictionaries ``{"attachment": … or "url": … or "task": …,
                "role": "first" | "last" | "reference"}``; ``{"task": …, "role": "video"}`` is a
                whole video.
            after: start from the last frame of a video, a video file, a task or its id; that task
                becomes the ``parent``. The gateway extracts the frame from its stored file; older
                gateways cannot, so it is then taken from the saved file.
            at: with ``after``, start from the frame at this time in seconds instead.
            guest: use the gateway's guest account.
            conversation_id, section_id: continue a conversation.
            again: generate another video even if an identical request was made before.
            idempotency_key: the same key and request return the same task; None = a new key.
            engine, duration, ratio, resolution, fps, seed, extra, group, parent, labels: see
                :data:`videogen_nb.protocol.parameters.PARAMETERS`; absent = the engine's default.

        Raises:
            BadPrompt, BadParameter, BadImage: the request is invalid; nothing was sent.
            OutcomeUnknown: the request was sent but the response was lost; the task may or may not
                exist.
        """
        key = as_text("idempotency_key", arguments.pop("idempotency_key", None))
        request = await self.prepare_request(prompt, **arguments)
        answer = await self.send_request(request, idempotency_key=key)
        return self.created(answer, prompt)

    async def prepare_request(self, /, prompt: str, **arguments: Any) -> GenerateRequest:
        """Check a request, upload its images, and return what :meth:`create_task` would send.

        Raises:
            BadPrompt, BadParameter, BadImage: the request is invalid.
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
        """Return a reference to an image: a frame of a task's video, or an upload."""
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
        """Create a task from a prepared request and return the gateway's response.

        Raises:
            OutcomeUnknown: the request was sent but the response was lost; the task may or may not
                exist.
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
        """Return the task in a response; its ``notes`` say what an older gateway may ignore."""
        return self._creator.completed(as_task(answer, prompt))

    async def download_image(self, url: str) -> bytes:
        """Download an image, check that :meth:`upload_image` accepts it, and return its bytes.

        Raises:
            BadImage: it is not a usable image.
        """
        return await download_image(self._exchange, image_refs.check_url(url))

    async def _fetch_and_upload(self, url: str) -> Attachment:
        return await self.upload_image(await self.download_image(url), image_refs.name_in(url))
