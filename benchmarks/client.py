"""How the client bears many tasks, and what importing it costs. Prints a markdown table.

    python benchmarks/client.py [--tasks 1000]

The gateways run in processes of their own, so that what is measured is the kernel's side alone:
the lag of the private loop (which does the waiting) and of the main thread's loop (the kernel's).
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from videogen_nb.blocking.call import submit
from videogen_nb.client import VideoClient
from videogen_nb.protocol.models import TaskId
from videogen_nb.protocol.polling import PollingPolicy
from videogen_nb.testing import OlderGateway
from videogen_nb.testing.serving import served

SPEED = 30.0  # of the older gateway's clock: its tasks are done after 7 s
OURS_S = 8.0  # so long the imitated task of ours goes on
TICK_S = 0.005
RUNS = 7


def ours() -> Starlette:
    """Answers ``status`` as a gateway of ours does that wishes to be asked 5 times a second."""
    began: dict[str, float] = {}

    async def status(request: Request) -> JSONResponse:
        ids = dict(request.query_params)
        age_s = time.monotonic() - began.setdefault(ids["message_id"], time.monotonic())
        done = age_s > OURS_S
        task: dict[str, Any] = {
            **ids,
            "status": "completed" if done else "processing",
            "progress": min(1.0, age_s / OURS_S),
            "poll_after_ms": None if done else 200,
            "video_urls": ["/video.mp4"] if done else [],
        }
        return JSONResponse({"success": True, "task": task})

    return Starlette(routes=[Route("/api/video-gen/status", status)])


def serve(name: str) -> None:
    """In a process of its own: serve until standard input ends."""
    app = ours() if name == "ours" else OlderGateway(SPEED).app
    with served(app) as url:
        print(url, flush=True)
        sys.stdin.read()


@contextmanager
def gateway(name: str) -> Iterator[str]:
    """A gateway process; gives its URL."""
    command = [sys.executable, __file__, "--serve", name]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.communicate()


async def lags(until: asyncio.Event) -> list[float]:
    """How late a short sleep ends on this loop, in seconds, until told to stop."""
    late = []
    while not until.is_set():
        due = time.perf_counter() + TICK_S
        await asyncio.sleep(TICK_S)
        late.append(time.perf_counter() - due)
    return late


async def wait_for_all(url: str, name: str, count: int) -> tuple[list[float], int]:
    """Wait for ``count`` tasks at once; gives this loop's lags and how many were completed."""
    polling = PollingPolicy().sped_up(SPEED) if name == "older" else PollingPolicy()
    async with VideoClient(url, polling=polling) as videos:
        if name == "older":
            made = [await videos.create_task(f"{n}") for n in range(count)]
            ids = [task.id for task in made]
        else:
            ids = [TaskId("1", str(n)) for n in range(count)]
        over = asyncio.Event()
        watching = asyncio.ensure_future(lags(over))
        done = await asyncio.gather(*(videos.wait(task) for task in ids))
        over.set()
        return await watching, sum(task.status == "completed" for task in done)


async def kernel(url: str, name: str, count: int) -> tuple[list[float], list[float], int]:
    """The main thread's loop, idle but for the measuring, while the private loop waits."""
    over = asyncio.Event()
    watching = asyncio.ensure_future(lags(over))
    private, completed = await submit(wait_for_all(url, name, count))
    over.set()
    return private, await watching, completed


def p99_ms(late: list[float]) -> float:
    return 1000 * statistics.quantiles(late, n=100)[98]


def import_s(code: str) -> float:
    """Processor time of a fresh interpreter that runs ``code``: other programs do not count."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def import_medians(codes: list[str]) -> list[float]:
    """Medians over runs taken in turns, so that a busy machine is busy for all alike."""
    for code in codes:
        import_s(code)  # files into the cache
    runs = [[import_s(code) for code in codes] for _ in range(RUNS)]
    return [statistics.median(column) for column in zip(*runs, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, default=1000)
    parser.add_argument("--serve", choices=["older", "ours"])
    given = parser.parse_args()
    if given.serve:
        serve(given.serve)
        return
    print("| what | bar | measured |\n|---|---|---|")
    for name in ("older", "ours"):
        with gateway(name) as url:
            private, main_loop, completed = asyncio.run(kernel(url, name, given.tasks))
        assert completed == given.tasks
        what = f"{given.tasks} tasks waited for at once, {name} gateway"
        print(f"| {what}: p99 lag of the private loop | < 20 ms | {p99_ms(private):.1f} ms |")
        print(f"| {what}: p99 lag of the kernel's loop | < 20 ms | {p99_ms(main_loop):.1f} ms |")
    yardstick = "import httpx, ipywidgets"
    codes = [yardstick, "import videogen_nb", "from videogen_nb import VideoClient, connect"]
    base, *others = import_medians(codes)
    for code, seconds in zip(codes[1:], others, strict=True):
        ratio = f"{seconds / base:.2f}× ({1000 * seconds:.0f} ms to {1000 * base:.0f} ms)"
        print(f"| `{code}` to `{yardstick}` | ≤ 1.2× | {ratio} |")


if __name__ == "__main__":
    main()
