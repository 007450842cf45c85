"""The two worlds in which the client must work alike: an older gateway, and ours."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from videogen_nb.client import VideoClient
from videogen_nb.gateway.http.app import create_app
from videogen_nb.settings import Settings
from videogen_nb.testing import OlderGateway

from .fake_time import FakeTime

BASE = "http://localhost:8000"
QUICK: dict[str, Any] = {"duration": 1, "resolution": "480p"}


@dataclass
class OlderWorld:
    """A client of a stand-in, both in a time that passes only while they sleep."""

    client: VideoClient
    gateway: OlderGateway
    time: FakeTime
    between: httpx.AsyncBaseTransport


@asynccontextmanager
async def older_world(
    wrap: Callable[[httpx.AsyncBaseTransport], httpx.AsyncBaseTransport] = lambda inner: inner,
    *,
    client: dict[str, Any] | None = None,
    **gateway: Any,
) -> AsyncIterator[OlderWorld]:
    """``wrap`` puts something between the two; ``client`` and ``gateway`` are their arguments."""
    time = FakeTime()
    older = OlderGateway(1, clock=time.wall, sleep=time.sleep, **gateway)
    transport = wrap(httpx.ASGITransport(app=older.app))
    async with client_in(time, transport, **(client or {})) as videos:
        yield OlderWorld(videos, older, time, transport)


def client_in(time: FakeTime, transport: httpx.AsyncBaseTransport, **arguments: Any) -> VideoClient:
    """A client whose time is ``time``, without jitter."""
    return VideoClient(
        BASE,
        **{
            "transport": transport,
            "clock": time.clock,
            "sleep": time.sleep,
            "now": time.now,
            "spread": lambda: 0.0,
            **arguments,
        },
    )


@asynccontextmanager
async def our_world(token: str = "our-token", **client: Any) -> AsyncIterator[VideoClient]:
    """A client of the real gateway app, in real time."""
    app = create_app(Settings.from_environment(), token=token)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with VideoClient(BASE, token=token, transport=transport, **client) as videos:
            yield videos


@asynccontextmanager
async def world(name: str, **client: Any) -> AsyncIterator[VideoClient]:
    """A client of "older" or "ours"."""
    if name == "ours":
        async with our_world(**client) as videos:
            yield videos
    else:
        async with older_world(client=client) as older:
            yield older.client


def image_bytes(size: tuple[int, int] = (320, 180), kind: str = "PNG", **save: Any) -> bytes:
    """A small image with something in it."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    out = io.BytesIO()
    image.save(out, kind, **save)
    return out.getvalue()


def image_file(folder: Path, name: str = "湖.png", **arguments: Any) -> Path:
    """The same as a file."""
    path = folder / name
    path.write_bytes(image_bytes(**arguments))
    return path


class Lossy(httpx.AsyncBaseTransport):
    """Passes requests on, except those for which ``failing`` gives an error.

    ``failing(request, n)`` is asked with the n-th request to that path, from 1. An error whose
    ``acted`` is true is raised after the request was passed on: the answer is what is lost.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        failing: Callable[[httpx.Request, int], Exception | None],
    ) -> None:
        self.inner = inner
        self.failing = failing
        self.seen: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        n = sum(known.url.path == request.url.path for known in self.seen)
        error = self.failing(request, n)
        if error is not None and not getattr(error, "acted", False):
            raise error
        answer = await self.inner.handle_async_request(request)
        if error is not None:
            await answer.aread()
            raise error
        return answer


def after_acting(error: Exception) -> Exception:
    """The same error, for an answer that is lost after the gateway has acted."""
    error.acted = True  # type: ignore[attr-defined]  # read by Lossy
    return error
