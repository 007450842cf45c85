"""``backup`` and ``restore``: a gateway's data in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import BadInput
from ..i18n import Text
from ..local.discovery import starting
from ..settings import absolute
from ..text.byte_sizes import size_words
from .framework.commands import Command, option
from .framework.exit_codes import Exit
from .framework.session import Session, shared, shared_except, with_session

if TYPE_CHECKING:
    from ..gateway.storage.backup import Manifest

_SAVED = Text(
    "Saved to {file} (tasks: {tasks}, videos: {videos}, {size}). Every file in it was checked.",
    "已将 {tasks} 个任务和 {videos} 个视频（{size}）备份到 {file}，并逐一校验。",
)
_WHOLE = Text(
    "{file} is complete (tasks: {tasks}, videos: {videos}, {size}). Created by version {version} "
    "on {created_at}.",
    "{file} 完整：{tasks} 个任务和 {videos} 个视频（{size}），由 {version} 版创建于 {created_at}。",
)
_RESTORED = Text(
    "Restored to {folder} (tasks: {tasks}, videos: {videos}, {size}).",
    "已恢复 {tasks} 个任务和 {videos} 个视频（{size}）到 {folder}。",
)
_UNREADABLE = Text("Cannot restore {file}: {reason}.", "无法恢复 {file}：{reason}。")


@click.command(
    cls=Command,
    text=Text(
        "Back up the gateway's data to one file: tasks, images, videos, settings.\n\nThe gateway "
        "keeps running during the backup. API keys are not included. Only the gateway's owner can "
        "do this.",
        "将网关的全部数据（任务、图片、视频、设置）备份为一个文件。\n\n"
        "备份期间网关照常工作。不含 API 密钥。仅网关管理者可用。",
    ),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@shared
@with_session
def backup(session: Session, file: Path) -> int:
    """Save the backup, then verify it."""
    from ..gateway.storage.backup import read_backup  # the gateway loads only where it is needed

    saved: Path = session.connection.backup(file).result()
    manifest = read_backup(saved)
    session.say(_told(_SAVED, manifest, file=file))
    session.answer(_document(manifest, saved))
    return Exit.OK


@click.command(
    cls=Command,
    text=Text(
        "Restore a backup to this machine's data folder.\n\nThe gateway must be stopped and the "
        "folder empty; with --replace, existing data is moved to a folder next to it. Tasks that "
        "may have been sent to a provider since the backup are not sent again.",
        "将备份恢复到本机的数据文件夹。\n\n"
        "须先停止网关，且文件夹为空；使用 --replace 时，现有内容会保留在旁边的文件夹中。"
        "备份之后可能已提交给服务商的任务不会再次提交。",
    ),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@option(
    "--replace",
    is_flag=True,
    text=Text("replace existing tasks; a copy of them is kept", "替换现有任务，原有内容会保留"),
)
@option("--check", is_flag=True, text=Text("only check the backup", "只检查备份是否完整，不恢复"))
@shared_except("url", "token")
@with_session
def restore(session: Session, file: Path, replace: bool, check: bool) -> int:
    """Check the backup and restore it to the data folder."""
    from ..gateway.storage import backup as backups

    folder = absolute(session.settings.data_folder)
    try:
        if check:
            manifest = backups.read_backup(file)
        else:
            with starting(session.settings):
                manifest = backups.restore(file, folder, replace=replace)
    except OSError as error:
        raise BadInput(_UNREADABLE(file=file, reason=error.strerror or error)) from error
    session.say(_told(_WHOLE if check else _RESTORED, manifest, file=file, folder=folder))
    session.answer(_document(manifest, file))
    return Exit.OK


def _told(text: Text, manifest: Manifest, **more: object) -> Text:
    return text(
        tasks=manifest.tasks,
        videos=manifest.videos,
        size=size_words(manifest.size),
        created_at=manifest.created_at,
        version=manifest.version,
        **more,
    )


def _document(manifest: Manifest, file: Path) -> dict[str, object]:
    return {
        "file": str(file),
        "tasks": manifest.tasks,
        "videos": manifest.videos,
        "bytes": manifest.size,
        "created_at": manifest.created_at,
        "version": manifest.version,
    }
