"""The one waiting loop: against an older gateway in its own time, and against ours."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest

from videogen_nb.client import VideoClient, watch
from videogen_nb.errors import (
    GatewayError,
    GatewayTimeout,
    GatewayUnreachable,
    TaskCancelled,
    TaskFailed,
    TaskNotFound,
    TaskStalled,
    WaitTimeout,
)
from videogen_nb.protocol.models import TaskId, TaskStatus, VideoTask
from videogen_nb.testing import Fate, Fault, OlderGateway

from ..fake_time import FakeTime
from ..old_and_new_gateway import Lossy, client_in, older_world, our_world

STATUS = "/api/video-gen/status"


async def test_an_older_gateways_task_is_followed_and_not_pestered():
    async with older_world() as older:
        task = await older.client.create_task("海边日落")
        before = older.gateway.log.count("status")
        seen = [(t.status, t.retry_count) async for t in older.client.watch(task)]
        asked = older.gateway.log.count("status") - before
    assert seen == [("pending", 0), ("processing", 1), ("completed", 1)]
    assert older.time.passed_s < 220, "noticed soon after it was ready at 205 s"
    assert asked <= 22
    assert max(older.time.slept) <= 15


async def test_quiet_time_asks_no_more_than_a_display_needs():
    async with older_world() as older:
        task = await older.client.create_task("x")
        with pytest.raises(WaitTimeout):
            await older.client.wait(task, max_wait_s=179)
        assert older.gateway.log.count("status") <= 15


async def test_an_error_while_it_tries_again_is_no_failure():
    async with older_world() as older:
        older.gateway.plan(Fate(video_at=3))
        task = await older.client.create_task("x")
        errors: list[str | None] = []
        done = await older.client.wait(task, on_change=lambda t: errors.append(t.error))
    assert "第2次尝试: 未获取到视频" in errors
    assert (done.status, done.retry_count) == (TaskStatus.COMPLETED, 3)


@pytest.mark.parametrize(("max_retries", "minutes"), [(5, 18), (10, 33)])
async def test_a_failure_is_told_in_words_with_its_task(max_retries, minutes):
    async with older_world(max_retries=max_retries) as older:
        older.gateway.plan(Fate(video_at=None))
        task = await older.client.create_task("x")
        with pytest.raises(TaskFailed, match="found none") as caught:
            await older.client.wait(task, max_wait_s=3600)
    assert caught.value.task.error == "未获取到视频"
    assert older.time.passed_s == pytest.approx(60 * minutes, abs=12)


@pytest.mark.parametrize("when_s", [100, 300])
async def test_a_task_that_died_with_its_gateway_is_noticed(when_s):
    async with older_world() as older:
        older.gateway.plan(Fate(video_at=4))
        task = await older.client.create_task("x")
        with pytest.raises(WaitTimeout):
            await older.client.wait(task, max_wait_s=when_s)
        older.gateway.restart()
        with pytest.raises(TaskStalled, match="has not changed for 6 min") as caught:
            await older.client.wait(task)
    assert older.time.passed_s - when_s < 372, "long before the deadline of 20 minutes"
    assert not caught.value.task.status.finished


async def test_a_task_stuck_in_its_first_attempt_is_noticed():
    async with older_world() as older:
        older.gateway.plan(Fate(stuck=True))
        with pytest.raises(TaskStalled):
            await older.client.wait(await older.client.create_task("x"))
    assert 540 < older.time.passed_s < 560


async def test_a_task_that_died_days_ago_is_noticed_at_once():
    async with older_world() as older:
        task = await older.client.create_task("x")
        older.time.passed_s = 200
        older.gateway.restart()
        older.time.passed_s = 3 * 86400
        with pytest.raises(TaskStalled, match="has not changed for 45 h 57 min"):
            await older.client.wait(str(task.id))
    assert older.time.passed_s == 3 * 86400


@pytest.mark.parametrize("hours", [-12, -8, 8, 14])
async def test_a_gateway_in_another_zone_is_no_dead_one(hours):
    time = FakeTime()
    gateway = OlderGateway(1, clock=lambda: time.wall() + 3600 * hours, sleep=time.sleep)
    async with client_in(time, httpx.ASGITransport(app=gateway.app)) as videos:
        done = await videos.wait(await videos.create_task("x"))
    assert done.status is TaskStatus.COMPLETED


async def test_a_slow_task_that_still_moves_is_waited_for():
    async with older_world() as older:
        older.gateway.plan(Fate(video_at=5))
        done = await older.client.wait(await older.client.create_task("x"))
    assert done.retry_count == 5


async def test_the_deadline_ends_the_waiting_not_the_task():
    async with older_world() as older:
        task = await older.client.create_task("x")
        with pytest.raises(WaitTimeout) as caught:
            await older.client.wait(task, max_wait_s=60)
        assert older.time.passed_s == 60
        assert caught.value.task.id == task.id
        assert f'videos.wait("{task.id}")' in str(caught.value)
        assert f"videogen-nb wait {task.id}" in caught.value.text.render("zh")
        done = await older.client.wait(str(caught.value.task.id))
    assert done.status is TaskStatus.COMPLETED


async def test_no_time_at_all_still_looks_once():
    async with older_world() as older:
        task = await older.client.create_task("x")
        with pytest.raises(WaitTimeout):
            await older.client.wait(task, max_wait_s=0)
        older.time.passed_s = 250
        assert (await older.client.wait(task, max_wait_s=0)).status is TaskStatus.COMPLETED


async def test_a_finished_task_needs_one_look_and_no_sleep():
    async with older_world() as older:
        task = await older.client.create_task("x")
        older.time.passed_s = 400
        older.gateway.log.clear()
        assert [t.status async for t in older.client.watch(task)] == ["completed"]
        assert older.gateway.log == ["status"]
        assert older.time.slept == []


async def test_an_unknown_task_ends_the_waiting_at_once():
    async with older_world() as older:
        with pytest.raises(TaskNotFound):
            await older.client.wait(TaskId("1", "2"))
        assert older.time.slept == []


def _away(time: FakeTime, since_s: float, until_s: float):
    def failing(request, n):
        away = since_s <= time.passed_s < until_s
        return httpx.ConnectError("refused") if away else None

    return failing


@pytest.mark.parametrize("route_back_s", [30, 55])
async def test_a_gateway_that_comes_back_is_waited_for(route_back_s):
    async with older_world(lambda inner: Lossy(inner, lambda *_: None)) as older:
        assert isinstance(older.between, Lossy)
        older.between.failing = _away(older.time, 100, 100 + route_back_s)
        done = await older.client.wait(await older.client.create_task("x"))
    assert done.status is TaskStatus.COMPLETED


async def test_a_gateway_that_stays_away_is_told_with_how_to_come_back():
    async with older_world(lambda inner: Lossy(inner, lambda *_: None)) as older:
        assert isinstance(older.between, Lossy)
        older.between.failing = _away(older.time, 100, 10**9)
        task = await older.client.create_task("x")
        with pytest.raises(GatewayUnreachable, match=f"videogen-nb wait {task.id}"):
            await older.client.wait(task)
    assert 160 < older.time.passed_s < 240


async def test_an_outage_is_borne_for_a_minute():
    asked: list[float] = []
    time = FakeTime()

    def app(request):
        asked.append(time.passed_s)
        if len(asked) > 1:
            return httpx.Response(503, json={"detail": "x"}, headers={"Retry-After": "61"})
        return httpx.Response(200, json={"task": _told("processing", poll_after_ms=500)})

    async with client_in(time, httpx.MockTransport(app)) as videos:
        with pytest.raises(GatewayError):
            await videos.wait(TaskId("1", "2"))
    assert asked == [0, 0.5, 61.5]


async def test_being_asked_to_slow_down_is_no_outage():
    async with older_world() as older:
        task = await older.client.create_task("x")
        older.gateway.fail("status", Fault.RATE_LIMIT, 60)
        done = await older.client.wait(task)
    assert done.status is TaskStatus.COMPLETED
    assert set(older.time.slept[:40]) & {2.0, 4.0, 8.0}


async def test_a_retry_after_of_minutes_is_slept_through():
    asked: list[float] = []
    time = FakeTime()

    def app(request):
        asked.append(time.passed_s)
        if len(asked) == 2:
            return httpx.Response(429, json={"detail": "x"}, headers={"Retry-After": "300"})
        return httpx.Response(200, json={"task": _told("completed" if len(asked) > 2 else "x")})

    async with client_in(time, httpx.MockTransport(app)) as videos:
        await videos.wait(TaskId("1", "2"))
    assert asked[2] - asked[1] == 300


async def test_a_gateway_that_hangs_does_not_outlast_the_deadline(monkeypatch):
    monkeypatch.setattr(watch, "_LAST_LOOK_S", 0.05)

    async def hang(request):
        await asyncio.sleep(30)

    async with VideoClient("localhost:1", transport=httpx.MockTransport(hang)) as videos:
        with pytest.raises(GatewayTimeout, match="To keep waiting"):
            await videos.wait(TaskId("1", "2"), max_wait_s=0.05)
        known = VideoTask(conversation_id="1", message_id="2", status=TaskStatus.PENDING)
        with pytest.raises(WaitTimeout) as caught:
            await videos.wait(known, max_wait_s=0.05)
    assert caught.value.task is known


def _told(status, **more):
    return {"conversation_id": "1", "message_id": "2", "status": status, **more}


async def test_ours_is_asked_as_often_as_it_wishes():
    time = FakeTime()
    answers = [
        _told("pending", poll_after_ms=500, queue_position=1),
        _told("pending", poll_after_ms=500, queue_position=1),
        _told("pending", poll_after_ms=900, queue_position=1),
        _told("processing", poll_after_ms=200, progress=0.1),
        _told("processing", poll_after_ms=200, progress=0.9),
        _told("completed", poll_after_ms=None, video_urls=["/x.mp4"]),
    ]
    coming = iter(answers)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"task": next(coming)}))
    async with client_in(time, transport) as videos:
        seen = [t.progress async for t in videos.watch(TaskId("1", "2"))]
    assert seen == [None, 0.1, 0.9, None], "the wish alone is no change"
    assert time.slept == [0.5, 0.5, 0.9, 0.2, 0.2]


async def test_ours_is_never_called_stalled():
    time = FakeTime()
    old = (time.now() - timedelta(days=9)).isoformat()

    def app(request):
        status = "completed" if time.passed_s > 900 else "processing"
        return httpx.Response(200, json={"task": _told(status, poll_after_ms=5000, updated_at=old)})

    async with client_in(time, httpx.MockTransport(app)) as videos:
        assert (await videos.wait(TaskId("1", "2"))).status is TaskStatus.COMPLETED


async def test_a_cancelled_task_is_told_as_that():
    async with our_world() as videos:
        task = await videos.create_task("海边日落", duration=15)
        await videos.cancel(task)
        with pytest.raises(TaskCancelled) as caught:
            await videos.wait(task)
    assert caught.value.task.id == task.id


async def test_cancelling_the_waiting_cancels_nothing_on_the_gateway():
    async with older_world() as older:
        task = await older.client.create_task("x")
        seen = asyncio.Event()
        wait = asyncio.ensure_future(older.client.wait(task, on_change=lambda _: seen.set()))
        await seen.wait()
        wait.cancel()
        with pytest.raises(asyncio.CancelledError):
            await wait
        assert set(older.gateway.log) == {"list", "generate", "status"}
        assert (await older.client.wait(task)).status is TaskStatus.COMPLETED


async def test_many_are_waited_for_at_once():
    async with older_world() as older:
        tasks = [await older.client.create_task(f"x {n}") for n in range(25)]
        done = await asyncio.gather(*(older.client.wait(task) for task in tasks))
    assert {task.status for task in done} == {TaskStatus.COMPLETED}
    assert older.time.passed_s < 240
