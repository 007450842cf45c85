"""The folder of finished videos. What stands there under its final name is whole."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...media.provenance import sidecar
from ...security.private_files import private_folder
from ..refusals import Refusal
from ..storage.task_record import TaskRecord
from ..threads import in_thread
from .originals import Originals

VIDEOS: Final = "/api/video-gen/videos"  # below it a video's files are served
_NAME: Final = re.compile(r"[0-9a-f]{32}")
_FORMER_NAME: Final = "films"  # of the folder, in the first release


@dataclass(frozen=True, slots=True)
class Draft:
    """Where an attempt writes its video and poster: names that nobody refers to."""

    video: Path
    poster: Path

    @property
    def last_frame(self) -> Path:
        """The last frame of a video made elsewhere, where it was given."""
        return self.video.with_suffix(".png")

    @property
    def sidecar(self) -> Path:
        """The facts of a video whose bytes stay as they came."""
        return sidecar(self.video)


class VideoFiles:
    """Videos and posters by opaque names, in ``folder``; drafts in a folder beside them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.originals = Originals()
        self._drafts = folder / "unfinished"
        self._checking = asyncio.Lock()  # one file is read at a time, however many are asked for

    def open(self) -> None:
        """Make the folders and sweep what unfinished attempts left behind."""
        former = self.folder.with_name(_FORMER_NAME)
        if former.is_dir() and not self.folder.exists():
            former.rename(self.folder)
        shutil.rmtree(self._drafts, ignore_errors=True)
        private_folder(self.folder)
        private_folder(self._drafts)

    def draft(self) -> Draft:
        """Return a fresh pair of names to write to."""
        stem = self._drafts / new_name()
        return Draft(stem.with_suffix(".mp4"), stem.with_suffix(".jpg"))

    def publish(self, draft: Draft, name: str) -> None:
        """Give a finished draft, already on the disk, its final name."""
        for made, kept in (
            (draft.sidecar, sidecar(self.video(name))),
            (draft.last_frame, self.last_frame(name)),
        ):
            if made.exists():
                made.replace(kept)
        draft.poster.replace(self.poster(name))
        draft.video.replace(self.video(name))
        sync_folder(self.folder)

    def discard(self, draft: Draft) -> None:
        """Remove what an attempt has left."""
        for path in (draft.video, draft.poster, draft.last_frame, draft.sidecar):
            path.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        """Remove a video and what stands beside it, where they are there."""
        video = self.video(name)
        for path in (video, self.poster(name), self.last_frame(name), sidecar(video)):
            path.unlink(missing_ok=True)

    async def original(self, record: TaskRecord) -> Path:
        """Return the path of a task's video, which is as it was when it was stored.

        Raises:
            Refusal: it is not there, or was changed since.
        """
        path = self.video(record.video)
        try:
            if (whole := self.originals.known(path)) is None:
                async with self._checking:
                    whole = await in_thread(self.originals.check, path, record.sha256)
        except OSError as error:
            raise Refusal("video_not_found") from error
        if not whole:
            raise Refusal("video_changed")
        return path

    def video(self, name: str) -> Path:
        """Return the path of a video, whether it is there or not."""
        return self.folder / f"{name}.mp4"

    def poster(self, name: str) -> Path:
        """Return the path of a video's poster, whether it is there or not."""
        return self.folder / f"{name}.jpg"

    def last_frame(self, name: str) -> Path:
        """Return the path of a video's last frame, whether it is there or not."""
        return self.folder / f"{name}.png"


def new_name() -> str:
    """Return a name of 128 random bits: it cannot be guessed, so a link needs no token."""
    return secrets.token_hex(16)


def is_name(word: str) -> bool:
    """Return whether a word has the form of a name given here, and so is safe in a path."""
    return _NAME.fullmatch(word) is not None


def sync_folder(folder: Path) -> None:
    """Put a folder's entries on the disk, so that a rename outlives a power cut."""
    if sys.platform == "win32":
        return  # a folder cannot be opened there; NTFS keeps renames in its journal
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
