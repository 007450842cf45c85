"""Every shipped table against a stand-in of its provider."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.engines.remote_engine_helpers import ended, image_of, job_of
from tests.upstreams.faults import DEFINITE, Fault
from tests.upstreams.rest import PROVIDERS
from videogen_nb.engines import InputImage
from videogen_nb.errors import (
    BadParameter,
    UpstreamAway,
    UpstreamBusy,
    UpstreamError,
    UpstreamGone,
    UpstreamRefused,
    UpstreamUnsure,
)

from .conftest import FILES, NAMES, engine_on

EACH = pytest.mark.parametrize("name", NAMES)


def test_every_table_has_its_stand_in():
    assert sorted(FILES) == NAMES


@EACH
async def test_from_words_to_a_video(name: str, tmp_path: Path):
    upstream = PROVIDERS[name]()
    engine = engine_on(name, upstream)
    job = job_of(engine, duration=5, seed=7)
    handle = await engine.start(job, "key-name")
    assert upstream.prompt_of(upstream.creates[0]) == job.prompt
    assert "[]" not in json.dumps(upstream.creates[0]), "nothing is sent for images not given"
    assert upstream.key not in handle
    assert isinstance(json.loads(handle), dict)
    told = await ended(engine, handle)
    assert {one.where for one in told[:-1]} <= {"queued", "running"}
    assert told[-1].where == "succeeded"
    path = tmp_path / "video.mp4"
    for _ in range(2):  # a gateway that was killed fetches again
        await engine.fetch(handle, path)
        assert path.read_bytes() == upstream.video
    sent = upstream.sent_as[0]
    for headers in upstream.downloads:
        assert (sent in headers) is True  # in this test the video is at the provider itself
    await engine.aclose()


REFUSALS = {
    "key": (UpstreamRefused, "key_refused"),
    "quota": (UpstreamRefused, "quota"),
    "moderation": (UpstreamRefused, "moderation"),
    "busy": (UpstreamBusy, "upstream_busy"),
    "parameter": (UpstreamRefused, "bad_parameter"),
}


@EACH
@pytest.mark.parametrize("kind", REFUSALS)
async def test_each_refusal_is_told_as_what_it_is(name: str, kind: Any):
    upstream = PROVIDERS[name]()
    upstream.refuse = kind
    key = "other-1:other-2" if kind == "key" else upstream.key
    engine = engine_on(name, upstream, key=key)
    with pytest.raises(UpstreamError) as error:
        await engine.start(job_of(engine), "k")
    assert (type(error.value), error.value.code) == REFUSALS[kind]
    assert not upstream.creates
    await engine.aclose()


@EACH
async def test_a_video_that_is_withheld_fails_in_words(name: str):
    engine = engine_on(name, PROVIDERS[name]())
    [*_, last] = await ended(engine, await engine.start(job_of(engine, "withheld"), "k"))
    assert last.where == "failed"
    silent = name in ("minimax", "zhipu")  # say only that it failed
    assert last.error_code == ("upstream_failed" if silent else "moderation")
    assert last.error is not None
    await engine.aclose()


@EACH
@pytest.mark.parametrize("acts", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("fault", Fault)
async def test_a_fault_leaves_one_unsure_unless_the_provider_says_no(
    name: str, fault: Fault, acts: bool
):
    upstream = PROVIDERS[name]()
    upstream.fail(fault, acts=acts)
    engine = engine_on(name, upstream)
    with pytest.raises(UpstreamError) as error:
        await engine.start(job_of(engine), "k")
    definite = fault in DEFINITE
    assert isinstance(error.value, UpstreamUnsure) is not definite
    assert isinstance(error.value, UpstreamBusy) is (fault is Fault.BUSY_429)
    assert upstream.asked == 1
    await engine.aclose()


@EACH
async def test_a_task_that_is_gone_is_told_as_that(name: str):
    upstream = PROVIDERS[name]()
    engine = engine_on(name, upstream)
    handle = await engine.start(job_of(engine), "k")
    upstream.tasks.clear()
    wanted = UpstreamAway if name == "minimax" else UpstreamGone  # it has no code for this
    with pytest.raises(wanted):
        await engine.poll(handle)
    await engine.aclose()


@pytest.mark.parametrize("file", [None, {}, [1], "..", "\ud800", "a b"])
async def test_a_result_that_cannot_be_asked_for_is_looked_at_again(
    file: Any, monkeypatch: pytest.MonkeyPatch
):
    """A provider's own nonsense is no fault of the gateway, and no end of a paid task."""
    upstream = PROVIDERS["minimax"](("succeeded",))
    engine = engine_on("minimax", upstream)
    handle = await engine.start(job_of(engine), "k")
    with monkeypatch.context() as answers:
        told = {"file_id": file, "status": "Success", "base_resp": {"status_code": 0}}
        answers.setattr(upstream, "told", lambda *_: told)
        answers.setattr("starlette.responses.JSONResponse.render", _escaped)
        with pytest.raises(UpstreamAway):
            await engine.poll(handle)
    assert (await engine.poll(handle)).where == "succeeded"
    await engine.aclose()


