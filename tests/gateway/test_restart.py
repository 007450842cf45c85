"""A gateway process that is killed at once comes back with every task; nothing is left lying."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

from .conftest import Opener, ids

SERVER = """
import sys, uvicorn
from pathlib import Path
from videogen_nb.gateway.http.app import create_app
from videogen_nb.settings import Settings

class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        print(self.servers[0].sockets[0].getsockname()[1], flush=True)

app = create_app(Settings(home=Path(sys.argv[1])))
Server(uvicorn.Config(app, port=0, log_level="error")).run()
"""


@contextmanager
def served(home: Path) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    """A gateway in a process of its own on a free port; killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(home)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)},
    )
    assert process.stdout is not None
    try:
        port = process.stdout.readline().strip()
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            yield http, process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def create(http: httpx.Client, prompt: str, **body: Any) -> dict[str, Any]:
    body = {"prompt": prompt, "engine": "trial", **body}
    answer = http.post("/api/video-gen/generate", json=body)
    assert answer.status_code == 200, answer.text
    created: dict[str, Any] = answer.json()
    return created


def until(http: httpx.Client, task: dict[str, Any], status: str) -> dict[str, Any]:
    for _ in range(2000):
        answer = http.get("/api/video-gen/status", params=ids(task)).json()
        told: dict[str, Any] = answer["task"]
        if told["status"] == status:
            return told
        time.sleep(0.02)  # without it, polling takes the time that the work needs
    raise AssertionError(f"still {told['status']}")


async def test_nothing_is_lost_when_it_is_killed(
    gateway_home: Path, tmp_path: Path, opened: Opener
):
    gate = tmp_path / "open"
    with served(gateway_home) as (http, process):
        done = until(http, create(http, "quick"), "completed")
        failed = until(http, create(http, "error"), "failed")
        running = create(http, "gate", extra={"gate": str(gate)})
        until(http, running, "processing")
        waiting = [create(http, "quick") for _ in range(3)]
        children = psutil.Process(process.pid).children(recursive=True)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        gone, alive = psutil.wait_procs(children, timeout=5)
        assert gone
        assert not alive  # no orphan goes on rendering
    gate.touch()
    async with opened() as api:
        assert (await api.task(done))["sha256"] == done["sha256"]
        assert (await api.task(failed))["status"] == "failed"
        for task in [running, *waiting]:
            assert (await api.finished(task))["status"] == "completed"
        answer = await api.ok(api.http.get("/api/video-gen/list"))
        assert answer["total"] == 6
        videos = {
            Path(task["video_urls"][0]).name for task in answer["tasks"] if task["video_urls"]
        }
    lying = {path.name for path in (gateway_home / "videos").rglob("*.mp4")}
    assert lying == videos


async def test_an_orderly_end_costs_no_attempt(opened: Opener, tmp_path: Path):
    gate = tmp_path / "open"
    async with opened() as api:
        created = await api.create("gate", extra={"gate": str(gate)})
        await api.until(created, lambda task: bool(task["progress"]))
    for _ in range(8):  # more often than attempts are allowed
        async with opened() as api:
            await api.until(created, lambda task: task["status"] == "processing")
    gate.touch()
    async with opened() as api:
        assert (await api.finished(created))["status"] == "completed"


async def test_a_render_that_takes_the_gateway_down_is_not_begun_for_ever(
    opened: Opener, tmp_path: Path
):
    async with opened() as api:
        created = await api.create("gate", extra={"gate": str(tmp_path / "never")})
        await api.until(created, lambda task: task["status"] == "processing")
        await api.gateway.store.change(created["message_id"], attempts=9)
    async with opened() as api:
        task = await api.finished(created)
        assert (task["status"], task["error_code"]) == ("failed", "interrupted")


async def test_the_line_keeps_its_order(opened: Opener, tmp_path: Path):
    async with opened() as api:
        first = await api.create("gate", extra={"gate": str(tmp_path / "open")})
        behind = [await api.create("quick") for _ in range(3)]
    (tmp_path / "open").touch()
    async with opened() as api:
        ended = [await api.finished(task) for task in [first, *behind]]
        times = [task["finished_at"] for task in ended]
        assert times == sorted(times)


async def test_doomed_videos_are_buried_at_the_next_start(opened: Opener, gateway_home: Path):
    async with opened() as api:
        task = await api.finished(await api.create("quick"))
        record = api.gateway.store.cached(task["message_id"])
        await api.gateway.store.forget([record])  # and then the gateway ends
        assert api.gateway.video_files.video(record.video).exists()
    async with opened() as api:
        assert not api.gateway.video_files.video(record.video).exists()
        assert await api.gateway.store.doomed() == []


async def test_what_unfinished_attempts_left_is_swept(opened: Opener, gateway_home: Path):
    for name in ("videos/unfinished/x.mp4", "uploads/unfinished/x.in", "uploads/stranger.png"):
        path = gateway_home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
    # A video is never deleted by guess: after a damaged database none would be known.
    kept = gateway_home / "videos" / f"{'a' * 32}.mp4"
    kept.write_bytes(b"a video that this database does not know")
    async with opened():
        left = [path for path in gateway_home.rglob("*") if path.suffix in (".mp4", ".in", ".png")]
    assert left == [kept]


async def test_closing_at_any_moment_ends(opened: Opener):
    """A cancelled slot must end wherever it stands: between two tasks, in one, waiting."""
    for pause_s in (0.0, 0.001, 0.01, 0.05, 0.3):
        async with asyncio.timeout(20), opened() as api:
            for _ in range(3):
                await api.create("quick")
                await asyncio.sleep(pause_s)
