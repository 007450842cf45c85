"""The openai engine against servers of its dialect, driven by the real SDK to show them true."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openai
import pytest

from tests.upstreams.faults import Fault
from tests.upstreams.openai import KEY, Kind, Videos
from videogen_nb.engines.openai import OpenAIVideosEngine
from videogen_nb.engines.openai.responses import video_url
from videogen_nb.engines.sizes import size_of
from videogen_nb.errors import (
    BadParameter,
    UpstreamBusy,
    UpstreamError,
    UpstreamGone,
    UpstreamRefused,
    UpstreamUnsure,
)
from videogen_nb.testing.serving import served

from .remote_engine_helpers import ended, engine_of, image_of, job_of

KINDS: tuple[Kind, ...] = ("sglang", "vllm", "official", "strict", "litellm")


def opened(
    kind: Kind, moves: tuple[str, ...] | None = None, **settings: Any
) -> tuple[Videos, OpenAIVideosEngine]:
    """A server of a kind and an engine that asks it."""
    upstream = Videos(kind, **({"moves": moves} if moves else {}))
    settings = {"key": KEY, **settings}
    return upstream, engine_of(
        OpenAIVideosEngine, "http://upstream/v1", app=upstream.app, **settings
    )


# The SDK says that its maker's own videos have ended; the dialect lives on in other servers.
@pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning")
@pytest.mark.parametrize("kind", [k for k in KINDS if k != "strict"])
def test_the_stand_ins_speak_as_the_real_sdk_expects(kind: Kind):
    upstream = Videos(kind)
    with served(upstream.app) as url, openai.OpenAI(base_url=f"{url}/v1", api_key=KEY) as sdk:
        made = sdk.videos.create_and_poll(
            prompt="sea",
            seconds="4",
            input_reference=("a.png", b"\x89PNG", "image/png"),
            poll_interval_ms=1,
        )
        assert made.status == "completed"
        assert sdk.videos.download_content(made.id).read() == upstream.video
        assert [video.id for video in sdk.videos.list()] == [made.id]
        if kind == "litellm":
            return  # which deletes nothing
        sdk.videos.delete(made.id)
        with pytest.raises(openai.NotFoundError):
            sdk.videos.retrieve(made.id)


@pytest.mark.parametrize("with_image", [False, True], ids=["words", "image"])
@pytest.mark.parametrize("kind", KINDS)
async def test_every_server_is_understood_by_what_it_answers(
    kind: Kind, with_image: bool, tmp_path: Path
):
    images = (image_of(tmp_path),) if with_image else ()
    upstream, engine = opened(kind, model="wan")
    job = job_of(engine, images=images, duration=4, ratio="16:9", resolution="720p")
    handle = await engine.start(job, "key")
    (body,) = upstream.creates
    assert (body["prompt"], body["size"], body["model"]) == (job.prompt, "1280x720", "wan")
    assert str(body["seconds"]) == "4"
    assert ("input_reference" in body) is with_image
    told = await ended(engine, handle)
    assert [one.where for one in told] == ["queued", "running", "succeeded"]
    assert told[1].progress == (None if kind == "vllm" else 0.5)
    path = tmp_path / "video.mp4"
    await engine.fetch(handle, path)
    assert path.read_bytes() == upstream.video
    asked = upstream.asked
    await engine.start(job, "next")
    assert upstream.asked == asked + 1  # the form that was understood is remembered
    await engine.aclose()


@pytest.mark.parametrize("kind", ["sglang", "vllm"])
async def test_a_failed_job_is_read_with_200_and_with_500(kind: Kind):
    _, engine = opened(kind, moves=("in_progress", "failed"))
    last = (await ended(engine, await engine.start(job_of(engine), "key")))[-1]
    assert last.where == "failed"
    assert last.error is not None
    assert "out of memory" in last.error.render("zh")
    await engine.aclose()


@pytest.mark.parametrize(
    ("kind", "prompt", "settings", "requested", "code"),
    [
        pytest.param("official", "sea", {"key": "sk-wrong"}, {}, "key_refused", id="bad-key"),
        pytest.param("official", "forbidden", {}, {}, "moderation", id="moderation"),
        pytest.param("vllm", "forbidden", {}, {}, "moderation", id="moderation-by-form"),
        pytest.param("official", "sea", {}, {"duration": 5}, "bad_parameter", id="bad-seconds"),
    ],
)
async def test_each_refusal_in_words(
    kind: Kind, prompt: str, settings: dict[str, Any], requested: dict[str, Any], code: str
):
    upstream, engine = opened(kind, **settings)
    with pytest.raises(UpstreamRefused) as refused:
        await engine.start(job_of(engine, prompt, **requested), "key")
    assert refused.value.code == code
    assert "sk-" not in str(refused.value)
    assert not upstream.creates
    await engine.aclose()


async def test_litellm_refuses_by_the_type_of_its_errors():
    """Its budget comes as a 429, which is no reason to ask again."""
    upstream, engine = opened("litellm")
    upstream.over_budget = True
    with pytest.raises(UpstreamRefused) as refused:
        await engine.start(job_of(engine), "key")
    assert refused.value.code == "quota"
    assert "Budget has been exceeded" in str(refused.value)
    await engine.aclose()
    upstream, engine = opened("litellm", key="sk-wrong")
    with pytest.raises(UpstreamRefused) as refused:
        await engine.start(job_of(engine), "key")
    assert refused.value.code == "key_refused"
    await engine.aclose()


async def test_a_job_that_cannot_be_deleted_is_not_cancelled():
    upstream, engine = opened("litellm")
    handle = await engine.start(job_of(engine), "key")
    assert len(handle) > 300
    assert not (await engine.cancel(handle)).done
    assert upstream.jobs
    await engine.aclose()


@pytest.mark.parametrize("acts", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("fault", Fault)
async def test_a_fault_never_sends_a_second_create(fault: Fault, acts: bool):
    upstream, engine = opened("official")
    upstream.fail(fault, acts=acts)
    with pytest.raises(UpstreamError) as error:
        await engine.start(job_of(engine), "key")
    assert isinstance(error.value, UpstreamBusy) is (fault is Fault.BUSY_429)
    assert upstream.asked == 1
    await engine.aclose()


async def test_a_lost_create_is_found_by_its_prompt():
    upstream, engine = opened("official")
    upstream.fail(Fault.CUT, acts=True)
    job = job_of(engine)
    with pytest.raises(UpstreamUnsure):
        await engine.start(job, "key")
    since = next(iter(upstream.jobs.values()))["created_at"]
    (found,) = await engine.look_for(job, since)
    assert found.sure
    assert (await engine.poll(found.handle)).where == "queued"
    assert not await engine.look_for(job_of(engine, "something else"), since)
    await engine.aclose()


async def test_a_server_that_was_restarted_knows_nothing(tmp_path: Path):
    upstream, engine = opened("sglang")
    handle = await engine.start(job_of(engine), "key")
    upstream.restart()
    with pytest.raises(UpstreamGone):
        await engine.poll(handle)
    with pytest.raises(UpstreamGone):
        await engine.fetch(handle, tmp_path / "video.mp4")
    await engine.aclose()


@pytest.mark.parametrize("kind", ["sglang", "vllm"])
async def test_stopping_says_where_the_server_only_forgets(kind: Kind):
    upstream, engine = opened(kind)
    stopped = await engine.cancel(await engine.start(job_of(engine), "key"))
    assert stopped.done
    assert (stopped.note is not None) is (kind == "sglang")
    assert not upstream.jobs
    await engine.aclose()


@pytest.mark.parametrize(
    ("ratio", "resolution", "size"),
    [
        ("16:9", "720p", (1280, 720)),
        ("9:16", "1080p", (1080, 1920)),
        ("1:1", "480p", (480, 480)),
        ("4:3", "720p", (960, 720)),
    ],
)
def test_sizes(ratio: str, resolution: str, size: tuple[int, int]):
    assert size_of(ratio, resolution) == size


@pytest.mark.parametrize(
    ("job", "link"),
    [
        pytest.param({"url": "http://a/1"}, "http://a/1", id="url"),
        pytest.param({"video_url": "https://a/1"}, "https://a/1", id="video-url"),
        pytest.param({"output": "http://a/1"}, "http://a/1", id="output-as-text"),
        pytest.param({"output": {"url": "http://a/1"}}, "http://a/1", id="output-as-object"),
        pytest.param({"output": {"path": "x"}}, None, id="output-without-link"),
        pytest.param({"output": ["http://a/1"]}, None, id="output-as-list"),
        pytest.param({"url": "/a/1", "video_url": 7}, None, id="no-links"),
        pytest.param({}, None, id="nothing"),
    ],
)
def test_where_a_job_may_hold_its_link(job: dict[str, Any], link: str | None):
    assert video_url(job) == link


def test_what_the_dialect_cannot_say_is_told_before_anything_is_sent(tmp_path: Path):
    engine = engine_of(OpenAIVideosEngine, "http://127.0.0.1:9/v1")
    for requested in ({"ratio": "wide"}, {"resolution": "huge"}, {"extra": {"prompt": "x"}}):
        with pytest.raises(BadParameter):
            engine.plan("sea", requested)
    with pytest.raises(BadParameter):
        engine.plan("sea", {}, [image_of(tmp_path, "last")])


def test_a_server_of_one_s_own_needs_no_key_and_costs_nothing():
    own = engine_of(OpenAIVideosEngine, "http://gpu1:30000/v1")
    assert own.info("en").ready
    assert not own.paid
    assert engine_of(OpenAIVideosEngine, "http://reseller/v1", key="k").paid
    assert not engine_of(OpenAIVideosEngine, "http://gpu1/v1", key="k", paid=False).paid
    assert "VIDEOGEN_ENGINE_OPENAI_URL" in (OpenAIVideosEngine().info("en").missing or "")
