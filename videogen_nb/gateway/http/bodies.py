"""Reading request bodies: bounded in size and time while they arrive."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final, NoReturn

from starlette.requests import ClientDisconnect, Request

from ..refusal import Refusal

MAX_JSON: Final = 256 * 1024
BODY_S: Final = 300.0
DRAIN: Final = 32 * 1024 * 1024
DRAIN_S: Final = 5.0


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body.

    Raises:
        Refusal: 413 above ``limit`` bytes, 408 when it takes too long, 415 when it is compressed,
            400 when it is cut short.
    """
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Refusal(415, "body_encoded")
    too_large = Refusal(413, "body_too_large", limit=_words(limit))
    if told_length(request) > limit:
        await _drain(request)
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    break
            else:
                return bytes(body)
    except TimeoutError:
        raise Refusal(408, "body_too_slow", seconds=round(BODY_S)) from None
    except ClientDisconnect:
        raise Refusal(400, "body_cut_short") from None
    await _drain(request)
    raise too_large


async def read_json(request: Request, limit: int = MAX_JSON) -> Any:
    """The body as JSON: finite numbers and whole characters only, whatever its depth.

    Raises:
        Refusal: as :func:`read_body`; 415 for another content type; 422 for what is not JSON.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and kind != "application/json" and not kind.endswith("+json"):
        raise Refusal(415, "json_expected")
    body = await read_body(request, limit)
    try:
        value = json.loads(body.decode("utf-8-sig"), parse_constant=_no_number)
        json.dumps(value, ensure_ascii=False).encode()  # finds halves of characters
    except RecursionError:
        raise Refusal(422, "not_json", why="nested too deeply") from None
    except ValueError as error:
        raise Refusal(422, "not_json", why=str(error)[:200]) from None
    return value


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def told_length(request: Request) -> int:
    """What the request says of its body's bytes; 0 where it says nothing that can be read."""
    told = request.headers.get("content-length", "")
    return int(told) if told.isdecimal() and len(told) < 20 else 0


async def _drain(request: Request) -> None:
    # Most senders read no answer before all is sent; closing on them loses the answer. So what
    # goes a little too far is read to its end and thrown away.
    if told_length(request) > DRAIN:
        return
    drained = 0
    try:
        async with asyncio.timeout(DRAIN_S):
            while drained < DRAIN:
                message = await request.receive()
                drained += len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body"):
                    return
    except TimeoutError:
        return


def _words(size: int) -> str:
    return f"{size // 2**20} MiB" if size >= 2**20 else f"{size // 2**10} KiB"
