"""Many at once against one real gateway: idle connections, and clients that create and poll.

    python -m tests.hardening.crowd --connections 10000 --clients 200 --tasks 10

Prints how long ``/healthz`` takes beside them, what became of all tasks, and the gateway's memory.
Exit code 1 where anything was lost or went unanswered.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx
import psutil

from videogen_nb.client import VideoClient
from videogen_nb.gateway.server.connection_limits import most_connections

from ..gateway.trial_engine import install
from .gateway_lives import TOKEN, Life, begin


async def health_ms(url: str, times: int = 50) -> list[float]:
    """Milliseconds of each of so many questions, each over a connection of its own."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=10) as http:
            (await http.get("/healthz")).raise_for_status()
        took.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.01)
    return took


async def idle(url: str, count: int) -> None:
    """So many connections that say nothing or half a head, and the questions beside them."""
    place = httpx.URL(url)
    before = await health_ms(url)
    writers = []
    began = time.perf_counter()
    for number in range(count):
        _, writer = await asyncio.open_connection(place.host, place.port)
        writers.append(writer)
        if number % 2:
            writer.write(b"GET /healthz HTTP/1.1\r\nHo")
    opened_s = time.perf_counter() - began
    beside = await health_ms(url)
    for writer in writers:
        writer.close()
    print(f"{count:,} connections in {opened_s:.1f} s; /healthz, median and slowest:")
    for name, took in (("alone", before), ("beside them", beside)):
        print(f"  {name:12} {statistics.median(took):6.1f} ms {max(took):6.1f} ms")


async def clients(life: Life, count: int, tasks: int) -> bool:
    """Each creates, waits and creates again. Whether all tasks came to their end."""
    process = psutil.Process(life.process.pid)
    memory = [process.memory_info().rss]
    ends: Counter[str] = Counter()

    async def one() -> None:
        async with VideoClient(life.url, token=TOKEN) as videos:
            for _ in range(tasks):
                task = await videos.create_task("quick", engine="trial")
                ended = await videos.wait(task, max_wait_s=1800)
                ends[ended.status] += 1

    async def watch() -> None:
        while True:
            await asyncio.sleep(1)
            memory.append(process.memory_info().rss)

    watching = asyncio.create_task(watch())
    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(count)))
    took_s = time.perf_counter() - began
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    half = len(memory) // 2
    told = [f"{max(part) / 2**20:.0f}" for part in (memory[: half + 1], memory[half:])]
    print(f"{count} clients, {count * tasks} tasks in {took_s:.0f} s: {dict(ends)}")
    print(
        f"  the gateway's memory: at most {told[0]} MiB in the first half, {told[1]} in the second"
    )
    return ends == {"completed": count * tasks}


def main() -> int:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--tasks", type=int, default=10, help="of each client")
    chosen = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        life = begin(folder / "home", install(folder / "site"))
        assert life is not None
        stack.callback(life.kill)
        most_connections()  # this process needs as many
        asyncio.run(idle(life.url, chosen.connections))
        return 0 if asyncio.run(clients(life, chosen.clients, chosen.tasks)) else 1


if __name__ == "__main__":
    sys.exit(main())