def _escaped(_: Any, told: Any) -> bytes:
    return json.dumps(told).encode()


CANCELS = [name for name in NAMES if PROVIDERS[name].cancel]


@pytest.mark.parametrize("name", CANCELS)
@pytest.mark.parametrize("state", ["queued", "running", "succeeded"])
async def test_only_what_can_be_stopped_is_and_what_is_done_is_never_deleted(name: str, state: Any):
    upstream = PROVIDERS[name]((state,))
    engine = engine_on(name, upstream)
    handle = await engine.start(job_of(engine), "k")
    stopped = await engine.cancel(handle)
    assert stopped.done is (state in upstream.cancels)
    assert stopped.charged is (name == "runway" and state == "running")
    assert len(upstream.tasks) == 1
    where = (await engine.poll(handle)).where
    assert where == (state if not stopped.done else ("failed" if name == "fal" else "cancelled"))
    await engine.aclose()


@pytest.mark.parametrize("name", [name for name in NAMES if not PROVIDERS[name].cancel])
async def test_what_cannot_be_stopped_says_so(name: str):
    upstream = PROVIDERS[name](("queued",))
    engine = engine_on(name, upstream)
    stopped = await engine.cancel(await engine.start(job_of(engine), "k"))
    assert not stopped.done
    assert stopped.note is not None
    await engine.aclose()


@pytest.mark.parametrize("name", [name for name in NAMES if PROVIDERS[name].listing])
async def test_a_lost_create_is_found_by_its_prompt(name: str):
    upstream = PROVIDERS[name](("queued",))
    engine = engine_on(name, upstream)
    upstream.fail(Fault.CUT, acts=True)
    job = job_of(engine, "a lake")
    with pytest.raises(UpstreamUnsure):
        await engine.start(job, "k")
    await engine.start(job_of(engine, "other words"), "k")
    [task, _] = upstream.tasks.values()
    [found] = await engine.look_for(job, task["created"])
    assert found.sure
    assert (await engine.poll(found.handle)).where == "queued"
    assert not await engine.look_for(job, task["created"] + 3600)
    await engine.aclose()


def images(folder: Path, *roles: str) -> tuple[InputImage, ...]:
    return tuple(image_of(folder, role, f"{role}.png") for role in roles)


def holds_images(body: Any) -> int:
    """How many images stand in a body, as data URLs or base64 of PNG."""
    text = json.dumps(body)
    return text.count("iVBORw0KGgo")


@EACH
@pytest.mark.parametrize("roles", [("first",), ("first", "last"), ("reference",)], ids="-".join)
async def test_images_go_inside_or_are_refused_before_anything_is_sent(
    name: str, roles: tuple[str, ...], tmp_path: Path
):
    upstream = PROVIDERS[name]()
    settings = {"model": "wan2.7-i2v"} if name == "dashscope" else {}
    engine = engine_on(name, upstream, **settings)
    taken = {role for create in engine.table.create for role in create.images}
    if not set(roles) <= taken:
        with pytest.raises(BadParameter):
            engine.plan("sea", {}, images(tmp_path, *roles))
        assert not upstream.requests
        return
    await engine.start(job_of(engine, images=images(tmp_path, *roles)), "k")
    assert holds_images(upstream.creates[0]) == len(roles)
    await engine.aclose()


@EACH
async def test_the_key_goes_to_the_provider_only(name: str, tmp_path: Path):
    """A link to another host gets none."""
    from videogen_nb.testing.serving import served

    upstream, cdn = PROVIDERS[name](("succeeded",)), PROVIDERS[name]()
    with served(upstream.app) as url, served(cdn.app) as elsewhere:
        upstream._video_url = lambda task, request: f"{elsewhere}/cdn/x.mp4"  # type: ignore[method-assign]
        cdn_open = cdn.video_needs_key
        engine = engine_on(name, upstream, url=url)
        handle = await engine.start(job_of(engine), "k")
        await ended(engine, handle)
        if cdn_open:
            with pytest.raises(UpstreamGone):
                await engine.fetch(handle, tmp_path / "x.mp4")
        else:
            await engine.fetch(handle, tmp_path / "x.mp4")
        [headers] = cdn.downloads
        assert upstream.sent_as[0] not in headers
        upstream.links_dead = cdn.links_dead = True
        with pytest.raises(UpstreamGone):
            await engine.fetch(handle, tmp_path / "y.mp4")
        await engine.aclose()
