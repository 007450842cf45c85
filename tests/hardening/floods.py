"""Floods of one person against a real gateway, and what another person gets meanwhile.

    python -m tests.hardening.floods [none urls names json images] --seconds 15

One row a flood: by how much the gateway's memory grew (its own process; images are checked in
others, which have limits of their own), and how long the other person's status, list and small
uploads took. Exit code 1 where memory grew by more than 200 MiB or the 99th percentile is 1 s or
more. The flooders stand for other machines, so they run at the lowest priority. Linux only.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import io
import itertools
import multiprocessing
import os
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np
import psutil
from PIL import Image

from ..gateway.conftest import write_people
from ..gateway.trial_engine import install

MAX_GROWTH_MIB: Final = 200
MAX_P99_S: Final = 1.0
ANNA, BEN = "a" * 20, "b" * 20
GENERATE: Final = "/api/video-gen/generate"
UPLOAD: Final = "/api/file/upload"
SILENT: Final = ".silent.test"  # nobody ever answers for these names

Send = Callable[[httpx.AsyncClient, int], Awaitable[httpx.Response]]


def serve(home: Path, site: Path, ready: Connection) -> None:
    """A gateway of two people, in a process of its own."""
    os.dup2(os.open(home.parent / "gateway.log", os.O_WRONLY | os.O_CREAT, 0o600), 2)
    from videogen_nb.gateway.server.listener import listen
    from videogen_nb.gateway.server.server import run
    from videogen_nb.people.lookup import own_token
    from videogen_nb.settings import Settings

    sys.path.insert(0, str(site))
    look_up = socket.getaddrinfo

    def sometimes_silent(host: Any, *arguments: Any, **named: Any) -> Any:
        if str(host).endswith(SILENT):
            time.sleep(3600)
        return look_up(host, *arguments, **named)

    socket.getaddrinfo = sometimes_silent
    write_people(home, {"anna": ANNA, "ben": BEN})
    settings = Settings(
        home=home,
        runtime=home.parent / "run",
        allow_networks="127.0.0.0/8",  # the images of the flood lie on this machine
        engine="trial",
    )
    token = own_token(settings)
    listener = listen("127.0.0.1", 0, token=token)
    run(settings, listener, kind="embedded", token=token, on_ready=ready.send)


def noise(megapixels: float, kind: str = "JPEG", **options: Any) -> bytes:
    """An image that packs badly."""
    side = int((megapixels * 1e6) ** 0.5)
    pixels = np.random.default_rng(1).integers(0, 256, (side, side, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def other(image: bytes, number: int) -> bytes:
    """The same image as other bytes, so that it is not known yet."""
    return image + number.to_bytes(8, "big")


async def _to_images(http: httpx.AsyncClient, host: str, number: int) -> httpx.Response:
    url = f"http://{host}/{os.getpid()}-{number}.jpg"
    return await http.post(GENERATE, json={"prompt": "quick", "image_url": url})


@contextlib.asynccontextmanager
async def urls() -> AsyncIterator[Send]:
    """Requests whose image of 9 MiB has to be downloaded."""
    image = noise(6, quality=90)
    numbers = itertools.count()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(
            ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError
        ):
            await reader.readuntil(b"\r\n\r\n")
            body = other(image, next(numbers))
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield lambda http, number: _to_images(http, host, number)


@contextlib.asynccontextmanager
async def names() -> AsyncIterator[Send]:
    """Requests whose image lies on a host for which no name server answers."""
    yield lambda http, number: _to_images(http, f"host{number}{SILENT}", number)


@contextlib.asynccontextmanager
async def bodies() -> AsyncIterator[Send]:
    """JSON of 13 MiB: an image in it, a list of empty lists, an object of many names."""
    image = base64.b64encode(noise(6, quality=90)[: 9 * 2**20]).decode()
    kinds = (
        b'{"prompt":"quick","input_reference":"data:image/jpeg;base64,%b"}' % image.encode(),
        b"[" + b"[]," * 4_400_000 + b"[]]",
        b"{" + b",".join(b'"%d":{}' % number for number in range(1_000_000)) + b"}",
    )
    headers = {"Content-Type": "application/json"}
    yield lambda http, number: http.post("/v1/videos", content=kinds[number % 3], headers=headers)


@contextlib.asynccontextmanager
async def images() -> AsyncIterator[Send]:
    """Images that take long to check."""
    large = Image.linear_gradient("L").resize((5900, 5900)).convert("RGB")
    buffer = io.BytesIO()
    large.save(buffer, "PNG", compress_level=1)
    image = buffer.getvalue()
    yield lambda http, number: http.post(
        UPLOAD, params={"file_name": "a.png"}, content=other(image, number)
    )


#: How many requests at once, and what they are.
FLOODS: Final[dict[str, tuple[int, Callable[[], Any]]]] = {
    "none": (0, names),  # the same without a flood, to compare with
    "urls": (120, urls),
    "names": (120, names),
    "json": (8, bodies),
    "images": (16, images),
}


def flood(url: str, name: str, stop: Any, tell: Connection) -> None:
    """Send one kind of request, many at once and again and again, until it is told to stop."""
    os.nice(19)
    tell.send(asyncio.run(_flood(url, name, stop, tell)))


async def _flood(url: str, name: str, stop: Any, tell: Connection) -> dict[str, int]:
    at_once, kind = FLOODS[name]
    numbers = itertools.count()
    answers: Counter[str] = Counter()

    async def one(http: httpx.AsyncClient, send: Send) -> None:
        while not stop.is_set():
            try:
                answers[str((await send(http, next(numbers))).status_code)] += 1
            except httpx.HTTPError as error:
                answers[type(error).__name__] += 1
            await asyncio.sleep(0.05)

    limits = httpx.Limits(max_connections=at_once)
    headers = {"Authorization": f"Bearer {ANNA}"}
    async with (
        kind() as send,
        httpx.AsyncClient(
            base_url=url, headers=headers, timeout=90, trust_env=False, limits=limits
        ) as http,
    ):
        tell.send("ready")
        tasks = [asyncio.create_task(one(http, send)) for _ in range(at_once)]
        await asyncio.to_thread(stop.wait)
        if tasks:
            await asyncio.wait(tasks, timeout=5)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return dict(answers)


def ask(http: httpx.Client, ids: dict[str, Any], number: int) -> dict[str, float]:
    """The other person's status, list and a small upload: seconds of each."""
    image = Image.linear_gradient("L").resize((64, 48 + number % 50)).convert("RGB")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    body = other(buffer.getvalue(), number)
    took = {}
    for name, method, path, sent in (
        ("status", "GET", "/api/video-gen/status", {"params": ids}),
        ("list", "GET", "/api/video-gen/list", {}),
        ("upload", "POST", UPLOAD, {"params": {"file_name": "b.png"}, "content": body}),
    ):
        began = time.perf_counter()
        http.request(method, path, **sent).raise_for_status()
        took[name] = time.perf_counter() - began
    return took


