"""The comfy engine on Comfy API v2, against a stand-in that Comfy's own SDK drives."""

from __future__ import annotations

import importlib
import io
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.upstreams.comfy import WORKFLOW
from tests.upstreams.comfy_hosted import KEY, HostedComfy
from tests.upstreams.faults import Fault
from videogen_nb.engines.comfy import ComfyEngine
from videogen_nb.errors import UpstreamGone, UpstreamRefused
from videogen_nb.media.probe import probe
from videogen_nb.media.video_from_images import write_sequence
from videogen_nb.testing.serving import served

from .remote_engine_helpers import ended, engine_of, image_of, job_of

CLOUD = "https://cloud.example/api/v2"


def opened(
    folder: Path, moves: tuple[str, ...] | None = None, url: str = CLOUD, key: str = KEY
) -> tuple[HostedComfy, ComfyEngine]:
    """A server of Comfy API v2, and an engine that has a workflow."""
    path = folder / "workflow.json"
    path.write_text(json.dumps(WORKFLOW), "utf-8")
    upstream = HostedComfy(*([moves] if moves else []))
    engine = engine_of(ComfyEngine, url, app=upstream.app, key=key, workflow=str(path))
    return upstream, engine


async def test_from_a_prompt_and_an_image_to_the_video(tmp_path: Path):
    upstream, engine = opened(tmp_path)
    image = image_of(tmp_path)
    job = job_of(engine, images=(image,), seed=7)
    handle = await engine.start(job, "our-key")
    [create], [kept] = upstream.creates, upstream.uploads.values()
    assert create.keys() == {"workflow"}
    assert create["workflow"]["6"]["inputs"]["text"] == job.prompt
    reference = create["workflow"]["52"]["inputs"]["image"]
    assert (reference["__type"], reference["info"]["id"]) == ("core/ASSET", *upstream.uploads)
    assert kept == {"data": image.path.read_bytes(), "content_type": "image/png"}
    assert upstream.keys == ["our-key"]
    told = await ended(engine, handle)
    assert [one.where for one in told] == ["queued", "running", "succeeded"]
    assert (told[1].progress, str(told[1].stage)) == (0.42, "ComfyUI: KSampler 21/50")
    path = tmp_path / "video.mp4"
    await engine.fetch(handle, path)
    assert path.read_bytes() == upstream.video
    await engine.aclose()


async def test_the_sdk_drives_the_stand_in_and_sends_what_we_send(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    pytest.importorskip("comfy_sdk", reason="installed by .ci/providers")
    comfy: Any = importlib.import_module("comfy_sdk")
    upstream, engine = opened(tmp_path)
    await engine.start(job_of(engine, "sea", seed=7), "our-key")
    await engine.aclose()
    with served(upstream.app) as upstream.url:
        monkeypatch.setenv("COMFY_BASE_URL", upstream.url)
        with comfy.Comfy(api_key=KEY) as client:
            workflow = client.workflows.from_json(deepcopy(upstream.creates[0]["workflow"]))
            job = client.run(workflow)
            assert job.get_outputs("58")[0].to_bytes() == upstream.video
            photo = client.assets.from_bytes(b"image", filename="a.png", content_type="image/png")
            workflow.set_input("52", "image", photo)
            client.submit(workflow).cancel()
    ours, theirs, third = upstream.creates
    assert theirs == ours
    reference = third["workflow"]["52"]["inputs"]["image"]
    assert reference["__type"] == "core/ASSET"
    assert reference["info"]["id"] in upstream.uploads


@pytest.mark.parametrize("fault", Fault)
async def test_a_fault_never_sends_a_second_create(tmp_path: Path, fault: Fault):
    upstream, engine = opened(tmp_path)
    upstream.fail(fault, acts=True)
    with pytest.raises(Exception, match=r".+"):
        await engine.start(job_of(engine), "our-key")
    assert upstream.asked == 1
    assert await engine.look_for(job_of(engine), 0) == []
    await engine.aclose()


@pytest.mark.parametrize(("where", "wanted"), [("failed", "failed"), ("canceled", "cancelled")])
async def test_what_ends_otherwise_is_told(tmp_path: Path, where: str, wanted: str):
    _, engine = opened(tmp_path, moves=(where,))
    told = await engine.poll(await engine.start(job_of(engine), "our-key"))
    assert told.where == wanted
    if wanted == "failed":
        assert str(told.error) == "ComfyUI failed in KSampler: CUDA out of memory"
    await engine.aclose()


async def test_it_is_cancelled_and_forgotten(tmp_path: Path):
    upstream, engine = opened(tmp_path)
    handle = await engine.start(job_of(engine), "our-key")
    assert (await engine.cancel(handle)).done
    assert (await engine.poll(handle)).where == "cancelled"
    upstream.jobs["job-1"]["where"] = "expired"
    with pytest.raises(UpstreamGone):
        await engine.poll(handle)
    upstream.jobs.clear()
    with pytest.raises(UpstreamGone):
        await engine.poll(handle)
    await engine.aclose()


async def test_a_wrong_key_is_told(tmp_path: Path):
    upstream, engine = opened(tmp_path, key="comfyui-another")
    with pytest.raises(UpstreamRefused) as no:
        await engine.start(job_of(engine), "our-key")
    assert no.value.code == "key_refused"
    assert not upstream.jobs
    await engine.aclose()


def test_a_service_is_paid_and_needs_a_key_a_proxy_of_ones_own_neither(tmp_path: Path):
    _, cloud = opened(tmp_path, key="")
    assert cloud.paid
    assert "key" in (cloud.info("en").missing or "")
    _, own = opened(tmp_path, url="http://127.0.0.1:8189/api/v2", key="")
    assert (own.paid, own.info("en").missing) == (False, None)


async def test_an_animated_png_needs_no_other_sign(tmp_path: Path):
    upstream, engine = opened(tmp_path, moves=("succeeded",))
    frames = [Image.new("RGB", (32, 24), (60 * n, 0, 0)) for n in range(4)]
    data = io.BytesIO()
    frames[0].save(data, "PNG", save_all=True, append_images=frames[1:], duration=125)
    upstream.files = {"it.png": data.getvalue()}
    path = tmp_path / "video.mp4"
    facts = await engine.fetch(await engine.start(job_of(engine), "our-key"), path)
    write_sequence([Path(one) for one in facts["images"]], path, facts["images_fps"])
    assert probe(path).duration_s == 0.5
    await engine.aclose()
