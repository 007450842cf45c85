"""Worker processes that fail, die, hang or are ended: each takes down its own task only."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from videogen_nb.errors import NotAVideo
from videogen_nb.gateway.jobs.local import backend
from videogen_nb.media.probe import probe

from .conftest import Api, Opener, ids
from .trial_engine import PATIENCE_S, write_video


@pytest.mark.parametrize(
    ("prompt", "code", "words"),
    [
        pytest.param("error", "no_paint", "No paint left.", id="told-by-the-engine"),
        pytest.param("fault", "engine_fault", "ZeroDivisionError: by zero", id="unexpected"),
        pytest.param("garbage", "not_a_video", "Cannot decode", id="not-a-video"),
        pytest.param("nothing", "not_a_video", "Cannot decode", id="no-file"),
        pytest.param("full", "disk_full", "gateway's disk is full", id="full-disk"),
        pytest.param("memory", "out_of_memory", "Out of memory", id="out-of-memory"),
    ],
)
async def test_a_failure_is_told_and_leaves_nothing(
    api: Api, gateway_home: Path, prompt: str, code: str, words: str
):
    task = await api.finished(await api.create(prompt))
    assert (task["status"], task["error_code"]) == ("failed", code)
    assert words in task["error"]
    assert task["retry_count"] == 0
    assert not [p for p in (gateway_home / "videos").rglob("*") if p.is_file()]
    assert (await api.finished(await api.create("quick")))["status"] == "completed"


async def test_a_death_is_tried_again_once(api: Api, tmp_path: Path):
    created = await api.create("die-once", extra={"mark": str(tmp_path / "died")})
    task = await api.finished(created)
    assert task["status"] == "completed"
    assert (task["retry_count"], task["max_retries"]) == (1, 1)
    assert any("Retried once" in note for note in task["notes"])


async def test_a_second_death_fails_the_task_in_words_and_no_other(api: Api):
    dying = await api.create("die")
    behind = await api.create("quick")
    task = await api.finished(dying)
    assert (task["status"], task["error_code"]) == ("failed", "worker_died")
    assert "was killed" in task["error"]
    assert (await api.finished(behind))["status"] == "completed"


async def test_a_worker_killed_from_outside_is_replaced(
    workers: Callable[[], list[int]], api: Api, tmp_path: Path
):
    created = await api.create("gate", extra={"gate": str(tmp_path / "open")})
    await api.until(created, lambda task: bool(task["progress"]))
    (worker,) = workers()
    os.kill(worker, signal.SIGKILL)
    await api.until(created, lambda task: task["retry_count"] == 1)
    (tmp_path / "open").touch()
    assert (await api.finished(created))["status"] == "completed"
    assert worker not in workers()


async def test_a_silent_worker_is_ended(api: Api, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(type(api.gateway.registry.engines["trial"]), "silence_s", 0.5)
    task = await api.finished(await api.create("silent"))
    assert (task["status"], task["error_code"]) == ("failed", "worker_died")
    assert "did not respond" in task["error"]


async def test_a_deaf_worker_is_ended_when_cancelled(api: Api, monkeypatch: pytest.MonkeyPatch):
    created = await api.create("deaf")
    await api.until(created, lambda task: task["stage"] == "Drawing")
    answer = await api.ok(api.http.post("/api/video-gen/cancel", params=ids(created)))
    assert answer["task"]["status"] == "cancelled"
    assert answer["task"]["retry_count"] == 0


async def test_an_engine_says_how_soon_a_deaf_worker_is_ended(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(backend, "STOP_S", 2 * PATIENCE_S)  # where the engine is gone
    monkeypatch.setattr(type(api.gateway.registry.engines["trial"]), "stop_s", 0.1)
    created = await api.create("deaf")
    await api.until(created, lambda task: task["stage"] == "Drawing")
    began = time.monotonic()
    answer = await api.ok(api.http.post("/api/video-gen/cancel", params=ids(created)))
    assert answer["task"]["status"] == "cancelled"
    assert time.monotonic() - began < PATIENCE_S / 2


async def test_a_cancel_while_the_process_starts_is_not_lost(api: Api):
    created = await api.create("deaf")
    await api.until(created, lambda task: task["status"] == "processing")
    answer = await api.ok(api.http.post("/api/video-gen/cancel", params=ids(created)))
    assert answer["task"]["status"] == "cancelled"


async def test_a_cancel_that_comes_too_late_does_not_end_the_next(api: Api):
    tasks = [await api.create("quick") for _ in range(4)]
    await asyncio.gather(
        *(api.http.post("/api/video-gen/cancel", params=ids(task)) for task in tasks[:3])
    )
    assert (await api.finished(tasks[3]))["status"] == "completed"


async def test_an_engine_may_print(api: Api):
    assert (await api.finished(await api.create("chatty")))["status"] == "completed"


async def test_slots_work_side_by_side(opened: Opener, tmp_path: Path):
    async with opened(workers=2) as api:
        extra = {"gate": str(tmp_path / "open")}
        pair = [await api.create("gate", extra=extra) for _ in range(2)]
        for task in pair:
            await api.until(task, lambda task: bool(task["progress"]))
        (tmp_path / "open").touch()
        for task in pair:
            assert (await api.finished(task))["status"] == "completed"


async def test_closing_ends_the_workers(
    workers: Callable[[], list[int]], opened: Opener, tmp_path: Path
):
    async with opened() as api:
        created = await api.create("gate", extra={"gate": str(tmp_path / "open")})
        await api.until(created, lambda task: bool(task["progress"]))
        assert workers()
    assert not workers()


async def test_an_idle_worker_is_ended(
    workers: Callable[[], list[int]], api: Api, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("videogen_nb.engines.base.ComputeEngine.warm_s", 0.2)
    await api.finished(await api.create("quick"))
    async with asyncio.timeout(5):
        while workers():
            await asyncio.sleep(0.02)
    assert (await api.finished(await api.create("quick")))["status"] == "completed"


@pytest.fixture
def workers() -> Callable[[], list[int]]:
    """Tells the process ids of this test's own workers, which other tests' may stand beside."""

    def running() -> list[int]:
        children = psutil.Process().children(recursive=True)
        return [child.pid for child in children if is_worker(child)]

    others = set(running())
    return lambda: [pid for pid in running() if pid not in others]


def is_worker(process: psutil.Process) -> bool:
    try:
        words = process.cmdline()
    except psutil.Error:
        return False
    return (
        process.status() != psutil.STATUS_ZOMBIE and "videogen_nb.gateway.workers.worker" in words
    )


async def test_the_quick_look_at_a_new_video_sees_what_a_whole_one_sees(tmp_path: Path):
    video = tmp_path / "video.mp4"
    write_video(video, frames=30)
    assert probe(video, whole=False) == probe(video)
    data = video.read_bytes()
    cuts = [data[: int(len(data) * share)] for share in (0, 0.1, 0.5, 0.9, 0.99)]
    for damaged in (*cuts, b"\0" * 500):
        video.write_bytes(damaged)
        with pytest.raises(NotAVideo):
            probe(video, whole=False)
