"""What a cluster costs beside this machine's own workers, and how it scales. Prints a table.

    python -m benchmarks.cluster

Everything runs on this machine: a scheduler and workers in processes of their own, over TLS. An
engine that sleeps stands in for work, so that few cores do not decide.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil

from tests.gateway.cluster import Cluster, cluster_of
from tests.gateway.conftest import BASE, Api
from videogen_nb.gateway.http.app import create_app
from videogen_nb.settings import Settings

SECONDS = 1.0  # that a task sleeps
TASKS = 16
ROUNDS = 10
SKETCH = {"engine": "sketch", "duration": 3, "resolution": "480p"}


@asynccontextmanager
async def gateway(home: Path, **settings: int) -> AsyncIterator[Api]:
    """A gateway on a data folder."""
    app = create_app(Settings(home=home, **settings))  # type: ignore[arg-type]  # numbers only
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=BASE) as http,
    ):
        yield Api(http, app)


async def ended_s(api: Api, prompt: str, count: int = 1, **body: object) -> float:
    """Seconds from the first create to the end of the last task."""
    began = time.monotonic()
    tasks = [await api.create(prompt, **body) for _ in range(count)]
    for task in tasks:
        while not (await api.task(task))["finished_at"]:  # noqa: ASYNC110 — as a client does
            await asyncio.sleep(0.005)
    return time.monotonic() - began


async def warm(api: Api, workers: int) -> None:
    """Wait for the workers, and let each load its engines."""
    link = getattr(api.gateway.runner.local, "link", None)
    while link is not None and sum(bool(w.engines) for w in link.workers.values()) < workers:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    await ended_s(api, "rest", 2 * workers, extra={"seconds": 0.3})


async def scaling(cluster: Cluster, home: Path) -> None:
    """The same tasks with one, two and four workers."""
    alone = 0.0
    for workers in (1, 2, 4):
        while len(cluster.workers) < workers:
            cluster.start_worker()
        async with gateway(home) as api:
            await warm(api, workers)
            took = await ended_s(api, "rest", TASKS, extra={"seconds": SECONDS})
        alone = alone or took
        over = took / (TASKS / workers) - SECONDS
        print(f"{workers} workers: {TASKS} tasks of {SECONDS:g} s in {took:.2f} s; ", end="")
        print(f"{alone / took:.2f} times as fast; {over * 1000:.0f} ms more for each task")


async def beside_local(cluster: Cluster, home: Path, folder: Path) -> None:
    """Create to done, there and here, in alternating rounds."""
    async with gateway(home) as there, gateway(folder / "local", workers=1) as here:
        await warm(there, 4)
        await warm(here, 1)
        for name, prompt, body in (
            ("quick", "quick", {}),
            ("sketch, 3 s at 480p", "a calm sea at dusk", SKETCH),
        ):
            await ended_s(there, prompt, 8, **body)
            await ended_s(here, prompt, 2, **body)
            took: dict[str, list[float]] = {"there": [], "here": []}
            for _ in range(ROUNDS):
                took["here"].append(await ended_s(here, prompt, **body))
                took["there"].append(await ended_s(there, prompt, **body))
            medians = {where: statistics.median(all_) for where, all_ in took.items()}
            more = medians["there"] - medians["here"]
            print(
                f"{name}: here {medians['here']:.3f} s, cluster {medians['there']:.3f} s ", end=""
            )
            print(f"({medians['there'] / medians['here']:.2f} times, {more * 1000:+.0f} ms)")


async def full_queue(home: Path, count: int) -> None:
    """Memory of a gateway with a cluster, and of its queue."""
    async with gateway(home, max_tasks=count + 1) as api:
        empty = psutil.Process().memory_info().rss
        for _ in range(count):
            await api.create("rest", extra={"seconds": 0.0})
        full = psutil.Process().memory_info().rss
        print(f"gateway: {empty / 1e6:.0f} MB; with {count} tasks waiting {full / 1e6:.0f} MB")


async def main() -> None:
    """Everything, one after the other."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if len(sys.argv) > 1:  # how many tasks wait; a process of its own, for its memory
            nobody = Cluster(folder / "nobody")
            nobody.configure(folder / "full")
            sys.path.insert(0, str(folder / "nobody" / "site"))
            await full_queue(folder / "full", int(sys.argv[1]))
            return
        with cluster_of(folder / "cluster", 1) as cluster:
            sys.path.insert(0, str(folder / "cluster" / "site"))
            cluster.configure(folder / "home")
            await scaling(cluster, folder / "home")
            await beside_local(cluster, folder / "home", folder)


if __name__ == "__main__":
    asyncio.run(main())
