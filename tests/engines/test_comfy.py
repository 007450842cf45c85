"""The comfy engine against a stand-in for ComfyUI: what is found in a workflow, and its way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.upstreams.comfy import WORKFLOW, Comfy
from tests.upstreams.faults import Fault
from videogen_nb.engines.comfy import ComfyEngine
from videogen_nb.engines.comfy.workflow import read_workflow
from videogen_nb.errors import BadParameter, UpstreamGone, UpstreamRefused, UpstreamUnsure

from .remotes import ended, engine_of, image_of, job_of


def opened(
    folder: Path,
    moves: tuple[str, ...] | None = None,
    graph: Any = WORKFLOW,
    own_ids: bool = True,
    **settings: Any,
) -> tuple[Comfy, ComfyEngine]:
    """A server, and an engine that has a workflow."""
    path = folder / "workflow.json"
    path.write_text(json.dumps(graph), "utf-8")
    upstream = Comfy(**({"moves": moves} if moves else {}), own_ids=own_ids)
    settings = {"workflow": str(path), **settings}
    return upstream, engine_of(ComfyEngine, "http://upstream", app=upstream.app, **settings)


def changed(**nodes: dict[str, Any]) -> dict[str, Any]:
    """The workflow with other nodes in it: ``n6={…}`` replaces node 6."""
    return {**WORKFLOW, **{name[1:]: node for name, node in nodes.items()}}


@pytest.mark.parametrize("own_ids", [True, False], ids=["today", "older"])
async def test_from_a_prompt_and_an_image_to_the_video(tmp_path: Path, own_ids: bool):
    upstream, engine = opened(tmp_path, own_ids=own_ids)
    image = image_of(tmp_path)
    job = job_of(engine, images=(image,), duration=2, ratio="9:16", resolution="480p", seed=7)
    assert job.plan.seed == 7
    assert job.plan.parameters["duration"] == 2
    handle = await engine.start(job, "our-key")
    [queued] = upstream.prompts.values()
    graph = queued["entry"][2]
    assert graph["6"]["inputs"]["text"] == job.prompt
    assert graph["7"]["inputs"]["text"] == "blurry"
    assert graph["3"]["inputs"]["seed"] == 7
    size = {name: graph["50"]["inputs"][name] for name in ("width", "height", "length")}
    assert size == {"width": 480, "height": 848, "length": 33}
    assert upstream.uploads[graph["52"]["inputs"]["image"]] == image.path.read_bytes()
    told = await ended(engine, handle)
    assert [one.where for one in told] == ["queued", "running", "succeeded"]
    path = tmp_path / "video.mp4"
    await engine.fetch(handle, path)
    assert path.read_bytes() == upstream.video
    await engine.aclose()


async def test_what_a_request_leaves_open_stays_as_it_was_saved(tmp_path: Path):
    upstream, engine = opened(tmp_path)
    job = job_of(engine)
    assert job.plan.parameters["width"] == 832
    assert job.plan.parameters["duration"] == 5
    await engine.start(job, "key")
    [queued] = upstream.prompts.values()
    graph = queued["entry"][2]
    assert graph["50"]["inputs"] == WORKFLOW["50"]["inputs"]
    assert graph["3"]["inputs"]["seed"] == job.plan.seed != 1  # else it would be the same video
    await engine.aclose()


async def test_a_lost_create_is_found_by_the_tasks_mark_wherever_it_is(tmp_path: Path):
    upstream, engine = opened(tmp_path, moves=("pending", "running", "success"))
    upstream.fail(Fault.CUT, acts=True)
    job = job_of(engine)
    with pytest.raises(UpstreamUnsure):
        await engine.start(job, "key")
    for _ in range(3):  # pending, running, ended
        [found] = await engine.look_for(job, 0)
        assert found.sure
    assert (await engine.poll(found.handle)).where == "succeeded"
    assert upstream.asked == 1
    await engine.aclose()


async def test_nobody_elses_prompt_is_found(tmp_path: Path):
    upstream, engine = opened(tmp_path)
    await engine.start(job_of(engine), "key")
    [queued] = upstream.prompts.values()
    queued["entry"][3] = {"videogen_nb": "another"}
    assert await engine.look_for(job_of(engine), 0) == []
    await engine.aclose()


@pytest.mark.parametrize("fault", Fault)
async def test_a_fault_never_sends_a_second_create(tmp_path: Path, fault: Fault):
    upstream, engine = opened(tmp_path)
    upstream.fail(fault, acts=True)
    with pytest.raises(Exception, match=r".+"):
        await engine.start(job_of(engine), "key")
    assert upstream.asked == 1
    await engine.aclose()


async def test_what_comfy_refuses_names_the_node(tmp_path: Path):
    upstream, engine = opened(tmp_path)
    with pytest.raises(UpstreamRefused, match=r"node 50 \(WanImageToVideo\): Value bigger") as no:
        await engine.start(job_of(engine, extra={"width": 9000}), "key")
    assert no.value.code == "bad_parameter"
    assert not upstream.prompts
    await engine.aclose()


async def test_a_failure_says_where_and_why(tmp_path: Path):
    _, engine = opened(tmp_path, moves=("running", "error"))
    last = (await ended(engine, await engine.start(job_of(engine), "key")))[-1]
    assert (last.where, last.error_code) == ("failed", "upstream_failed")
    assert str(last.error) == "ComfyUI failed in KSampler: CUDA out of memory"
    await engine.aclose()


@pytest.mark.parametrize("where", ["pending", "running"])
async def test_it_is_cancelled_in_the_queue_and_at_work(tmp_path: Path, where: str):
    upstream, engine = opened(tmp_path, moves=(where,))
    handle = await engine.start(job_of(engine), "key")
    assert (await engine.cancel(handle)).done
    if where == "pending":
        assert not upstream.prompts
    else:
        assert (await engine.poll(handle)).where == "cancelled"
    await engine.aclose()


async def test_a_server_that_forgot_is_told(tmp_path: Path):
    upstream, engine = opened(tmp_path)
    handle = await engine.start(job_of(engine), "key")
    upstream.prompts.clear()
    with pytest.raises(UpstreamGone):
        await engine.poll(handle)
    await engine.aclose()


async def test_a_workflow_that_saves_no_video_is_told(tmp_path: Path):
    upstream, engine = opened(tmp_path, moves=("success",))
    saved = {"filename": "a.png", "subfolder": "", "type": "output"}
    upstream.outputs = {"9": {"images": [saved, saved]}}
    handle = await engine.start(job_of(engine), "key")
    await ended(engine, handle)
    with pytest.raises(UpstreamRefused, match="2 other files"):
        await engine.fetch(handle, tmp_path / "video.mp4")
    await engine.aclose()


def test_what_has_no_place_is_told(tmp_path: Path):
    graph = changed(n57={"class_type": "CreateVideo", "inputs": {"images": ["8", 0]}})
    _, engine = opened(tmp_path, graph=graph)
    notes = [str(note) for note in engine.plan("sea", {"duration": 2, "fps": 24}).notes]
    assert any("fps" in note for note in notes)
    with pytest.raises(BadParameter, match="no place for this image"):
        engine.plan("sea", {}, (image_of(tmp_path, "last"),))
    assert engine.info("en").modes == ["text", "image"]


def test_places_can_be_named(tmp_path: Path):
    named = {"prompt": "7.text", "seed": ["3.seed"], "last_image": "52.image"}
    path = tmp_path / "w.json"
    path.write_text(json.dumps(WORKFLOW), "utf-8")
    workflow = read_workflow(path, named)
    assert workflow.places["prompt"] == (("7", "text"),)
    assert workflow.filled({"prompt": "new"})["7"]["inputs"]["text"] == "new"
    assert WORKFLOW["7"]["inputs"]["text"] == "blurry"


TWO_ENDS = {"class_type": "KSampler", "inputs": {"positive": ["7", 0]}}


@pytest.mark.parametrize(
    ("text", "named", "words"),
    [
        ("{", {}, "cannot be read"),
        ("[]", {}, "Export (API)"),
        ('{"nodes": [], "links": []}', {}, "Export (API)"),
        (json.dumps({"1": {"class_type": "A", "inputs": {}}}), {}, "where the prompt goes"),
        (json.dumps(changed(n99=TWO_ENDS)), {}, "where the prompt goes"),
        (json.dumps(WORKFLOW), {"prompt": "6.words"}, "no '6.words'"),
        (json.dumps(WORKFLOW), {"colour": "6.text"}, "no 'colour'"),
    ],
)
def test_what_is_wrong_with_a_workflow_is_told(
    tmp_path: Path, text: str, named: dict[str, Any], words: str
):
    path = tmp_path / "w.json"
    path.write_text(text, "utf-8")
    with pytest.raises(BadParameter) as wrong:
        read_workflow(path, named)
    assert words in str(wrong.value)


def test_without_a_workflow_it_says_what_it_needs():
    engine = engine_of(ComfyEngine, "http://upstream")
    info = engine.info("en")
    assert not info.ready
    assert "Export (API)" in (info.missing or "")
    assert not engine.paid
