"""The ark engine against a stand-in, which the provider's own SDK shows to speak truly."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from volcenginesdkarkruntime import Ark as ArkSDK

from tests.upstreams import ark
from tests.upstreams.ark import KEY, MODEL, Ark
from tests.upstreams.faults import DEFINITE, Fault
from videogen_nb.engines.ark import ArkEngine
from videogen_nb.engines.prices import Price
from videogen_nb.errors import (
    BadParameter,
    UpstreamAway,
    UpstreamBusy,
    UpstreamError,
    UpstreamGone,
    UpstreamRefused,
    UpstreamUnsure,
)
from videogen_nb.media.probe import probe
from videogen_nb.testing.serving import served

from .remote_engine_helpers import ended, engine_of, image_of, job_of


@pytest.fixture
def upstream() -> Ark:
    return Ark()


@pytest.fixture
def url(upstream: Ark) -> Iterator[str]:
    with served(upstream.app) as base:
        yield f"{base}/api/v3"


BASE = "http://upstream/api/v3"


@pytest.fixture
def engine(upstream: Ark) -> ArkEngine:
    return engine_of(ArkEngine, BASE, app=upstream.app, key=KEY, model=MODEL)


def test_the_stand_in_speaks_as_the_provider_s_own_sdk_expects(upstream: Ark, url: str):
    with ArkSDK(base_url=url, api_key=KEY, max_retries=0) as sdk:
        tasks = sdk.content_generation.tasks
        text = {"type": "text", "text": "sea"}
        made = tasks.create(model=MODEL, content=[text], ratio="16:9", seed=3)
        seen = [tasks.get(task_id=made.id) for _ in range(3)]
        assert [task.status for task in seen] == ["queued", "running", "succeeded"]
        assert seen[-1].content.video_url.startswith("http")
        assert seen[-1].usage.completion_tokens == 108900
        assert [task.id for task in tasks.list(model=MODEL).items] == [made.id]
        other = tasks.create(model=MODEL, content=[text])
        tasks.delete(task_id=other.id)
        assert tasks.get(task_id=other.id).status == "cancelled"
    assert upstream.creates[0]["content"] == [text]


async def test_from_words_to_a_video(engine: ArkEngine, upstream: Ark, tmp_path: Path):
    job = job_of(
        engine,
        duration=4.2,
        ratio="16:9",
        resolution="720p",
        seed=7,
        fps=30,
        extra={"watermark": False, "camera_fixed": True, "return_last_frame": True},
    )
    handle = await engine.start(job, "key")
    assert upstream.creates == [
        {
            "model": MODEL,
            "content": [{"type": "text", "text": job.prompt}],
            "duration": 5,
            "ratio": "16:9",
            "resolution": "720p",
            "seed": 7,
            "watermark": False,
            "camera_fixed": True,
            "return_last_frame": True,
        }
    ]
    assert len(job.plan.notes) == 2  # seconds were rounded, fps left out
    told = await ended(engine, handle)
    assert [one.where for one in told] == ["queued", "running", "succeeded"]
    assert {one.progress for one in told} == {None}
    assert told[-1].usage == {"completion_tokens": 108900, "total_tokens": 108900}
    path = tmp_path / "video.mp4"
    facts = await engine.fetch(handle, path)
    assert path.read_bytes() == upstream.video
    assert probe(path).frames
    assert path.with_name("video.mp4.last_frame").read_bytes() == ark.PNG
    assert facts["last_frame"] == f"{path}.last_frame"
    await engine.aclose()


async def test_images_go_inside_with_their_roles(engine: ArkEngine, upstream: Ark, tmp_path: Path):
    images = (image_of(tmp_path), image_of(tmp_path, "last", "b.png"))
    await engine.start(job_of(engine, images=images), "key")
    first, last = upstream.creates[0]["content"][1:]
    assert (first["role"], last["role"]) == ("first_frame", "last_frame")
    kind, _, data = first["image_url"]["url"].partition(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(data) == images[0].path.read_bytes()
    await engine.aclose()


@pytest.mark.parametrize(
    ("settings", "prompt", "requested", "code"),
    [
        pytest.param({}, "forbidden fruit", {}, "moderation", id="moderation"),
        pytest.param({"key": "ark-wrong"}, "sea", {}, "key_refused", id="bad-key"),
        pytest.param({"overdue": True}, "sea", {}, "quota", id="no-balance"),
        pytest.param({}, "sea", {"ratio": "7:5"}, "bad_parameter", id="bad-parameter"),
        pytest.param({"model": "doubao-other"}, "sea", {}, "model_unknown", id="model-not-open"),
    ],
)
async def test_each_refusal_in_words(
    upstream: Ark,
    settings: dict[str, Any],
    prompt: str,
    requested: dict[str, Any],
    code: str,
):
    upstream.overdue = settings.pop("overdue", False)
    settings = {"key": KEY, "model": MODEL, **settings}
    engine = engine_of(ArkEngine, BASE, app=upstream.app, **settings)
    with pytest.raises(UpstreamRefused) as refused:
        await engine.start(job_of(engine, prompt, **requested), "key")
    assert refused.value.code == code
    for words in refused.value.text.to_json().values():
        assert "ark-wrong" not in words  # the service repeats the key it was given
    assert not upstream.creates
    await engine.aclose()


@pytest.mark.parametrize("acts", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("fault", Fault)
async def test_a_fault_leaves_one_unsure_unless_the_provider_says_no(
    engine: ArkEngine, upstream: Ark, fault: Fault, acts: bool
):
    upstream.fail(fault, acts=acts)
    with pytest.raises(UpstreamError) as error:
        await engine.start(job_of(engine), "key")
    definite = fault in DEFINITE
    assert isinstance(error.value, UpstreamUnsure) is not definite
    assert isinstance(error.value, UpstreamBusy) is (fault is Fault.BUSY_429)
    assert upstream.asked == 1
    await engine.aclose()


async def test_nothing_listens_there():
    engine = engine_of(ArkEngine, "http://127.0.0.1:9/api/v3", key=KEY, model=MODEL)
    with pytest.raises(UpstreamAway):
        await engine.start(job_of(engine), "key")


async def test_a_failed_task_says_why(engine: ArkEngine, upstream: Ark):
    upstream.moves = ("running", "failed")
    upstream.failure = {"code": "OutputVideoSensitiveContentDetected", "message": "the output …"}
    last = (await ended(engine, await engine.start(job_of(engine), "key")))[-1]
    assert (last.where, last.error_code) == ("failed", "moderation")
    upstream.moves = ("expired",)
    last = (await ended(engine, await engine.start(job_of(engine), "key")))[-1]
    assert (last.where, last.error_code) == ("failed", "upstream_expired")
    await engine.aclose()


async def test_only_the_queued_is_cancelled_and_the_finished_never_deleted(
    engine: ArkEngine, upstream: Ark
):
    queued = await engine.start(job_of(engine), "key")
    assert (await engine.cancel(queued)).done
    assert (await engine.poll(queued)).where == "cancelled"
    for moves in (("running",), ("succeeded",)):
        upstream.moves = moves
        handle = await engine.start(job_of(engine), "key")
        stopped = await engine.cancel(handle)
        assert not stopped.done
        assert stopped.note is not None
        assert (await engine.poll(handle)).where == moves[0]
    await engine.aclose()


async def test_a_lost_create_is_found_by_its_seed(engine: ArkEngine, upstream: Ark):
    upstream.fail(Fault.CUT, acts=True)
    job = job_of(engine, seed=77, ratio="1:1")
    with pytest.raises(UpstreamUnsure):
        await engine.start(job, "key")
    since = upstream.tasks["cgt-2026-1"]["created_at"]
    await engine.start(job_of(engine, seed=1), "other")
    assert [found.sure for found in await engine.look_for(job, since)] == [True]
    assert [found.sure for found in await engine.look_for(job_of(engine), since)] == [False] * 2
    assert not await engine.look_for(job, since + 3600)
    await engine.aclose()


async def test_the_key_goes_to_the_provider_only_and_a_dead_link_is_told(
    upstream: Ark, url: str, tmp_path: Path
):
    cdn = Ark()
    with served(cdn.app) as elsewhere:
        engine = engine_of(ArkEngine, url, key=KEY, model=MODEL)
        await engine.calls.download(f"{elsewhere}/cdn/x.mp4", tmp_path / "x.mp4")
        assert "authorization" not in cdn.headers[0]
        upstream.links_dead = True
        handle = await engine.start(job_of(engine), "key")
        await ended(engine, handle)
        with pytest.raises(UpstreamGone):
            await engine.fetch(handle, tmp_path / "y.mp4")
        await engine.aclose()


async def test_no_model_and_unfit_images_are_told_before_anything_is_sent(tmp_path: Path):
    engine = engine_of(ArkEngine, BASE, key=KEY)
    with pytest.raises(BadParameter, match=r"engines\.toml"):
        engine.plan("sea", {})
    model = {"extra": {"model": MODEL}}
    mixed = [image_of(tmp_path), image_of(tmp_path, "reference", "b.png")]
    for images in (mixed, [image_of(tmp_path, "last")], [mixed[0], mixed[0]]):
        with pytest.raises(BadParameter):
            engine.plan("sea", model, images)


def test_what_it_will_cost_is_counted_in_tokens():
    price = Price(15, "CNY", "million_tokens")
    engine = engine_of(ArkEngine, BASE, key=KEY, model=MODEL, price=price)
    plan = engine.plan("sea", {"duration": 5, "resolution": "720p"})
    expected = 1280 * 720 * 24 * 5 / 1024 / 1e6 * 15
    assert engine.expected_cost(plan) == pytest.approx(expected)
    assert price.actual({}, {"total_tokens": 108000}) == pytest.approx(1.62)
    assert engine.expected_cost(engine.plan("sea", {})) is None
