"""Storing the images of requests, from any source, as uploads of the sender."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...engines import Engine, InputImage
from ...errors import BadParameter
from ...i18n import Text
from ...media.images import MAX_BYTES
from ...media.images.convert import shrunk_note
from ...media.images.from_text import bytes_in, is_data_url
from ...protocol.models import GenerateRequest, ImageRef, TaskRef
from ..files.extract_frame import Frames
from ..files.own_images import own_frame, own_sample
from ..files.uploads import VIDEO_SUFFIX, Upload, Uploads
from ..files.videos import VideoFiles
from ..limits.quotas import Quotas
from ..outgoing.fetcher import Fetcher
from ..refusals import Refusal
from ..requester import Requester
from ..storage.store import Store
from ..storage.task_record import ImageUse
from ..threads import in_thread
from .validation import all_images


class Images:
    """Resolves uploads, links, data URLs and frames of videos."""

    def __init__(
        self,
        store: Store,
        uploads: Uploads,
        video_files: VideoFiles,
        quotas: Quotas,
        fetcher: Fetcher,
    ) -> None:
        self._store = store
        self._uploads = uploads
        self._video_files = video_files
        self._in_flight = quotas.in_flight
        self._frames = Frames(video_files)
        self.fetcher = fetcher

    async def close(self) -> None:
        """Stop the process that extracts frames."""
        await self._frames.close()

    async def uses_of(self, requester: Requester, order: GenerateRequest) -> tuple[ImageUse, ...]:
        """Return the images of a request as uploads, in order.

        Raises:
            BadInput, Refusal: one cannot be stored; the message says why.
        """
        return tuple(
            [
                ImageUse(await self.key_of(requester, image), image.role)
                for image in all_images(order)
            ]
        )

    async def key_of(self, requester: Requester, image: ImageRef) -> str:
        """Return the key of an image's upload, storing it first if necessary."""
        if image.attachment is not None:
            return str(image.attachment.key)
        if image.task is not None and image.role == "video":
            return await self._video(requester, image.task)
        if image.task is not None:
            return await self._frame(requester, image.task, image.frame)
        return await self._fetched(requester, image.url or "")

    async def _video(self, requester: Requester, task: TaskRef) -> str:
        record = await self._store.get(requester.owner, task.conversation_id, task.message_id)
        if not record.status.finished:
            raise Refusal("video_not_ready")
        facts = (record.facts or {}).get("video")
        if facts is None or record.sha256 is None:
            raise Refusal("video_not_found")
        video = await self._video_files.original(record)
        return (await self._uploads.add_video(requester.owner, video, record.sha256, facts)).key

    async def _frame(self, requester: Requester, task: TaskRef, at: float | str) -> str:
        owner = requester.owner
        record = await self._store.get(owner, task.conversation_id, task.message_id)
        async with self._in_flight.holding(owner, MAX_BYTES):
            data = await self._frames.take(record, at)
            return (await self._uploads.add(owner, data)).key

    async def _fetched(self, requester: Requester, url: str) -> str:
        owner = requester.owner
        async with self._in_flight.holding(owner, MAX_BYTES):
            data = own_sample(url, requester.base) or own_frame(
                url, requester.base, self._video_files
            )
            if data is None and is_data_url(url):
                data = await in_thread(bytes_in, url)
            if data is None:
                data = await self.fetcher.fetch(url, owner)
            return (await self._uploads.add(owner, data)).key


def check_videos(engine: Engine, images: Sequence[InputImage]) -> None:
    """Raise BadParameter for a video if the engine takes none, or for an image used as one."""
    for image in images:
        is_video = image.path.suffix == VIDEO_SUFFIX
        if is_video is not (image.role == "video"):
            raise BadParameter(_ROLE(role=image.role), code="images_unfit")
        if is_video and "video" not in engine.info("en").modes:
            raise BadParameter(_NO_VIDEOS(name=engine.name), code="images_unfit")


def shrunk_notes(order: GenerateRequest, found: Mapping[str, Upload]) -> list[Text]:
    """Return notes about uploads that the client has shrunk."""
    return [
        shrunk_note(image.attachment.shrunk_from, kept.width, kept.height)
        for image in all_images(order)
        if image.attachment and image.attachment.shrunk_from
        if (kept := found.get(image.attachment.key)) is not None
    ]


_ROLE = Text(
    "Invalid images: the role {role} does not fit this file.",
    "images 的角色 {role} 与该文件不符。",
)
_NO_VIDEOS = Text(
    "The engine {name!r} does not accept videos. Use one with the mode video, such as a ComfyUI "
    "workflow with a Load Video node.",
    "引擎 {name!r} 不接受视频。请使用支持 video 的引擎，例如含 Load Video 节点的 ComfyUI 工作流。",
)
