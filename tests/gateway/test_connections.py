"""Connections that send nothing, or next to nothing, keep nobody else out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
import uvicorn

from videogen_nb.gateway.server.connection_limits import bounded

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def answering(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"yes"})


@asynccontextmanager
async def _serving(most: int) -> AsyncIterator[Callable[[], Any]]:
    config = uvicorn.Config(answering, port=0, http=bounded(most), ws="none", log_config=None)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    opened: list[asyncio.StreamWriter] = []

    async def connect() -> Pair:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        opened.append(writer)
        return reader, writer

    try:
        yield connect
    finally:
        for writer in opened:
            writer.close()
        server.should_exit = True
        await running


Serving = Callable[[int], AbstractAsyncContextManager[Callable[[], Any]]]


@pytest.fixture
def serving() -> Serving:
    return _serving


async def answer(pair: Pair) -> bytes:
    reader, writer = pair
    writer.write(GET)
    return await asyncio.wait_for(reader.readuntil(b"yes"), 10)


async def closed(pair: Pair) -> bool:
    return await asyncio.wait_for(pair[0].read(), 10) == b""


async def test_the_longest_idle_makes_room_for_who_comes(serving: Serving):
    async with serving(4) as connect:
        idle = [await connect() for _ in range(4)]
        assert b"200 OK" in await answer(idle[0])  # so the second is now idle longest
        for _ in range(3):
            assert b"200 OK" in await answer(await connect())
        assert await closed(idle[1])
        assert await closed(idle[2])
        assert await closed(idle[3])
        assert b"200 OK" in await answer(idle[0])


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(GET[:20], id="half-a-head"),
        pytest.param(GET + GET[:20], id="half-a-second-head"),
    ],
)
async def test_a_head_that_does_not_come_is_given_up(
    serving: Serving, sent: bytes, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("videogen_nb.gateway.server.connection_limits.HEADERS_S", 0.2)
    async with serving(10) as connect:
        reader, writer = await connect()
        writer.write(sent)
        rest = await asyncio.wait_for(reader.read(), 10)
        assert (b"200 OK" in rest) == sent.startswith(GET)


async def test_a_drip_does_not_win_time(serving: Serving, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("videogen_nb.gateway.server.connection_limits.HEADERS_S", 0.3)
    async with serving(10) as connect:
        reader, writer = await connect()

        async def drip() -> None:
            writer.write(GET[:-2])
            while True:
                writer.write(b"X-Drip: 1\r\n")
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        with contextlib.suppress(ConnectionResetError):  # what was dripped last came too late
            assert await asyncio.wait_for(reader.read(), 10) == b""
        dripping.cancel()
        await asyncio.gather(dripping, return_exceptions=True)
