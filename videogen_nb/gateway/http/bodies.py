"""Reading request bodies, limited in size, time, and bytes in flight per person."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from starlette.requests import ClientDisconnect, Request

from ..refusals import Refusal
from ..threads import in_thread
from .context import gateway_of, owner_of

MAX_JSON: Final = 256 * 1024
MAX_VALUES: Final = 20_000  # lists, objects and their members: each takes some 60 bytes when read
BODY_S: Final = 300.0
DRAIN: Final = 32 * 1024 * 1024
DRAIN_S: Final = 5.0


@dataclass(slots=True)
class Body:
    """A complete body. Clear ``data`` as soon as it is no longer needed."""

    data: bytes


@asynccontextmanager
async def arriving(request: Request, limit: int) -> AsyncIterator[Body]:
    """Read the body. Until the block ends, its bytes count as in flight for its sender.

    They are counted before the first one is read, so that a sender with too many has to wait.

    Raises:
        Refusal: 413 above ``limit`` bytes, 408 if it is too slow, 415 if it is compressed, 400 if
            it is truncated, 429 if too many requests of the sender are waiting.
    """
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Refusal("body_encoded")
    told = told_length(request)
    if told is not None and told > limit:
        await _drain(request)
        raise too_large(limit)
    in_flight = gateway_of(request).quotas.in_flight
    async with in_flight.holding(owner_of(request), limit if told is None else told):
        yield Body(await _read(request, limit))


async def read_json(request: Request, limit: int = MAX_JSON, most_values: int = MAX_VALUES) -> Any:
    """Return the body as JSON: see :func:`parse_json`.

    Raises:
        Refusal: see :func:`arriving`; 415 for another content type; 422 for invalid JSON.
    """
    check_is_json(request)
    async with arriving(request, limit) as body:
        if limit <= MAX_JSON:
            return parse_json(body.data)
        return await in_thread(parse_json, body.data, limit, most_values)


def check_is_json(request: Request) -> None:
    """Raise Refusal (415) for a content type other than JSON."""
    kind = content_type(request)
    if kind and kind != "application/json" and not kind.endswith("+json"):
        raise Refusal("json_expected")


def parse_json(body: bytes, limit: int = MAX_JSON, most_values: int = MAX_VALUES) -> Any:
    """Parse JSON of at most ``limit`` bytes, refusing infinite numbers and lone surrogates.

    Raises:
        Refusal: 413, 422.
    """
    # Reading JSON cannot be interrupted, and a list of empty lists grows twentyfold in memory.
    if len(body) > limit:
        raise too_large(limit)
    if sum(map(body.count, (b",", b"[", b"{"))) > most_values:
        raise Refusal("not_json", why=f"more than {most_values:,} values")
    try:
        value = json.loads(body.decode("utf-8-sig"), parse_constant=_no_number)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # halves, 1e999
    except RecursionError:
        raise Refusal("not_json", why="nested too deeply") from None
    except ValueError as error:
        raise Refusal("not_json", why=str(error)[:200]) from None
    return value


def too_large(limit: int) -> Refusal:
    """Return a Refusal (413)."""
    return Refusal("body_too_large", limit=_words(limit))


def content_type(request: Request) -> str:
    """Return the media type without parameters, or ""."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def told_length(request: Request) -> int | None:
    """Return the Content-Length; None if it is missing or invalid."""
    told = request.headers.get("content-length", "")
    if told.isdecimal() and len(told) < 20:
        return int(told)
    return None if told or "transfer-encoding" in request.headers else 0


async def _read(request: Request, limit: int) -> bytes:
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
        raise Refusal("body_too_slow", seconds=round(BODY_S)) from None
    except ClientDisconnect:
        raise Refusal("body_cut_short") from None
    del body
    await _drain(request)
    raise too_large(limit)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


async def _drain(request: Request) -> None:
    # Most senders read no answer before all is sent; closing on them loses the answer. So what
    # goes a little too far is read to its end and thrown away.
    if (told_length(request) or 0) > DRAIN:
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
