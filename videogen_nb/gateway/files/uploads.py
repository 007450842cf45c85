"""Uploaded images: checked in a separate process, stored under opaque keys."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import sqlite3
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from weakref import WeakValueDictionary

from ...engines import InputImage
from ...errors import BadImage
from ...media.images import quick_check
from ...media.images.check import too_hard
from ...security.private_files import private_folder
from ..limits.quotas import Quotas
from ..refusals import Refusal
from ..storage.database import Database
from ..storage.task_record import ImageUse, Role
from ..threads import in_thread
from ..workers.media_checker import CheckingProcess, MediaChecker
from ..workers.messages import ImageRequest
from ..workers.process import WorkerDied, WorkerSilent, WorkFailed
from .videos import new_name, sync_folder

PROCESSES: Final = 2  # that check images; of one person's, one at a time is checked
CHECK_S: Final = 10.0  # an image that takes longer to decode is refused
KEPT_UNUSED_S: Final = 24 * 3600.0  # an image that no task refers to


@dataclass(frozen=True, slots=True)
class Upload:
    """A stored image. ``source_sha256`` is the upload's hash, ``sha256`` the stored file's."""

    key: str
    owner: str
    source_sha256: str
    sha256: str
    width: int
    height: int

    @property
    def identifier(self) -> str:
        """A UUID that is the same for the same image."""
        return str(uuid.uuid5(uuid.NAMESPACE_OID, self.key))


class Uploads:
    """The images of this gateway. Identical uploads of one owner are stored once."""

    def __init__(
        self,
        folder: Path,
        database: Database,
        quotas: Quotas,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._drafts = folder / "unfinished"
        self._database = database
        self._quotas = quotas
        self._clock = clock
        self._checker = MediaChecker(PROCESSES)
        self._storing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def open(self) -> None:
        """Create the folders; remove unfinished checks and orphaned images."""
        await in_thread(self._sweep_drafts)
        known = set(await self._database.read(_keys))
        if self._database.notice is None:  # a database started anew knows nothing yet
            await in_thread(self._sweep_unknown, known)
        await self.purge()

    async def close(self) -> None:
        """Stop the checking processes."""
        await self._checker.close()

    async def add(self, owner: str, data: bytes, name: str | None = None) -> Upload:
        """Check and store an image.

        Raises:
            BadImage: it is not acceptable.
            Refusal: this person's images take too much space, or the disk is full.
        """
        source = await in_thread(_looked_at, data, name)
        known = await self._known(owner, source)
        if known is not None:
            return known
        await self._quotas.check_disk()
        async with self._storing_lock(owner), self._checker.turn(owner) as process:
            known = await self._known(owner, source)  # another may have brought it meanwhile
            if known is not None:
                return known
            self._quotas.check_kept(owner, await self.kept(owner), len(data))
            key, facts = await self._check(process, data)
            size = facts["width"], facts["height"]
            upload = Upload(key, owner, source, facts["sha256"], *size)
            await self._database.write(_add, upload, self._clock())
            return upload

    async def add_video(
        self, owner: str, video: Path, digest: str, facts: Mapping[str, Any]
    ) -> Upload:
        """Keep a finished task's video as it is, for engines that work on one.

        Args:
            digest: its SHA-256.
            facts: its ``width`` and ``height``.

        Raises:
            Refusal: this person's images take too much space, or the disk is full.
        """
        source = f"video {digest}"
        async with self._storing_lock(owner):
            known = await self._known(owner, source)
            if known is not None:
                return known
            await self._quotas.check_disk()
            size = await in_thread(_size, [video])
            self._quotas.check_kept(owner, await self.kept(owner), size)
            key = await self._copy(video)
            upload = Upload(key, owner, source, digest, facts["width"], facts["height"])
            await self._database.write(_add, upload, self._clock())
            return upload

    async def find(self, owner: str, uses: Sequence[ImageUse]) -> list[InputImage]:
        """Return the images of a task for an engine.

        Raises:
            Refusal: a key is unknown.
        """
        known = await self.known(owner, [use.key for use in uses])
        for use in uses:
            if use.key not in known:
                raise Refusal("unknown_attachment", key=use.key)
        return [self.as_input(known[use.key], use.role) for use in uses]

    async def known(self, owner: str, keys: Sequence[str]) -> dict[str, Upload]:
        """Return which of these images this person has, by key, and mark them as used."""
        if not keys:
            return {}
        return await self._database.write(_touch_all, owner, keys, self._clock())

    def as_input(self, upload: Upload, role: Role) -> InputImage:
        """Return an image in the form for engines."""
        return InputImage(self.path(upload.key), upload.sha256, upload.width, upload.height, role)

    async def purge(self) -> None:
        """Remove images that no task refers to and that have not been used for a day."""
        for key in await self._database.write(_purge, self._clock() - KEPT_UNUSED_S):
            self.path(key).unlink(missing_ok=True)

    def path(self, key: str) -> Path:
        """Return the path of an image. Keys are looked up, never used as paths."""
        return self._folder / key.removeprefix(_PREFIX)

    def _storing_lock(self, owner: str) -> asyncio.Lock:
        """Return the lock under which a person's files are stored, one at a time."""
        return self._storing.setdefault(owner, asyncio.Lock())

    async def _known(self, owner: str, source: str) -> Upload | None:
        upload = await self._database.write(_touch_source, owner, source, self._clock())
        return upload if upload is not None and self.path(upload.key).exists() else None

    async def kept(self, owner: str) -> int:
        """Return the total size of a person's images, in bytes."""
        keys = await self._database.read(_keys, owner)
        return await in_thread(_size, [self.path(key) for key in keys])

    async def _copy(self, video: Path) -> str:
        name = f"{new_name()}{VIDEO_SUFFIX}"
        draft, key = self._drafts / name, f"{_PREFIX}{name}"
        try:
            await in_thread(shutil.copyfile, video, draft)
            await in_thread(draft.replace, self.path(key))
            await in_thread(sync_folder, self._folder)
            return key
        finally:
            draft.unlink(missing_ok=True)

    async def _check(self, process: CheckingProcess, data: bytes) -> tuple[str, dict[str, Any]]:
        name = new_name()
        source, target = self._drafts / f"{name}.in", self._drafts / f"{name}.out"
        try:
            await in_thread(source.write_bytes, data)
            facts = await _normalise(process, ImageRequest(source, target))
            key = f"{_PREFIX}{name}.{_SUFFIXES[facts['format']]}"
            await in_thread(target.replace, self.path(key))
            await in_thread(sync_folder, self._folder)
            return key, facts
        finally:
            source.unlink(missing_ok=True)
            target.unlink(missing_ok=True)

    def _sweep_drafts(self) -> None:
        shutil.rmtree(self._drafts, ignore_errors=True)
        private_folder(self._folder)
        private_folder(self._drafts)

    def _sweep_unknown(self, known: set[str]) -> None:
        for path in self._folder.iterdir():
            if path.is_file() and _PREFIX + path.name not in known:
                path.unlink(missing_ok=True)


