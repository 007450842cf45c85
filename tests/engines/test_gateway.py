"""The gateway engine against the stand-in for an older gateway."""

from __future__ import annotations

from datetime import timedelta, timezone
from pathlib import Path

import pytest

from tests.fake_time import FakeTime
from videogen_nb.engines.gateway import GatewayEngine
from videogen_nb.engines.gateway.stall import Moving
from videogen_nb.errors import (
    UpstreamAway,
    UpstreamBusy,
    UpstreamError,
    UpstreamGone,
    UpstreamRefused,
    UpstreamUnsure,
)
from videogen_nb.testing import Fate, Fault, OlderGateway
from videogen_nb.testing.testcard import video

from .remote_engine_helpers import engine_of, image_of, job_of


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def upstream(time: FakeTime) -> OlderGateway:
    return OlderGateway(speed=1, clock=time.wall, tells_prompts=True)


@pytest.fixture
def engine(upstream: OlderGateway, time: FakeTime) -> GatewayEngine:
    made = engine_of(GatewayEngine, "http://upstream", app=upstream.app)
    made._moving = Moving(monotonic=time.clock, now=time.now)
    return made


async def test_from_an_image_to_a_video(
    engine: GatewayEngine, upstream: OlderGateway, time: FakeTime, tmp_path: Path
):
    job = job_of(engine, images=(image_of(tmp_path),), duration=5)
    handle = await engine.start(job, "key")
    (task,) = upstream.tasks
    assert task.request["image_attachment"]["key"].startswith("tos-cn-i-standin/")
    assert task.request["duration"] == 5
    assert (await engine.poll(handle)).where == "queued"
    time.passed_s = 300
    assert (await engine.poll(handle)).where == "succeeded"
    path = tmp_path / "video.mp4"
    await engine.fetch(handle, path)
    assert path.read_bytes() == video()
    await engine.aclose()


async def test_the_last_attempt_s_reason_is_no_failure_and_the_end_is(
    engine: GatewayEngine, upstream: OlderGateway, time: FakeTime
):
    upstream.plan(Fate(video_at=None))
    handle = await engine.start(job_of(engine), "key")
    time.passed_s = 400
    assert (await engine.poll(handle)).where == "running"
    time.passed_s = 5000
    last = await engine.poll(handle)
    assert (last.where, last.error_code) == ("failed", "upstream_failed")
    await engine.aclose()


async def test_a_task_that_no_longer_moves_is_told(
    engine: GatewayEngine, upstream: OlderGateway, time: FakeTime
):
    handle = await engine.start(job_of(engine), "key")
    upstream.restart()
    for passed in (0.0, 500.0, 1000.0):
        time.passed_s = passed
        last = await engine.poll(handle)
    assert (last.where, last.error_code) == ("failed", "upstream_stalled")
    await engine.aclose()


@pytest.mark.parametrize(
    ("fault", "kind", "made"),
    [
        pytest.param(Fault.INNER_CAUSE, UpstreamRefused, 0, id="worded-500"),
        pytest.param(Fault.RATE_LIMIT, UpstreamBusy, 0, id="429"),
        pytest.param(Fault.PLAIN_500, UpstreamUnsure, 0, id="plain-500"),
        pytest.param(Fault.HTML_PAGE, UpstreamUnsure, 0, id="page"),
        pytest.param(Fault.GARBAGE, UpstreamUnsure, 1, id="garbage"),
        pytest.param(Fault.LOST_ANSWER, UpstreamUnsure, 1, id="lost"),
        pytest.param(Fault.LOST_PAGE, UpstreamUnsure, 1, id="lost-page"),
        pytest.param(Fault.CONFLICT, UpstreamUnsure, 1, id="409"),
        pytest.param(Fault.STREAM_UNREAD, UpstreamUnsure, 1, id="stream"),
        pytest.param(Fault.NOT_UNPACKED, UpstreamUnsure, 1, id="unpack"),
        pytest.param(Fault.SESSION_EXPIRED, UpstreamRefused, 0, id="session"),
    ],
)
async def test_what_each_fault_means(
    engine: GatewayEngine,
    upstream: OlderGateway,
    fault: Fault,
    kind: type[UpstreamError],
    made: int,
):
    upstream.fail("generate", fault)
    job = job_of(engine)
    since = await engine.before(0.0)
    assert since is not None
    with pytest.raises(kind):
        await engine.start(job, "key")
    assert upstream.log.count("generate") == 1
    assert len(upstream.tasks) == made
    found = await engine.look_for(job, since)
    assert [one.sure for one in found] == [True] * made
    await engine.aclose()


