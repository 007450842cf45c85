"""A client behind a bad network: every answer may be refused, reset, cut, late, garbled or false.

    python -m tests.hardening.network --tasks 1000 --faults 0.3 --seed 1

Every task has to come to its true end, be made once, and its video be saved whole. Exit code 1
where one did not.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import ssl
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import httpx

from videogen_nb.client import VideoClient
from videogen_nb.errors import GatewayError, NotAVideo, TaskFailed
from videogen_nb.protocol.models import VideoTask

from ..gateway.trial_engine import install
from ..network.proxies import proxy
from .gateway_lives import TOKEN, Life, begin
from .ledger import Broken, digest

AT_ONCE = 20
HURRY = 20.0  # pauses between attempts are so much shorter than a person's client makes them
DEADLINE_S = 600.0  # of one task, all its repetitions included

PAGE = b"<!doctype html><title>502</title><h1>Bad Gateway</h1><script>alert(1)</script>"

#: Before the request is passed on, so that it was never carried out.
BEFORE = (
    *("reset", "close", "garbage", "half a status line", "500 page", "503 page", "false 200"),
    *("429 seconds", "429 date", "429 nonsense", "429 bare"),
)
#: After it was carried out: the answer is what suffers.
AFTER = ("lost", "cut head", "cut body", "false length", "garbled body", "late", "drip")


class Network:
    """What lies between: ``share`` of all requests meet a fault. ``met`` counts them by name.

    With ``tls`` it speaks TLS for the gateway as ``https://videos.test``; the way there is a proxy
    that ``https_proxy`` has to name. (Of this machine's own names no authority is believed.)
    """

    def __init__(
        self, url: str, seed: int, share: float, tls: ssl.SSLContext | None = None
    ) -> None:
        self._tls = tls
        self._there = httpx.URL(url)
        self._chance = random.Random(seed)
        self._share = share
        self.met: Counter[str] = Counter()
        self.proxy = ""

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Gives the URL to use instead."""
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0, ssl=self._tls)
        async with server:
            port = server.sockets[0].getsockname()[1]
            if self._tls is None:
                yield f"http://127.0.0.1:{port}"
                return
            with proxy("http", port) as between:
                self.proxy = f"http://{between.address}"
                yield "https://videos.test"

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await _message(reader)
            fault = None
            if self._chance.random() < self._share:
                fault = self._chance.choice(BEFORE + AFTER)
            self.met[fault or "none"] += 1
            if fault in BEFORE:
                writer.write(self._instead(fault))
                if fault == "reset":
                    writer.transport.abort()
                return
            answer = await self._pass_on(request)
            if fault is None:
                writer.write(answer)
            else:
                await self._spoil(fault, answer, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the other side has had enough
        finally:
            writer.close()

    async def _pass_on(self, request: bytes) -> bytes:
        head, _, body = request.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection")]
        if self._tls:
            lines.append(b"X-Forwarded-Proto: https")
        assert self._there.port is not None
        reader, writer = await asyncio.open_connection(self._there.host, self._there.port)
        try:
            writer.write(b"\r\n".join([*lines, b"Connection: close", b"", body]))
            return await reader.read()
        finally:
            writer.close()

    def _instead(self, fault: str) -> bytes:
        if fault == "garbage":
            return self._chance.randbytes(200)
        if fault == "half a status line":
            return b"HTTP/1.1 20"
        if fault == "false 200":
            return _answer("200 OK", PAGE, "Content-Type: text/html")
        if fault.endswith("page"):
            return _answer(f"{fault[:3]} Oops", PAGE, "Content-Type: text/html")
        waits = {"429 seconds": "1", "429 date": formatdate(time.time() + 1, usegmt=True)}
        waits["429 nonsense"] = "soon"
        retry = [f"Retry-After: {waits[fault]}"] if fault in waits else []
        return _answer("429 Slow Down", b'{"detail": "later"}', *retry) if "429" in fault else b""

    async def _spoil(self, fault: str, answer: bytes, writer: asyncio.StreamWriter) -> None:
        head, _, body = answer.partition(b"\r\n\r\n")
        if fault == "lost":
            writer.transport.abort()
        elif fault == "cut head":
            writer.write(head[: len(head) // 2])
        elif fault == "cut body":
            writer.write(head + b"\r\n\r\n" + body[: len(body) // 2])
        elif fault == "false length":
            longer = head.lower().replace(b"content-length: ", b"content-length: 9")
            writer.write(longer + b"\r\n\r\n" + body)
        elif fault == "garbled body":
            writer.write(head + b"\r\n\r\n" + self._chance.randbytes(len(body)))
        elif fault == "late":
            await asyncio.sleep(0.5)
            writer.write(answer)
        else:
            for start in range(0, len(answer), 1 + len(answer) // 20):
                writer.write(answer[start : start + 1 + len(answer) // 20])
                await asyncio.sleep(0.01)


def _told(failed: TaskFailed) -> VideoTask:
    assert failed.task is not None
    return failed.task


async def _all(videos: VideoClient) -> AsyncIterator[VideoTask]:
    offset = 0
    while tasks := (await videos.list_tasks(limit=100, offset=offset)).tasks:
        offset += len(tasks)
        for task in tasks:
            yield task


def _answer(status: str, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    told = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return head + (await reader.readexactly(int(told[0].split(b":")[1])) if told else b"")


class Run:
    """So many tasks through such a network; ``outcomes`` counts how they ended."""

    def __init__(self, folder: Path, life: Life, seed: int, share: float) -> None:
        self.videos = folder / "videos"
        self.life = life
        self.network = Network(life.url, seed, share)
        self.outcomes: Counter[str] = Counter()
        self.told: Counter[str] = Counter()  # errors that a person would have seen

    async def run(self, tasks: int) -> None:
        """Raises Broken: a task is missing, doubled, told wrongly or its video is not whole."""
        slots = asyncio.Semaphore(AT_ONCE)
        async with self.network.open() as url, self._client(url) as videos:

            async def one(number: int) -> VideoTask:
                async with slots, asyncio.timeout(DEADLINE_S):
                    return await self._one(videos, number)

            ended = await asyncio.gather(*(one(number) for number in range(tasks)))
        await self._compare(ended)

    def _client(self, url: str) -> VideoClient:
        return VideoClient(
            url, token=TOKEN, output=self.videos, sleep=lambda s: asyncio.sleep(s / HURRY)
        )

    async def _one(self, videos: VideoClient, number: int) -> VideoTask:
        prompt = "error" if number % 10 == 0 else "quick"
        key = f"task-{number}"
        task = await self._until(
            lambda: videos.create_task(prompt, engine="trial", idempotency_key=key)
        )
        try:
            done: VideoTask = await self._until(lambda: videos.wait(task))
        except TaskFailed as failed:
            return _told(failed)
        video = await self._until(lambda: videos.download(done))
        if digest(Path(video)) != done.sha256:
            raise Broken(f"the video of {done.id} is not the one that was made")
        return done

    async def _until(self, call: Any) -> Any:
        """What a person does: ask again where it is said that the network was at fault."""
        while True:
            try:
                return await call()
            except TaskFailed:
                raise
            except (GatewayError, NotAVideo) as error:
                self.told[type(error).__name__] += 1

    async def _compare(self, ended: list[VideoTask]) -> None:
        """With what the gateway itself says, asked past the bad network."""
        async with VideoClient(self.life.url, token=TOKEN) as videos:
            true = {task.id: task async for task in _all(videos)}
        if len(true) != len(ended) or len({task.id for task in ended}) != len(ended):
            raise Broken(f"{len(ended)} tasks were asked for, {len(true)} were made")
        for task in ended:
            self.outcomes[task.status] += 1
            if true[task.id].status != task.status or not task.status.finished:
                raise Broken(f"told {task.status}, but it is {true[task.id].status}: {task.id}")
        completed = [task for task in ended if task.status == "completed"]
        files = [path for path in self.videos.rglob("*") if path.is_file()]
        if len([path for path in files if path.suffix == ".mp4"]) != len(completed):
            raise Broken(f"{len(completed)} videos, but there lie {len(files)} files")
        odd = [path.name for path in files if path.suffix not in (".mp4", ".jpg", ".json")]
        if odd:
            raise Broken(f"left lying: {odd}")


def main() -> int:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=1000)
    parser.add_argument("--faults", type=float, default=0.3, help="share of requests")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        life = begin(folder / "home", install(folder / "site"))
        assert life is not None
        stack.callback(life.kill)
        run = Run(folder, life, chosen.seed, chosen.faults)
        began = time.monotonic()
        try:
            asyncio.run(run.run(chosen.tasks))
        except Broken as broken:
            print(broken)
            return 1
        print(f"{chosen.tasks} tasks in {time.monotonic() - began:.0f} s: {dict(run.outcomes)}")
        print(f"requests by fault: {dict(sorted(run.network.met.items()))}")
        print(f"errors that were told: {dict(run.told)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
