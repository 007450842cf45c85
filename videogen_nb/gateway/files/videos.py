"""The folder of finished videos. Files with their final names are complete."""

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
    """Temporary files for the video and poster of an attempt."""

    video: Path
    poster: Path

    @property
    def last_frame(self) -> Path:
        """The path for the last frame of a provider's video."""
        return self.video.with_suffix(".png")

    @property
    def images(self) -> Path:
        """The folder for the images to make the video from, if the provider returns images."""
        return self.video.with_suffix("")

    @property
    def sidecar(self) -> Path:
        """The path for the sidecar file of a provider's video."""
        return sidecar(self.video)


class VideoFiles:
    """Videos and posters under opaque names in ``folder``; drafts in a separate folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.originals = Originals()
        self._drafts = folder / "unfinished"
        self._checking = asyncio.Lock()  # one file is read at a time, however many are asked for

    def open(self) -> None:
        """Create the folders and remove files of unfinished attempts."""
        former = self.folder.with_name(_FORMER_NAME)
        if former.is_dir() and not self.folder.exists():
            former.rename(self.folder)
        shutil.rmtree(self._drafts, ignore_errors=True)
        private_folder(self.folder)
        private_folder(self._drafts)

    def draft(self) -> Draft:
        """Return new temporary files."""
        stem = self._drafts / new_name()
        return Draft(stem.with_suffix(".mp4"), stem.with_suffix(".jpg"))

    def publish(self, draft: Draft, name: str) -> None:
        """Give a finished, synced draft its final name."""
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
        """Remove the files of an attempt."""
        for path in (draft.video, draft.poster, draft.last_frame, draft.sidecar):
            path.unlink(missing_ok=True)
        shutil.rmtree(draft.images, ignore_errors=True)

    def remove(self, name: str) -> None:
        """Remove a video and its other files, if they exist."""
        video = self.video(name)
        for path in (video, self.poster(name), self.last_frame(name), sidecar(video)):
            path.unlink(missing_ok=True)

    async def original(self, record: TaskRecord) -> Path:
        """Return the path of a task's video after checking that it is unchanged.

        Raises:
            Refusal: it does not exist, or was changed.
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
        """Return the path of a video, which may not exist."""
        return self.folder / f"{name}.mp4"

    def poster(self, name: str) -> Path:
        """Return the path of a video's poster, which may not exist."""
        return self.folder / f"{name}.jpg"

    def last_frame(self, name: str) -> Path:
        """Return the path of a video's last frame, which may not exist."""
        return self.folder / f"{name}.png"


def new_name() -> str:
    """Return a name of 128 random bits: it cannot be guessed, so a link needs no token."""
    return secrets.token_hex(16)


def is_name(word: str) -> bool:
    """Return whether a string has the form of our names, and so is safe in a path."""
    return _NAME.fullmatch(word) is not None


def sync_folder(folder: Path) -> None:
    """Sync a folder, so that a rename survives a power cut."""
    if sys.platform == "win32":
        return  # a folder cannot be opened there; NTFS keeps renames in its journal
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
