"""Providers' own SDKs drive the stand-ins, and send what our tables send.

The light ones are installed with the tests; `.ci/providers` installs all.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.engines.remote_engine_helpers import job_of
from tests.upstreams.rest import PROVIDERS, Provider
from videogen_nb.testing.serving import served

from .conftest import engine_on

PROMPT = "a paper boat"

#: SDKs by provider, as their distributions are called.
DRIVEN = {
    "comfy-router": "comfy-sdk",
    "dashscope": "dashscope",
    "fal": "fal-client",
    "luma": "lumaai",
    "replicate": "replicate",
    "runway": "runwayml",
    "veo": "google-genai",
    "wavespeed": "wavespeed",
    "zhipu": "zai-sdk",
}


def sdk(module: str) -> Any:
    pytest.importorskip(module, reason="installed by .ci/providers")
    return importlib.import_module(module)


@contextmanager
def standing_in(name: str) -> Iterator[tuple[Provider, str]]:
    upstream = PROVIDERS[name](("queued", "running", "succeeded"))
    with served(upstream.app) as url:
        yield upstream, url + upstream.base


async def ours(name: str, **requested: Any) -> Any:
    """What our table sends for the same request."""
    upstream = PROVIDERS[name]()
    engine = engine_on(name, upstream)
    await engine.start(job_of(engine, PROMPT, **requested), "name-of-ours")
    await engine.aclose()
    return upstream.creates[0]


def until_done(ask: Callable[[], Any], state: Callable[[Any], str], done: str) -> Any:
    for _ in range(5):
        told = ask()
        if state(told) == done:
            return told
    raise AssertionError(f"it stayed {state(told)}")


async def test_fal():
    fal = sdk("fal_client")
    with standing_in("fal") as (upstream, url):
        client = fal.SyncClient(key=upstream.key)
        client_module = sdk("fal_client.client")
        before = client_module.QUEUE_URL_FORMAT
        client_module.QUEUE_URL_FORMAT = url + "/"
        try:
            told = {"prompt": PROMPT, "resolution": "480p", "seed": 7}
            handle = client.submit("fal-ai/wan/v2.2-5b/text-to-video", arguments=told)
            until_done(handle.status, lambda s: type(s).__name__, "Completed")
            assert handle.get()["video"]["url"].startswith("http")
            other = client.submit("fal-ai/wan/v2.2-5b/text-to-video", arguments=told)
            other.cancel()
        finally:
            client_module.QUEUE_URL_FORMAT = before
        assert upstream.creates[0] == await ours("fal", resolution="480p", seed=7)


async def test_replicate():
    replicate = sdk("replicate")
    with standing_in("replicate") as (upstream, url):
        client = replicate.Client(api_token=upstream.key, base_url=url.removesuffix("/v1"))
        made = client.models.predictions.create(
            ("wan-video", "wan-2.2-t2v-fast"), input={"prompt": PROMPT, "seed": 7}
        )
        told = until_done(
            lambda: client.predictions.get(made.id), lambda p: str(p.status), "succeeded"
        )
        assert str(told.output).startswith("http")
        assert [p.id for p in client.predictions.list().results] == [made.id]
        assert upstream.creates[0] == await ours("replicate", seed=7)


async def test_runway():
    runwayml = sdk("runwayml")
    with standing_in("runway") as (upstream, url):
        client = runwayml.RunwayML(api_key=upstream.key, base_url=url, max_retries=0)
        made = client.text_to_video.create(
            model="gen4.5", prompt_text=PROMPT, ratio="1280:720", duration=5, seed=7
        )
        told = until_done(
            lambda: client.tasks.retrieve(made.id), lambda task: str(task.status), "SUCCEEDED"
        )
        assert told.output[0].startswith("http")
        other = client.text_to_video.create(
            model="gen4.5", prompt_text=PROMPT, ratio="1280:720", duration=5
        )
        client.tasks.delete(other.id)
        assert upstream.tasks[other.id]["cancelled"]
        assert upstream.creates[0] == await ours("runway", seed=7)


async def test_luma():
    lumaai = sdk("lumaai")
    with standing_in("luma") as (upstream, url):
        client = lumaai.LumaAI(auth_token=upstream.key, base_url=url, max_retries=0)
        made = client.generations.video.create(
            prompt=PROMPT, model="ray-2", resolution="720p", duration="5s", aspect_ratio="16:9"
        )
        told = until_done(
            lambda: client.generations.get(made.id), lambda g: str(g.state), "completed"
        )
        assert told.assets.video.startswith("http")
        assert [g.id for g in client.generations.list().generations] == [made.id]
        wanted = await ours("luma", resolution="720p", duration=5, ratio="16:9")
        assert {n: v for n, v in upstream.creates[0].items() if n != "generation_type"} == wanted


async def test_comfy_router(monkeypatch: pytest.MonkeyPatch):
    comfy = sdk("comfy_sdk")
    with standing_in("comfy-router") as (upstream, url):
        monkeypatch.setenv("COMFY_ROUTER_BASE_URL", url.removesuffix("/v2"))
        body = {"prompt": PROMPT, "duration": 5, "aspect_ratio": "16:9", "resolution": "720p"}
        with comfy.Comfy(api_key=upstream.key) as client:
            made = client.models.submit("xai/grok-imagine-video", body)
            until_done(made.status, lambda told: str(told.status), "COMPLETED")
            assert made.get()["video"]["url"].startswith("http")
            client.models.submit("xai/grok-imagine-video", body).cancel()
        wanted = await ours("comfy-router", duration=5, ratio="16:9", resolution="720p")
        assert upstream.creates[0] == wanted


async def test_dashscope(monkeypatch: pytest.MonkeyPatch):
    dashscope = sdk("dashscope")
    with standing_in("dashscope") as (upstream, url):
        monkeypatch.setattr(dashscope, "base_http_api_url", url)
        synthesis = dashscope.VideoSynthesis
        made = synthesis.async_call(
            api_key=upstream.key, model="wan2.6-t2v", prompt=PROMPT, size="1280*720", duration=5
        )
        task = made.output.task_id
        told = until_done(
            lambda: synthesis.fetch(task, api_key=upstream.key),
            lambda answer: answer.output.task_status,
            "SUCCEEDED",
        )
        assert told.output.video_url.startswith("http")
        sent, wanted = (
            upstream.creates[0],
            await ours("dashscope", ratio="16:9", resolution="720p", duration=5),
        )
        assert sent["model"] == wanted["model"]
        # What the SDK adds of its own is left to the service here.
        assert {n: sent["input"][n] for n in wanted["input"]} == wanted["input"]
        assert {n: sent["parameters"][n] for n in wanted["parameters"]} == wanted["parameters"]


async def test_veo():
    genai = sdk("google.genai")
    with standing_in("veo") as (upstream, url):
        options = {"base_url": url.removesuffix("/v1beta"), "api_version": "v1beta"}
        client = genai.Client(api_key=upstream.key, http_options=options)
        made = client.models.generate_videos(
            model="veo-3.1-generate-preview",
            prompt=PROMPT,
            config={"aspect_ratio": "16:9", "duration_seconds": 8, "resolution": "720p"},
        )
        told = until_done(
            lambda: client.operations.get(made), lambda one: "done" if one.done else "", "done"
        )
        assert told.response.generated_videos[0].video.uri.startswith("http")
        wanted = await ours("veo", ratio="16:9", duration=8, resolution="720p")
        sent = upstream.creates[0]
        assert sent["instances"] == wanted["instances"]
        assert {n: sent["parameters"][n] for n in wanted["parameters"]} == wanted["parameters"]


async def test_zhipu():
    zai = sdk("zai")
    with standing_in("zhipu") as (upstream, url):
        client = zai.ZaiClient(api_key=upstream.key, base_url=url, disable_token_cache=True)
        made = client.videos.generations(
            model="cogvideox-3",
            prompt=PROMPT,
            size="1280x720",
            duration=5,
            request_id="name-of-ours",
        )
        told = until_done(
            lambda: client.videos.retrieve_videos_result(id=made.id),
            lambda video: video.task_status,
            "SUCCESS",
        )
        assert told.video_result[0].url.startswith("http")
        wanted = await ours("zhipu", ratio="16:9", resolution="720p", duration=5)
        sent = {name: value for name, value in upstream.creates[0].items() if value is not None}
        assert sent == wanted


async def test_wavespeed():
    wavespeed = sdk("wavespeed")
    with standing_in("wavespeed") as (upstream, url):
        client = wavespeed.Client(api_key=upstream.key, base_url=url.removesuffix("/api/v3"))
        model = "wavespeed-ai/wan-2.2/t2v-480p-ultra-fast"
        told = client.run(
            model,
            {"prompt": PROMPT, "size": "832*480", "duration": 5, "seed": 7},
            poll_interval=0.01,
        )
        assert told["outputs"][0].startswith("http")
        assert upstream.creates[0] == await ours("wavespeed", ratio="16:9", duration=5, seed=7)
