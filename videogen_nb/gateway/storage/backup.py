"""Backups: a data folder as a tar archive whose last member lists the other files and hashes.

A running gateway writes it: first a copy of the database (``VACUUM INTO``), then images and videos,
which never change, so nobody has to wait; files deleted meanwhile are left out. The settings are
in it too; secrets (``keys``, the cluster's certificates, ``webhook.secret``) are not.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from ..._version import __version__
from ...engines.instances import FILE as ENGINES
from ...engines.instances import workflow_files
from ...engines.registry import TABLES
from ...errors import BackupDamaged, LocalGatewayError
from ...i18n import Text
from ...local.folder_lock import FolderLock
from ...people.people_file import FILE as PEOPLE
from .database import FILE as DATABASE
from .database import Database
from .migrations import migrate

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
FOLDERS: Final = ("videos", "uploads", TABLES)
_SETTINGS: Final = (PEOPLE, ENGINES, "cluster.toml")
_KNOWN: Final = re.compile(
    rf"{'|'.join(map(re.escape, (DATABASE, *_SETTINGS)))}|(?:videos|uploads)/[\w-][\w.-]*|"
    rf"{TABLES}/[\w-]+\.toml|"
    # A workflow, by any name that is one everywhere; not what a gateway writes, in any spelling.
    rf"(?!(?i:gateway\.json|{re.escape(MANIFEST)}))[^./\\:\0-\x1f][^/\\:\0-\x1f]*\.json"
)
_PIECE: Final = 2**20
_BLOCK: Final = tarfile.BLOCKSIZE
_OWNED_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a backup: bytes, and their SHA-256 in hexadecimal."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The contents of a backup: ``files`` by path; ``created_at`` is ISO 8601 in UTC."""

    format: int
    version: str
    created_at: str
    tasks: int
    files: Mapping[str, Entry]

    @property
    def videos(self) -> int:
        """The number of videos."""
        return sum(name.endswith(".mp4") for name in self.files)

    @property
    def size(self) -> int:
        """The total size in bytes."""
        return sum(entry.size for entry in self.files.values())


async def archive(database: Database) -> Iterator[bytes]:
    """Copy the database, and yield the pieces of the archive."""
    folder = database.folder
    copies = tempfile.TemporaryDirectory(prefix=".backup-", dir=folder)
    copy = Path(copies.name) / DATABASE
    try:
        tasks = await database.read(_copy, copy)
    except BaseException:
        copies.cleanup()
        raise
    return _pieces(copies, copy, folder, tasks)


def read_backup(path: Path, into: Path | None = None) -> Manifest:
    """Check every byte of a backup; with ``into``, also unpack it into that folder.

    Raises:
        BackupDamaged: it is truncated, changed, or not a backup; the message says which.
        OSError: a file cannot be read or written.
    """
    found: dict[str, Entry] = {}
    manifest: Manifest | None = None
    try:
        with tarfile.open(path, "r|") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isfile() else None
                if content is None or manifest is not None:
                    raise BackupDamaged(_STRANGE(file=path, name=member.name[:100]))
                if member.name == MANIFEST:
                    manifest = _manifest(content.read(), path)
                elif _KNOWN.fullmatch(member.name):
                    found[member.name] = _take(content, into and into / member.name)
                else:
                    raise BackupDamaged(_STRANGE(file=path, name=member.name[:100]))
    except (tarfile.TarError, EOFError) as error:
        raise BackupDamaged(_NO_BACKUP(file=path)) from error
    if manifest is None:
        raise BackupDamaged(_CUT(file=path))
    if wrong := _different(found, manifest.files):
        raise BackupDamaged(_CHANGED(file=path, name=wrong))
    return manifest


def restore(path: Path, folder: Path, *, replace: bool = False) -> Manifest:
    """Restore a backup to a data folder that no gateway owns.

    With ``replace``, existing data is moved to a folder ``before-restore-…`` next to it. A task
    that had not been sent to a provider when the backup was made may have been sent and paid for
    since: it ends with ``outcome_unknown`` and is not sent automatically.

    Raises:
        BackupDamaged: nothing was changed.
        LocalGatewayError: a gateway owns the folder, or it contains tasks and ``replace`` is not
            set.
    """
    with FolderLock(folder, timeout_s=_OWNED_S):
        if not replace and (folder / DATABASE).exists():
            raise LocalGatewayError(_OCCUPIED(folder=folder), code="folder_in_use")
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=folder) as place:
            unpacked = Path(place)
            manifest = read_backup(path, unpacked)
            _settle(unpacked / DATABASE, path)
            names = {path.name for path in unpacked.iterdir()}
            _put_aside(folder, names | {DATABASE, *FOLDERS, *_SETTINGS})
            # The database comes last: without it there are no tasks, and this can be done again.
            for name in (*sorted(names - {DATABASE}), DATABASE):
                (unpacked / name).replace(folder / name)
    return manifest


def _copy(connection: sqlite3.Connection, to: Path) -> int:
    connection.execute("VACUUM INTO ?", [str(to)])
    return int(connection.execute("SELECT count(*) FROM tasks").fetchone()[0])


def _pieces(
    copies: tempfile.TemporaryDirectory[str], copy: Path, folder: Path, tasks: int
) -> Iterator[bytes]:
    entries: dict[str, Entry] = {}
    with copies:
        yield from _member(DATABASE, copy, entries)
        paths = [folder / name for name in (*_SETTINGS, *workflow_files(folder))]
        paths += [path for name in FOLDERS for path in sorted((folder / name).glob("*"))]
        for path in paths:
            name = path.relative_to(folder).as_posix()
            if path.is_file() and _KNOWN.fullmatch(name):
                yield from _member(name, path, entries)
    manifest = Manifest(FORMAT, __version__, datetime.now(UTC).isoformat(), tasks, entries)
    told = json.dumps(asdict(manifest)).encode()
    yield _header(MANIFEST, len(told)) + told + _padding(len(told))
    yield bytes(2 * _BLOCK)


