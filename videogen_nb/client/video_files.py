"""Saving videos: the file name, the temporary file, and the final check."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import DownloadError, NotAVideo
from ..i18n import Text
from ..media import names
from ..media.file_clones import clone, hard_link
from ..media.probe import probe
from ..media.provenance import describe, is_marked, sidecar, write_sidecar
from ..media.video import Video
from ..protocol import tells_all
from ..protocol.values import as_path, check_filled
from ..settings import absolute

if TYPE_CHECKING:
    from ..protocol.models import VideoTask

_STORED: Final = re.compile(r"[0-9a-f]{32}\.mp4")  # the gateway's name for a video: 128 random bits

_CUT = Text(
    "The download is incomplete: {got} of {whole} bytes arrived. Nothing was saved; try again.",
    "视频不完整：共 {whole} 字节，仅收到 {got} 字节。未保存，请重试。",
)
_OTHER = Text(
    "The downloaded file is not the video that the gateway described (sha256 mismatch). "
    "Nothing was saved; try again.",
    "收到的内容与网关描述的视频不一致（sha256 不同）。未保存，请重试。",
)
_NO_FILE = Text(
    "{path} is not a regular file and would be replaced. Choose another name.",
    "{path} 不是普通文件，保存视频会将其替换，请换一个文件名。",
)
_NO_FOLDER = Text(
    "Cannot save the video: {path} is not a folder. Choose another location.",
    "{path} 不是文件夹，无法在其中保存视频，请换一个位置。",
)
_LOCKED = Text(
    "Cannot save the video: the folder {path} is not writable. Choose another location.",
    "文件夹 {path} 不可写，无法在其中保存视频，请换一个位置。",
)
_TOO_LONG = Text(
    "The name {name} is too long: {size} bytes, but names in {folder} can have at most {limit}. "
    "Choose a shorter one.",
    "文件名 {name} 过长：共 {size} 字节，而 {folder} 中的文件名最多 {limit} 字节。"
    "请换一个较短的名称。",
)
_DISK = Text(
    "Cannot save the video in {folder}: {reason}.", "无法将视频保存到 {folder}：{reason}。"
)


def video_name(task: VideoTask, folder: Path) -> str:
    """Return the file name for a task's video, short enough for the folder's file system."""
    return names.video_name(task.prompt, task.message_id, _longest_name(folder))


def _longest_name(folder: Path) -> int:
    """Return the maximum length of a name, in bytes, in a folder that may not exist yet."""
    if hasattr(os, "pathconf"):
        for place in (folder, *absolute(folder).parents):
            with suppress(OSError, ValueError):
                return os.pathconf(place, "PC_NAME_MAX")
    return names.USUAL_LIMIT


def target(task: VideoTask, path: str | os.PathLike[str] | None, output: Path) -> Path:
    """Return where to save a video: ``path`` if it names a file, otherwise a file in that folder.

    Raises:
        DownloadError: the folder does not exist and cannot be created; the name is too long; or it
            belongs to a device or pipe, which would be replaced.
        BadInput: the working or home folder that the path starts from does not exist.
    """
    folder, name = _place(path, output)
    return folder / (name or _saved_before(folder, task) or video_name(task, folder))


def _saved_before(folder: Path, task: VideoTask) -> str | None:
    """Return the existing file name of an older gateway's video.

    Such gateways do not report prompts, so only the creator of a task knows the first part.
    """
    if tells_all(task) or (folder / video_name(task, folder)).exists():
        return None
    ending = video_name(task, folder).rpartition("-")[2]
    return next((path.name for path in sorted(folder.glob(f"*-{ending}"))), None)


def check_place(path: str | os.PathLike[str] | None, output: Path) -> None:
    """Check, before a video is generated, whether it can be saved there. Leaves nothing behind.

    Raises:
        DownloadError: it cannot; the message says why. BadInput: see :func:`target`.
    """
    _place(path, output)


def _place(path: str | os.PathLike[str] | None, output: Path) -> tuple[Path, str | None]:
    """Return the folder, which may not exist yet, and the name if ``path`` is a file's."""
    check_filled("path", path)
    wanted = output if path is None else as_path("path", path)
    whole = absolute(wanted)
    with _Disk(wanted):
        named = path is not None and not str(path).endswith(("/", os.sep)) and not _is_dir(whole)
        _check_folder(whole.parent if named else whole)
        if named and whole.exists() and not whole.is_file():
            raise DownloadError(_NO_FILE(path=whole))
    folder = wanted.expanduser()
    return (folder.parent, folder.name) if named else (folder, None)


def _is_dir(path: Path) -> bool:
    """Return whether a folder exists; raise an error for an impossible path."""
    limit, size = _longest_name(path.parent), len(os.fsencode(path.name))
    if size > limit:
        name = f"{path.name[:20]}…{path.name[-10:]}"
        raise DownloadError(_TOO_LONG(name=name, size=size, folder=path.parent, limit=limit))
    with suppress(FileNotFoundError, NotADirectoryError):
        path.lstat()
    return path.is_dir()


