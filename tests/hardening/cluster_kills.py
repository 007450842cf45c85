"""Kill workers and the scheduler of a cluster again and again, and see what becomes of the tasks.

    python -m tests.hardening.cluster_kills --kills 200 --seed 1

Each kill (SIGKILL, or SIGSTOP of a worker) hits a real process. Every task has to end with its
video, made once; no task is started more often than there were kills to interrupt it. Ends with
exit code 1 at the first broken promise.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

from videogen_nb.gateway.http.app import create_app
from videogen_nb.gateway.jobs.cluster import config
from videogen_nb.settings import Settings

from ..gateway.conftest import BASE, Api
from ..gateway.loopback_cluster import Cluster, cluster_of
from .ledger import Broken

WORKERS = 3
AHEAD = 8  # unfinished tasks at any time
SECONDS = 0.6  # that a task takes
REST_S = 300.0


class Killing:
    """One long run: a gateway that joins a cluster whose parts die."""

    def __init__(self, cluster: Cluster, api: Api, journal: Path, seed: int) -> None:
        self._cluster = cluster
        self._api = api
        self._journal = journal
        self._chance = random.Random(seed)
        self._tasks: list[dict[str, Any]] = []
        self.seen: Counter[str] = Counter()
        self.restarts_s: list[float] = []

    async def run(self, kills: int) -> None:
        """So many kills, then all tasks come to their end. Raises Broken: they do not."""
        for number in range(kills):
            await self._fill()
            await self._until_at_work()
            await asyncio.sleep(self._chance.uniform(0, SECONDS))
            scheduler, hang = number % 8 == 7, number % 50 == 25
            before = self._started()
            began = time.monotonic()
            if scheduler:
                self._cluster.kill_scheduler()
                await asyncio.to_thread(self._cluster.start_scheduler)
            else:
                await self._hit_worker(hang)
            self.seen["schedulers" if scheduler else "hung workers" if hang else "workers"] += 1
            await self._until_more(before)
            self.restarts_s.append(time.monotonic() - began)
        await self._rest()

    async def _hit_worker(self, hang: bool) -> None:
        victim = self._chance.choice(self._cluster.workers)
        self._cluster.start_worker()
        if hang:
            victim.send_signal(signal.SIGSTOP)
            await self._until(lambda: len(self._usable()) >= WORKERS, "a hung worker is noticed")
        self._cluster.kill_worker(victim)

    async def _fill(self) -> None:
        latest = [await self._api.task(task) for task in self._tasks[-AHEAD:]]
        open_ = sum(not task["finished_at"] for task in latest)
        extra = {"seconds": SECONDS, "journal": str(self._journal)}
        for _ in range(AHEAD - open_):
            self._tasks.append(await self._api.create("rest", extra=extra))

    async def _until_at_work(self) -> None:
        await self._until(lambda: any(w.busy for w in self._usable()), "a worker has something")

    async def _until_more(self, before: int) -> None:
        await self._until(lambda: self._started() > before, "a task started after a kill")

    async def _until(self, holds: Any, what: str) -> None:
        deadline = time.monotonic() + REST_S
        while not holds():
            if time.monotonic() > deadline:
                raise Broken(f"not within {REST_S} s: {what}")
            await asyncio.sleep(0.02)

    async def _rest(self) -> None:
        deadline = time.monotonic() + REST_S
        for task in self._tasks:
            while not (ended := await self._api.task(task))["finished_at"]:
                if time.monotonic() > deadline:
                    raise Broken(f"not ended within {REST_S} s: {ended}")
                await asyncio.sleep(0.05)
            self.seen[ended["status"]] += 1
            if ended["status"] != "completed":
                raise Broken(f"not completed: {ended}")
        self._check()

    def _check(self) -> None:
        made = {path.name for path in (self._api.gateway.video_files.folder).glob("*.mp4")}
        if len(made) != len(self._tasks):
            raise Broken(f"{len(made)} videos of {len(self._tasks)} tasks")
        hit = self.seen["workers"] + self.seen["hung workers"] + self.seen["schedulers"] * WORKERS
        again = self._started() - len(self._tasks)
        self.seen["tasks"], self.seen["started again"] = len(self._tasks), again
        if again > hit:
            raise Broken(f"{again} new starts, and the kills account for {hit}")

    def _started(self) -> int:
        return len(self._journal.read_text().splitlines()) if self._journal.exists() else 0

    def _usable(self) -> list[Any]:
        return [w for w in self._api.gateway.runner.local.link.workers.values() if w.engines]


async def _run(folder: Path, kills: int, seed: int) -> None:
    with cluster_of(folder / "cluster", WORKERS) as cluster:
        home = folder / "home"
        cluster.configure(home)
        sys.path.insert(0, str(folder / "cluster" / "site"))
        app = create_app(Settings(home=home))
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url=BASE) as http,
        ):
            killing = Killing(cluster, Api(http, app), folder / "journal", seed)
            await killing.run(kills)
    for name, count in sorted(killing.seen.items()):
        print(f"{name:16} {count}")
    took = killing.restarts_s
    print(f"{'next start after a kill':24} median {statistics.median(took):.2f} s, ", end="")
    print(f"longest {max(took):.2f} s (a hung worker is given up after {config.SILENT_S:g} s)")


def main() -> None:
    """Read the command line, run, tell what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            asyncio.run(_run(Path(folder), given.kills, given.seed))
        except Broken as broken:
            sys.exit(f"seed {given.seed}: {broken}")


if __name__ == "__main__":
    main()
