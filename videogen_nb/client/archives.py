"""Saving a gateway's response as a file: a backup, a contact sheet, a zip."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import httpx

from ..errors import DownloadError
from ..i18n import Text
from ..protocol import read_error
from ..settings import absolute
from .transport import Exchange

_EXISTS = Text("{path} already exists. Choose another name.", "{path} 已存在，请换一个文件名。")
_DISK = Text("Cannot save {path}: {reason}.", "无法保存 {path}：{reason}。")


async def save(
    exchange: Exchange,
    asked: str,
    path: str | os.PathLike[str],
    query: Mapping[str, str] | None = None,
) -> Path:
    """Save the response to a GET as a new file that only its owner can read.

    Raises:
        DownloadError: the file exists or cannot be written. The gateway's errors.
    """
    target = absolute(Path(path))
    if target.exists():
        raise DownloadError(_EXISTS(path=path))
    part = target.with_name(f".videogen-{secrets.token_hex(6)}.part")
    try:
        await _receive(exchange, asked, query or {}, part)
        part.rename(target)
    except OSError as error:
        raise DownloadError(_DISK(path=path, reason=error.strerror or error)) from error
    finally:
        part.unlink(missing_ok=True)
    return target


async def _receive(exchange: Exchange, asked: str, query: Mapping[str, str], part: Path) -> None:
    url = exchange.url + asked
    request = exchange.http.stream("GET", url, params=query, headers=exchange.headers_for(url))
    try:
        async with request as answer:
            if not answer.is_success:
                body = await answer.aread()
                raise read_error(
                    answer.status_code, answer.headers, body, url, now=exchange.times.now()
                )
            with _private(part) as file:
                async for piece in answer.aiter_bytes():
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
    except httpx.RequestError as error:
        raise exchange.in_words(error, url, exchange.timeouts.silence_s) from error


def _private(part: Path) -> BinaryIO:
    return os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
