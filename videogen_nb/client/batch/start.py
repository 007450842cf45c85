"""Turning a table into a batch: everything is checked, and all problems reported, beforehand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from ...errors import BadImage, BadParameter, BadRows, VideogenError
from ...i18n import Text
from ...media.images.from_text import is_url
from ...protocol import models
from ...protocol.polling import PollingPolicy
from ..create import validation
from ..download import Downloader
from ..images import references as image_refs
from ..images.frames import is_video
from ..images.loading import load
from ..threads import in_thread
from ..transport import Exchange, place
from .file_names import FileNames
from .rows import Problems, Row, rows_of
from .run import Batch
from .table import frame_kind

#: Uploads an image, or names a frame of a task's video: given with its role.
Refer: TypeAlias = "Callable[[Any, str], Awaitable[models.Attachment | models.ImageRef]]"
_AT_ONCE: Final = 4  # images that are checked or uploaded at the same time


async def start(
    exchange: Exchange,
    downloader: Downloader,
    refer: Refer,
    policy: PollingPolicy,
    table: Any,
    name: str | None,
    *,
    engine: str | None,
    path: str | Path | None,
    given: Mapping[str, Any],
    **columns: Any,
) -> Batch:
    """Return a batch that is ready to be estimated or created; its images are uploaded.

    Raises:
        BadRows: some rows are invalid; nothing was created.
        BadParameter: the table or template is invalid.
    """
    name = _name(table, name)
    rows, problems, notify = await in_thread(lambda: rows_of(table, given=given, **columns))
    names = await in_thread(lambda: FileNames(path, downloader.output, name, rows))
    await _add_images(rows, problems, refer, _base(table))
    for row in rows:
        if row.number not in problems.found:
            await _build(row, engine, refer, problems)
    kind = frame_kind(table)
    batch = Batch(exchange, downloader, policy, name, rows, names, frame_kind=kind, notify=notify)
    if problems.found:
        await _complain(batch, problems)
    return batch


def refuse_older(url: str) -> BadParameter:
    """Return the error for a gateway that does not support batches."""
    return BadParameter(_OLDER(place=place(url)), code="no_batches")


async def _complain(batch: Batch, problems: Problems) -> None:
    """Raise BadRows with the problems found here and those that the gateway finds in other rows."""
    if any(row.request is not None for row in batch.rows):
        try:
            await batch.weigh()
        except BadRows as others:
            problems.found |= {problem.row: problem for problem in others.rows}
    problems.check(len(batch.rows))


def _name(table: Any, name: str | None) -> str:
    if name is None and isinstance(table, str | Path):
        return Path(table).stem
    if not isinstance(name, str) or not name.strip():
        raise BadParameter(_NO_NAME)
    return name


def _base(table: Any) -> Path | None:
    return Path(table).expanduser().parent if isinstance(table, str | Path) else None


async def _add_images(
    rows: Sequence[Row], problems: Problems, refer: Refer, base: Path | None
) -> None:
    """Check every image, then upload each of them once, unless a row is invalid."""
    wanted: dict[Any, list[Row]] = {}
    images: dict[Any, Any] = {}
    for row in rows:
        if row.image is None or row.number in problems.found:
            continue
        if is_url(row.image):
            row.arguments["image_url"] = row.image
        elif isinstance(row.image, models.Attachment | Mapping):
            row.arguments["attachment"] = row.image
        elif is_video(row.image):
            row.arguments["images"] = [row.image, *(row.arguments.get("images") or [])]
        else:
            image = _located(row.image, base)
            known = str(image) if isinstance(image, str | Path) else id(image)
            images[known] = image
            wanted.setdefault(known, []).append(row)
    loaded = await _each(images, lambda image: in_thread(lambda: load(image)), wanted, problems)
    if not problems.found:
        sent = await _each(loaded, lambda image: refer(image, "first"), wanted, problems)
        for known, attachment in sent.items():
            for row in wanted[known]:
                row.arguments["attachment"] = attachment


async def _each(
    things: Mapping[Any, Any],
    work: Callable[[Any], Awaitable[Any]],
    wanted: Mapping[Any, Sequence[Row]],
    problems: Problems,
) -> dict[Any, Any]:
    """Return the results of ``work``; an invalid image is a problem of all rows that use it."""
    turns = asyncio.Semaphore(_AT_ONCE)
    done: dict[Any, Any] = {}

    async def one(known: Any, thing: Any) -> None:
        async with turns:
            try:
                done[known] = await work(thing)
            except BadImage as error:
                for row in wanted[known]:
                    problems.add(row.number, error)

    await asyncio.gather(*(one(*item) for item in things.items()))
    return done


def _located(image: Any, base: Path | None) -> Any:
    """Return a path relative to the working folder or, if it is not there, to the table."""
    if base is None or not isinstance(image, str) or len(image) > 1000:
        return image
    beside = base / image
    try:
        return beside if not Path(image).expanduser().exists() and beside.exists() else image
    except (OSError, ValueError, RuntimeError):
        return image


async def _build(row: Row, engine: str | None, refer: Refer, problems: Problems) -> None:
    fields = {"engine": engine, **row.arguments}
    url, images = fields.pop("image_url", None), fields.pop("images", None)
    try:
        row.request = validation.build(
            row.prompt,
            image_url=image_refs.check_url(url) if url is not None else None,
            image_attachment=validation.as_attachment(fields.pop("attachment", None)),
            images=None if images is None else await image_refs.references(images, refer),
            again=fields.pop("again", None) or None,
            **fields,
        )
    except VideogenError as error:
        problems.add(row.number, error)


_NO_NAME = Text(
    "A batch needs a name that identifies it when it is run again: pass name=….",
    "批次需要名称，以便再次运行时识别：name=…。",
)
_OLDER = Text(
    "The older gateway at {place} does not support batches. Create its videos one by "
    "one with "
    "generate(), or use a videogen-nb gateway. Nothing was sent.",
    "{place} 是旧版网关，不支持批次。请用 generate() 逐个创建，"
    "或改用 videogen-nb 的网关。未发送任何请求。",
)