_PREFIX: Final = "uploads/"
VIDEO_SUFFIX: Final = ".mp4"
_SUFFIXES: Final = {"JPEG": "jpg", "PNG": "png"}
_FIELDS: Final = "key, owner, source_sha256, sha256, width, height"


async def _normalise(process: CheckingProcess, request: ImageRequest) -> dict[str, Any]:
    try:
        return await process.ask(request, silence_s=CHECK_S)
    except WorkFailed as failed:
        if failed.code == "disk_full":
            raise Refusal("disk_full") from failed
        if failed.bad_input:
            raise BadImage(failed.text, code=failed.code) from failed
        if failed.code == "out_of_memory":
            raise too_hard() from failed
        raise Refusal("check_failed") from failed
    except WorkerSilent as silent:
        raise too_hard() from silent
    except WorkerDied as died:
        raise Refusal("check_failed", retry_after_s=5) from died


def _looked_at(data: bytes, name: str | None) -> str:
    """Return the digest of data that looks like an image. Raises BadImage otherwise."""
    quick_check(data, name)
    return hashlib.sha256(data).hexdigest()


def _size(paths: Sequence[Path]) -> int:
    return sum(path.stat().st_size for path in paths if path.exists())


def _keys(connection: sqlite3.Connection, owner: str | None = None) -> list[str]:
    rows = connection.execute("SELECT key FROM uploads WHERE owner = ? OR ? IS NULL", [owner] * 2)
    return [row["key"] for row in rows]


def _add(connection: sqlite3.Connection, upload: Upload, now: float) -> None:
    connection.execute(
        f"INSERT OR REPLACE INTO uploads ({_FIELDS}, last_used_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            upload.key,
            upload.owner,
            upload.source_sha256,
            upload.sha256,
            upload.width,
            upload.height,
            now,
        ],
    )


def _touch_all(
    connection: sqlite3.Connection, owner: str, keys: Sequence[str], now: float
) -> dict[str, Upload]:
    touched = (_touched(connection, "owner = ? AND key = ?", [owner, k], now) for k in set(keys))
    return {upload.key: upload for upload in touched if upload is not None}


def _touch_source(
    connection: sqlite3.Connection, owner: str, source: str, now: float
) -> Upload | None:
    return _touched(connection, "owner = ? AND source_sha256 = ?", [owner, source], now)


def _touched(
    connection: sqlite3.Connection, where: str, values: list[str], now: float
) -> Upload | None:
    row = connection.execute(
        f"UPDATE uploads SET last_used_at = ? WHERE {where} RETURNING {_FIELDS}", [now, *values]
    ).fetchone()
    return Upload(*row) if row else None


def _purge(connection: sqlite3.Connection, before: float) -> list[str]:
    rows = connection.execute(
        "DELETE FROM uploads WHERE last_used_at < ? AND NOT EXISTS "
        "(SELECT 1 FROM upload_uses WHERE upload_uses.key = uploads.key) RETURNING key",
        [before],
    ).fetchall()
    return [row["key"] for row in rows]