@pytest.mark.parametrize("hours", [-11, 0, 8])
async def test_what_was_there_before_is_never_the_new_one(time: FakeTime, hours: int):
    zone = timezone(timedelta(hours=hours))
    upstream = OlderGateway(1, clock=time.wall, tells_prompts=True, zone=zone)
    engine = engine_of(GatewayEngine, "http://upstream", app=upstream.app)
    job = job_of(engine)
    await engine.start(job, "key")
    time.passed_s = 3600
    since = await engine.before(time.wall())
    assert since is not None
    assert await engine.look_for(job, since) == []
    time.passed_s = 3660
    await engine.start(job, "key")
    [found] = await engine.look_for(job, since)
    assert upstream.tasks[1].message_id in found.handle
    await engine.aclose()


async def test_an_expired_link_is_looked_for_anew(time: FakeTime, tmp_path: Path):
    upstream = OlderGateway(1, clock=time.wall, finds_videos=True)
    engine = engine_of(GatewayEngine, "http://upstream", app=upstream.app)
    handle = await engine.start(job_of(engine), "key")
    time.passed_s = 86_400
    await engine.fetch(handle, tmp_path / "video.mp4")
    assert (tmp_path / "video.mp4").read_bytes() == video()
    assert upstream.log.count("get_url") == 1
    await engine.aclose()


async def test_a_video_whose_task_was_lost_with_the_process_is_found(
    time: FakeTime, tmp_path: Path
):
    upstream = OlderGateway(1, clock=time.wall, finds_videos=True)
    engine = engine_of(GatewayEngine, "http://upstream", app=upstream.app)
    engine._moving = Moving(monotonic=time.clock, now=time.now)
    handle = await engine.start(job_of(engine), "key")
    upstream.restart()
    for passed in (0.0, 500.0, 1000.0):
        time.passed_s = passed
        last = await engine.poll(handle)
    assert last.where == "succeeded"
    await engine.fetch(handle, tmp_path / "video.mp4")
    assert (tmp_path / "video.mp4").read_bytes() == video()
    await engine.aclose()


@pytest.mark.parametrize("link", ["http://[", "http://[::1/a.mp4", "ftp://a/b"])
async def test_a_link_that_is_none_is_told(
    engine: GatewayEngine, upstream: OlderGateway, time: FakeTime, tmp_path: Path, link: str
):
    handle = await engine.start(job_of(engine), "key")
    time.passed_s = 300
    upstream._link = lambda *_: link  # type: ignore[method-assign]  # what a gateway may say
    with pytest.raises(UpstreamGone, match="is not an http"):
        await engine.fetch(handle, tmp_path / "video.mp4")
    await engine.aclose()


@pytest.mark.parametrize("roles", [("first", "last"), ("last",), ("reference",)])
async def test_images_that_an_older_gateway_would_drop_are_refused(
    engine: GatewayEngine, upstream: OlderGateway, tmp_path: Path, roles: tuple[str, ...]
):
    images = tuple(image_of(tmp_path, role) for role in roles)
    with pytest.raises(UpstreamRefused, match="one image"):
        await engine.start(job_of(engine, images=images), "key")
    assert set(upstream.log) <= {"list"}
    await engine.aclose()


async def test_an_engine_that_an_older_gateway_would_drop_is_refused(upstream: OlderGateway):
    engine = engine_of(GatewayEngine, "http://upstream", app=upstream.app, model="ark")
    with pytest.raises(UpstreamRefused, match="model = 'ark'"):
        await engine.start(job_of(engine), "key")
    assert upstream.tasks == []
    await engine.aclose()


async def test_parameters_that_an_older_gateway_may_drop_are_named(engine: GatewayEngine):
    plan = engine.plan("x", {"duration": 5, "seed": 7})
    assert ["duration, seed" in note.render("en") for note in plan.notes] == [True]
    assert engine.plan("x", {}).notes == ()


async def test_questions_may_fail_and_are_asked_again(
    engine: GatewayEngine, upstream: OlderGateway, time: FakeTime, tmp_path: Path
):
    handle = await engine.start(job_of(engine), "key")
    for fault in (Fault.PLAIN_500, Fault.RATE_LIMIT, Fault.GARBAGE, Fault.LOST_ANSWER):
        upstream.fail("status", fault)
        with pytest.raises(UpstreamAway):
            await engine.poll(handle)
    time.passed_s = 300
    upstream.fail("video", Fault.LOST_PAGE)
    with pytest.raises(UpstreamAway):
        await engine.fetch(handle, tmp_path / "video.mp4")
    upstream.fail("video", Fault.GONE)
    with pytest.raises(UpstreamGone):
        await engine.fetch(handle, tmp_path / "video.mp4")
    upstream.tasks.clear()
    with pytest.raises(UpstreamGone):
        await engine.poll(handle)
    await engine.aclose()


async def test_an_older_gateway_cannot_stop_a_task(engine: GatewayEngine):
    stopped = await engine.cancel(await engine.start(job_of(engine), "key"))
    assert not stopped.done
    assert stopped.note is not None
    await engine.aclose()


def test_it_says_that_it_needs_an_address():
    missing = GatewayEngine().info("zh").missing or ""
    assert "VIDEOGEN_ENGINE_GATEWAY_URL" in missing
