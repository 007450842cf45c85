"""A disk that is full or a store that cannot be written: told in words, nothing lost."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from videogen_nb.gateway.files.videos import VideoFiles
from videogen_nb.gateway.storage.store import Store
from videogen_nb.protocol.models import TaskStatus

from .conftest import Api, Opener, ids, image_bytes

GENERATE = "/api/video-gen/generate"


@asynccontextmanager
async def full(api: Api) -> AsyncIterator[None]:
    """A database that may not grow by a page: what SQLite meets on a full disk."""

    def limit(connection: sqlite3.Connection, pages: int) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    pages = await api.gateway.database.read(
        lambda connection: connection.execute("PRAGMA page_count").fetchone()[0]
    )
    await api.gateway.database.read(limit, pages)
    try:
        yield
    finally:
        await api.gateway.database.read(limit, 2**30)


async def test_a_create_on_a_full_disk_is_told_and_makes_nothing(api: Api):
    body = {"prompt": "quick " + "长" * 3900, "engine": "trial"}
    async with full(api):
        async with asyncio.timeout(10):
            while (answer := await api.http.post(GENERATE, json=body)).status_code == 200:
                pass  # the last page had some room left
        assert (answer.status_code, answer.json()["code"]) == (507, "disk_full")
        total = (await api.ok(api.http.get("/api/video-gen/list")))["total"]
        assert total == api.gateway.unfinished() + len(await completed(api))
    assert (await api.finished(await api.create("quick")))["status"] == "completed"


async def completed(api: Api) -> list[Any]:
    page = await api.ok(api.http.get("/api/video-gen/list", params={"status": "completed"}))
    tasks: list[Any] = page["tasks"]
    return tasks


async def test_a_task_whose_end_cannot_be_written_is_made_again(
    api: Api, monkeypatch: pytest.MonkeyPatch, gateway_home: Path
):
    monkeypatch.setattr("videogen_nb.gateway.jobs.local.backend.PAUSE_S", 0.05)
    write = Store.change
    refusals = 2

    async def change(store: Store, message_id: str, **values: Any) -> Any:
        nonlocal refusals
        if values.get("status") is TaskStatus.COMPLETED and refusals:
            refusals -= 1
            raise sqlite3.OperationalError("disk I/O error")
        return await write(store, message_id, **values)

    monkeypatch.setattr(Store, "change", change)
    created = await api.create("quick")
    assert (await api.finished(created))["status"] == "completed"
    assert refusals == 0
    record = await api.gateway.store.get(None, created["conversation_id"], created["message_id"])
    assert record.attempts == 1  # it is one attempt, however often its end is written
    assert len(list((gateway_home / "videos").rglob("*.mp4"))) == 1


async def test_a_video_that_finds_no_room_fails_in_words(api: Api, monkeypatch: pytest.MonkeyPatch):
    def publish(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(VideoFiles, "publish", publish)
    task = await api.finished(await api.create("quick"))
    assert (task["status"], task["error_code"]) == ("failed", "disk_full")


async def test_a_fault_of_ours_fails_one_task_and_ends_no_slot(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    def publish(*_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(VideoFiles, "publish", publish)
    task = await api.finished(await api.create("quick"))
    assert (task["status"], task["error_code"]) == ("failed", "internal_error")
    assert "a bug" not in task["error"]
    monkeypatch.undo()
    assert (await api.finished(await api.create("quick")))["status"] == "completed"


async def test_an_unforeseen_fault_is_an_answer_in_words(api: Api, monkeypatch: pytest.MonkeyPatch):
    def page(*_: Any, **__: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Store, "page", page)
    answer = await api.http.get("/api/video-gen/list", headers={"Accept-Language": "zh"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "网关内部错误" in answer.json()["detail"]
    assert "bug" not in answer.text


async def test_a_store_that_fails_is_told_as_passing(api: Api, monkeypatch: pytest.MonkeyPatch):
    def page(*_: Any, **__: Any) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(Store, "page", page)
    answer = await api.http.get("/api/video-gen/list")
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
    assert answer.headers["retry-after"] == "5"


@pytest.mark.parametrize("leap_s", [-86_400 * 400, 86_400 * 400])
async def test_a_clock_that_leaps_harms_no_task(opened: Opener, tmp_path: Path, leap_s: float):
    now, gate = 1_700_000_000.0, tmp_path / "open"
    async with opened(clock=lambda: now) as api:
        before = await api.finished(await api.create("quick"))
        running = await api.create("gate", extra={"gate": str(gate)})
        waiting = await api.create("quick")
        await api.until(running, lambda task: bool(task["progress"]))
        now += leap_s
        await api.gateway.uploads.purge()
        gate.touch()
        for task in (running, waiting, await api.create("quick")):
            ended = await api.finished(task)
            assert ended["status"] == "completed"
            assert ended["updated_at"] >= ended["created_at"]
        assert await api.task(before) == before
    async with opened(clock=lambda: now) as api:
        listed = (await api.ok(api.http.get("/api/video-gen/list")))["tasks"]
        assert [task["status"] for task in listed] == ["completed"] * 4
        assert listed[-1]["message_id"] == before["message_id"]  # newest first, by their order


async def test_many_askers_at_once_are_all_served(opened: Opener):
    """Nothing is lost or mixed up when tasks, uploads, cancels and lists come together."""
    async with opened(workers=2) as api:

        async def one(number: int) -> str:
            if number % 3 == 0:
                attachment = await api.upload(image_bytes(64, 48 + number), f"{number}.jpg")
                created = await api.create("quick", image_attachment=attachment, seed=number)
            else:
                created = await api.create("quick", seed=number)
            if number % 5 == 0:
                await api.http.post("/api/video-gen/cancel", params=ids(created))
            task = await api.finished(created)
            assert task["seed"] == number
            status: str = task["status"]
            return status

        ends = await asyncio.gather(*(one(number) for number in range(40)))
        assert set(ends) <= {"completed", "cancelled"}
        assert ends.count("completed") >= 32
        assert (await api.ok(api.http.get("/api/video-gen/list")))["total"] == 40
        assert api.gateway.unfinished() == 0


async def test_the_manual_needs_no_network(api: Api):
    page = await api.http.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for forbidden in ("<script", "http://", "https://", "src="):
        assert forbidden not in page.text
    for path in ("/api/video-gen/generate", "/api/file/upload", "image_attachment", "ErrorAnswer"):
        assert path in page.text
