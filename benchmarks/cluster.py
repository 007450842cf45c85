"""What a cluster costs beside this machine's own workers, how it scales, and how soon it notices
what happens. Prints a table.

    python -m benchmarks.cluster          # scaling, cost and faults
    python -m benchmarks.cluster 10000    # memory of a gateway with so many waiting tasks

Everything runs on this machine: a scheduler and workers in processes of their own, over TLS. An
engine that sleeps stands in for work, so that few cores do not decide.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil

from tests.gateway.cluster_port_probes import listening
from tests.gateway.conftest import BASE, Api, ids
from tests.gateway.loopback_cluster import Cluster, cluster_of, free_port
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


async def faults(cluster: Cluster, home: Path, folder: Path) -> None:
    """Cancelling, killing a worker, and one that hangs: until the next thing happens."""
    async with gateway(home) as api:
        await warm(api, len(cluster.workers))
        took: dict[str, list[float]] = {"cancel": [], "kill -9": [], "SIGSTOP": []}
        for what in [*["cancel"] * ROUNDS, *["kill -9"] * 5, "SIGSTOP", "SIGSTOP"]:
            journal = folder / f"journal-{len(took[what])}-{what}"
            extra = {"gate": str(folder / "never"), "journal": str(journal)}
            task = await api.create("gate", extra=extra)
            await attempts(journal, 1)
            began = time.monotonic()
            if what == "cancel":
                await api.ok(api.http.post("/api/video-gen/cancel", params=ids(task)))
            else:
                victim = at_work(api, cluster)
                victim.send_signal(signal.SIGKILL if what == "kill -9" else signal.SIGSTOP)
                await attempts(journal, 2)
            took[what].append(time.monotonic() - began)
            if what != "cancel":
                cluster.kill_worker(victim)
                cluster.start_worker()
                await api.ok(api.http.post("/api/video-gen/cancel", params=ids(task)))
                await warm(api, len(cluster.workers))
        for what, all_ in took.items():
            then = "until it has ended" if what == "cancel" else "of its worker until it runs again"
            print(f"{what} {then}: median {statistics.median(all_):.2f} s, ", end="")
            print(f"longest {max(all_):.2f} s of {len(all_)}")


def at_work(api: Api, cluster: Cluster) -> subprocess.Popen[bytes]:
    """The process of the worker that has something to do."""
    link = api.gateway.runner.local.link
    (port,) = (int(w.address.rpartition(":")[2]) for w in link.workers.values() if w.busy)
    return next(one for one in cluster.workers if port in listening(one.pid))


async def attempts(journal: Path, count: int) -> None:
    """Wait until a task has been started so often."""
    while started(journal) < count:  # noqa: ASYNC110
        await asyncio.sleep(0.005)


def started(journal: Path) -> int:
    """How often a task has been started."""
    return len(journal.read_text().splitlines()) if journal.exists() else 0


async def full_queue(folder: Path, count: int, *, clustered: bool) -> None:
    """Memory of a real gateway whose queue gets longer, and after its restart."""
    home = folder / f"home-{clustered}"
    if clustered:
        Cluster(folder / "nobody").configure(home)
    port = free_port()
    command = [sys.executable, "-m", "videogen_nb", "serve", "--port", str(port)]
    named = {"VIDEOGEN_HOME": str(home), "VIDEOGEN_MAX_TASKS": str(count)}
    told = []
    for run in ("waiting", "after a restart"):
        process = start(command, named)
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
                await responds(http)
                if run == "waiting":
                    told.append(f"{memory(process):.0f} MB idle")
                    await http.post("/api/video-gen/pause", json={})
                    for _ in range(0, count, ROUNDS):
                        await asyncio.gather(*(draw(http) for _ in range(ROUNDS)))
                told.append(f"{memory(process):.0f} MB {run}")
        finally:
            process.terminate()
            process.wait()
    print(f"{count} tasks, {'with' if clustered else 'without'} a cluster: {', '.join(told)}")


def start(command: list[str], named: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a process with these settings."""
    null = subprocess.DEVNULL
    return subprocess.Popen(command, env={**os.environ, **named}, stdout=null, stderr=null)


async def responds(http: httpx.AsyncClient) -> None:
    """Wait for a gateway."""
    while True:
        try:
            (await http.get("/livez")).raise_for_status()
        except httpx.HTTPError:
            await asyncio.sleep(0.1)
        else:
            return


async def draw(http: httpx.AsyncClient) -> None:
    """Create a task of the built-in engine, whose plans are the longest."""
    body = {"prompt": "A calm sea at dusk with a small red boat", "duration": 5}
    (await http.post("/api/video-gen/generate", json=body)).raise_for_status()


def memory(process: subprocess.Popen[bytes]) -> float:
    """Resident megabytes of a process."""
    resident: int = psutil.Process(process.pid).memory_info().rss
    return resident / 1e6


async def main() -> None:
    """Everything, one after the other."""
    logging.disable(logging.ERROR)  # of the trial package's broken engine
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["VIDEOGEN_RUNTIME"] = str(folder / "runtime")
        if len(sys.argv) > 1:
            for clustered in (False, True):
                await full_queue(folder, int(sys.argv[1]), clustered=clustered)
            return
        with cluster_of(folder / "cluster", 1) as cluster:
            sys.path.insert(0, str(folder / "cluster" / "site"))
            cluster.configure(folder / "home")
            await scaling(cluster, folder / "home")
            await beside_local(cluster, folder / "home", folder)
            await faults(cluster, folder / "home", folder)


if __name__ == "__main__":
    asyncio.run(main())