def _member(name: str, path: Path, entries: dict[str, Entry]) -> Iterator[bytes]:
    with suppress(FileNotFoundError), path.open("rb") as file:  # deleted meanwhile
        size = left = os.fstat(file.fileno()).st_size  # of this one, should an editor replace it
        digest = hashlib.sha256()
        yield _header(name, size)
        while left and (piece := file.read(min(left, _PIECE))):
            digest.update(piece)
            left -= len(piece)
            yield piece
        # A file that another program has cut short: the archive stays readable, its check fails.
        yield bytes(left) + _padding(size)
        entries[name] = Entry(size, digest.hexdigest())


def _header(name: str, size: int) -> bytes:
    about = tarfile.TarInfo(name)
    about.size, about.mode, about.mtime = size, 0o600, int(time.time())
    return about.tobuf(tarfile.PAX_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)


def _manifest(raw: bytes, path: Path) -> Manifest:
    try:
        told: dict[str, Any] = json.loads(raw)
        files = {name: Entry(**entry) for name, entry in told["files"].items()}
        manifest = Manifest(**told | {"files": files})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BackupDamaged(_NO_BACKUP(file=path)) from error
    if manifest.format != FORMAT:
        raise BackupDamaged(_NEWER(file=path, version=manifest.version))
    return manifest


def _take(content: IO[bytes], to: Path | None) -> Entry:
    """Read a member completely, into a new private file if given."""
    digest, size = hashlib.sha256(), 0
    with ExitStack() as opened:
        file = None
        if to is not None:
            to.parent.mkdir(mode=0o700, exist_ok=True)
            file = opened.enter_context(to.open("xb"))
            to.chmod(0o600)
        while piece := content.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            if file is not None:
                file.write(piece)
    return Entry(size, digest.hexdigest())


def _different(found: Mapping[str, Entry], told: Mapping[str, Entry]) -> str | None:
    names = [*told, *(name for name in found if name not in told)]
    return next((name for name in names if found.get(name) != told.get(name)), None)


def _settle(database: Path, path: Path) -> None:
    """Check and migrate the database, and end tasks that may have been paid for since."""
    try:
        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise BackupDamaged(_CHANGED(file=path, name=DATABASE))
            migrate(connection)
            now = time.time()
            for (message_id,) in connection.execute(_UNSENT).fetchall():
                told = json.dumps(_SINCE.to_json(), ensure_ascii=False)
                connection.execute(
                    "UPDATE tasks SET status = 'failed', error_code = 'outcome_unknown', "
                    "error = ?, updated_at = ?, finished_at = ? WHERE message_id = ?",
                    [told, now, now, message_id],
                )
                connection.execute(
                    "UPDATE spending SET settled = 1 WHERE message_id = ?", [message_id]
                )
    except sqlite3.DatabaseError as error:
        raise BackupDamaged(_CHANGED(file=path, name=DATABASE)) from error


def _put_aside(folder: Path, names: set[str]) -> None:
    there = [folder / name for name in names]
    there += [folder / f"{DATABASE}{suffix}" for suffix in ("-wal", "-journal", "-shm")]
    there = [path for path in there if path.exists()]
    if there:
        aside = folder / f"before-restore-{datetime.now(UTC):%Y%m%dT%H%M%S}"
        aside.mkdir(mode=0o700)
        for path in there:
            path.replace(aside / path.name)


#: Tasks for a provider that had not been sent: those of an intent are looked for by the gateway.
_UNSENT: Final = (
    "SELECT message_id FROM tasks WHERE status IN ('pending', 'processing') AND digest IS NOT NULL "
    "AND intent IS NULL AND handle IS NULL"
)

_NO_BACKUP: Final = Text(
    "{file} is not a backup of a gateway. Nothing was changed.", "{file} 不是网关的备份，未做更改。"
)
_CUT: Final = Text(
    "The backup {file} is truncated. Nothing was changed.", "备份 {file} 不完整，未做更改。"
)
_STRANGE: Final = Text(
    "{file} contains {name!r}, which does not belong in a backup. Nothing was changed.",
    "{file} 含有不属于备份的 {name!r}，未做更改。",
)
_CHANGED: Final = Text(
    "The backup {file} is damaged: {name} is missing or has changed. Nothing was changed.",
    "备份 {file} 已损坏：{name} 缺失或内容已变，未做更改。",
)
_NEWER: Final = Text(
    "The backup {file} was made by a newer version ({version}). Upgrade videogen-nb.",
    "备份 {file} 由较新的版本（{version}）创建，请升级 videogen-nb。",
)
_OCCUPIED: Final = Text(
    "The data folder {folder} already contains tasks. Set VIDEOGEN_HOME to an empty folder, or "
    "pass --replace: existing data is then kept in a folder next to it.",
    "数据文件夹 {folder} 中已有任务。请将 VIDEOGEN_HOME 设为空文件夹，或使用 --replace："
    "现有内容会保留在旁边的文件夹中。",
)
_SINCE: Final = Text(
    "This task was restored from a backup. It may have been sent to the provider, and paid for, "
    "after the backup was made, so it was not sent again. If it was not, retry it.",
    "该任务来自备份。备份之后它可能已提交给服务商并产生费用，因此没有再次提交。"
    "如确认未提交，可重试。",
)