def _check_folder(folder: Path) -> None:
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not there.is_dir():
        raise DownloadError(_NO_FOLDER(path=there))
    if not os.access(there, os.W_OK):
        raise DownloadError(_LOCKED(path=there))


def stored(task: VideoTask, folder: Path) -> Path | None:
    """Return the task's video in the data folder of a gateway on this machine, if it is there.

    Names cannot be guessed, so another gateway cannot name one of our files.
    """
    name = task.video_urls[0].rpartition("/")[2]
    known = task.sha256 is not None and _STORED.fullmatch(name)
    path = folder / name
    return path if known and os.path.isfile(path) else None  # noqa: PTH113 — never raises


class PartFile:
    """A temporary file next to its target; it leaves no trace unless :meth:`keep` succeeds."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.size = 0
        self._pid = os.getpid()
        self._hash = hashlib.sha256()
        # Short and without the prompt: names have a length limit too.
        self.path = target.with_name(f".videogen-{secrets.token_hex(6)}.part")
        with _Disk(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("xb")

    def write(self, piece: bytes) -> None:
        """Append a piece."""
        with _Disk(self.target):
            self._file.write(piece)
        self._hash.update(piece)
        self.size += len(piece)

    def share(self, stored: Path, *, linked: bool) -> bool:
        """Clone or link a file of this machine instead of copying it, if possible.

        Args:
            linked: hard-link it read-only if possible; otherwise only clone it.
        """
        if not ((linked and hard_link(stored, self.path)) or clone(stored, self._file)):
            return False
        with self.path.open("rb") as file:
            self._hash = hashlib.file_digest(file, "sha256")
        self.size = self.path.stat().st_size
        return True

    def keep(self, task: VideoTask, whole: int | None, *, replace: bool) -> Video:
        """Check the download and give it its final name. Slow: run it in a thread.

        Args:
            whole: the announced length in bytes.
            replace: whether to replace an existing file; otherwise, unless it is the same video,
                the whole task id is added to the name.

        Raises:
            NotAVideo: it is truncated, a different file, or cannot be decoded.
        """
        if whole is not None and whole != self.size:
            raise NotAVideo(_CUT(got=self.size, whole=whole), task=task)
        if task.sha256 is not None and task.sha256.lower() != self._hash.hexdigest():
            raise NotAVideo(_OTHER, task=task)
        with _Disk(self.target):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        with _Disk(self.target):
            facts = probe(self.path, name=self.target.name)
            final = self.target if replace else self._free_name(task)
            self.path.replace(final)
        keep_facts(final, task)
        return Video(final, facts, task)

    def discard(self) -> None:
        """Remove the temporary file, if it was not kept."""
        if self._pid != os.getpid():
            return  # the parent of a forked child is still writing it
        with suppress(OSError):  # what cannot be flushed to a full disk is not needed any more
            self._file.close()
        with suppress(OSError):  # nor can it be removed, where the disk was taken away
            self.path.unlink(missing_ok=True)

    def _free_name(self, task: VideoTask) -> Path:
        if not self.target.exists() or digest(self.target) == self._hash.hexdigest():
            return self.target
        limit = _longest_name(self.target.parent)
        name = names.longer_name(task.prompt, task.conversation_id, task.message_id, limit)
        return self.target.with_name(name)


def keep_facts(path: Path, task: VideoTask) -> None:
    """Write a sidecar file for a video without our metadata, generated elsewhere."""
    with suppress(OSError):
        sidecar(path).unlink(missing_ok=True)  # that of a video which lay here before
    if task.engine is None or is_marked(path):
        return
    facts = describe(
        engine=task.engine,
        prompt=task.prompt,
        parameters=task.parameters,
        seed=task.seed,
        notes=task.notes,
        sha256=task.sha256,
        usage=task.usage,
        cost=task.cost,
        task=str(task.id),
        person=task.person,
        created_at=task.finished_at and task.finished_at.isoformat(),
    )
    with suppress(OSError):  # the video is there, and that is what was asked for
        write_sidecar(path, facts)


def existing(target: Path, task: VideoTask) -> Video | None:
    """Return the task's video if it is already saved, identified by its hash."""
    with _Disk(target):
        if task.sha256 is None or not target.is_file() or digest(target) != task.sha256.lower():
            return None
        return Video(target, probe(target), task)


def digest(path: Path) -> str:
    """Return the SHA-256 hash of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Disk:
    """Turns operating system errors into DownloadError."""

    def __init__(self, target: Path) -> None:
        self._target = target

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError | ValueError):  # ValueError: a null character in a path
            reason = getattr(error, "strerror", None) or str(error)
            raise DownloadError(_DISK(folder=self._target.parent, reason=reason)) from error