@contextlib.contextmanager
def watched(process: psutil.Process) -> Iterator[list[int]]:
    """The process's resident bytes, several times a second."""
    sizes = [process.memory_info().rss]
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.05):
            sizes.append(process.memory_info().rss)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield sizes
    finally:
        over.set()
        thread.join()


def measure(name: str, seconds: float) -> bool:
    """One flood on a gateway of its own. Whether it stayed within the limits."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        ready, tell = context.Pipe(duplex=False)
        home = Path(folder) / "home"
        gateway = context.Process(target=serve, args=(home, install(Path(folder) / "site"), tell))
        gateway.start()
        stack.callback(gateway.join)
        stack.callback(gateway.kill)
        assert ready.poll(60), (home.parent / "gateway.log").read_text()
        url = ready.recv()
        headers = {"Authorization": f"Bearer {BEN}"}
        http = stack.enter_context(
            httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=60)
        )
        made = http.post(GENERATE, json={"prompt": "quick"}).raise_for_status().json()
        ids = {key: made[key] for key in ("conversation_id", "message_id")}
        for number in range(20):  # so that nothing of it is the first time
            ask(http, ids, number)
        stop, (answers, told) = context.Event(), context.Pipe(duplex=False)
        flooder = context.Process(target=flood, args=(url, name, stop, told))
        flooder.start()
        stack.callback(flooder.join)
        stack.callback(stop.set)
        assert answers.poll(60)
        answers.recv()
        took: list[dict[str, float]] = []
        with watched(psutil.Process(gateway.pid)) as sizes:
            began = time.monotonic()
            for number in itertools.count(20):
                took.append(ask(http, ids, number))
                if time.monotonic() - began > seconds:
                    break
                time.sleep(0.02)
            stop.set()
            told_back = answers.recv() if answers.poll(30) else {}
    growth = (max(sizes) - sizes[0]) / 2**20
    slow = {kind: p99([one[kind] for one in took]) for kind in took[0]}
    times = ", ".join(f"{kind} {seconds * 1000:.0f}" for kind, seconds in slow.items())
    print(
        f"{name:7} memory +{growth:.0f} MiB; of {len(took)} each, the 99th percentile: {times} ms; "
        f"the flood's answers: {told_back}",
        flush=True,
    )
    return growth <= MAX_GROWTH_MIB and max(slow.values()) < MAX_P99_S


def p99(seconds: list[float]) -> float:
    """The 99th percentile of what was measured."""
    return statistics.quantiles(seconds, n=100, method="inclusive")[98]


def main() -> int:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("floods", nargs="*", choices=[[], *FLOODS], default=[])
    parser.add_argument("--seconds", type=float, default=15, help="of each flood")
    chosen = parser.parse_args()
    within = [measure(name, chosen.seconds) for name in chosen.floods or FLOODS]
    return 0 if all(within) else 1


if __name__ == "__main__":
    sys.exit(main())
