"""The comfy engine against a stand-in for ComfyUI: what is found in a workflow, and its way."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.upstreams.comfy import WORKFLOW, Comfy
from tests.upstreams.faults import Fault
from videogen_nb.engines.comfy import ComfyEngine, outputs
from videogen_nb.engines.comfy.websocket import NodeProgress
from videogen_nb.engines.comfy.workflow import read_workflow
from videogen_nb.errors import BadParameter, UpstreamGone, UpstreamRefused, UpstreamUnsure
from videogen_nb.media.probe import probe
from videogen_nb.media.video_from_images import write_sequence
from videogen_nb.testing.serving import served

from .remote_engine_helpers import ended, engine_of, image_of, job_of


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
    upstream.outputs = {"9": {"images": [saved]}, "10": {"images": [saved]}}
    handle = await engine.start(job_of(engine), "key")
    await ended(engine, handle)
    with pytest.raises(UpstreamRefused, match="2 files"):
        await engine.fetch(handle, tmp_path / "video.mp4")
    await engine.aclose()


def test_what_has_no_place_is_told(tmp_path: Path):
    graph = changed(n59={"class_type": "CreateVideo", "inputs": {"images": ["8", 0], "fps": 8}})
    _, engine = opened(tmp_path, graph=graph)
    notes = [str(note) for note in engine.plan("sea", {"duration": 2, "fps": 24}).notes]
    assert any("fps" in note for note in notes)
    with pytest.raises(BadParameter, match="no input for this image"):
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
        (json.dumps(WORKFLOW), {"colour": "6.text"}, "unknown name 'colour'"),
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


def message(kind: str, **data: Any) -> dict[str, Any]:
    return {"type": kind, "data": {"prompt_id": "our-key", **data}}


TOLD = [
    message("execution_cached", nodes=["37", "38"]),
    message("executing", node="6", display_node="6"),
    message("executing", node="3", display_node="3"),
    message("progress", node="3", value=5, max=20),
]


async def test_the_node_at_work_and_its_steps_are_told(tmp_path: Path):
    upstream, _ = opened(tmp_path)
    upstream.messages = TOLD
    expected = round((3 + 0.25) / len(WORKFLOW), 4)  # two kept ones, the text, a quarter of 3
    upstream.moves = ("running",) * 1000 + ("success",)
    with served(upstream.app) as url:
        settings = {"workflow": str(tmp_path / "workflow.json")}
        engine = engine_of(ComfyEngine, url, **settings)
        handle = await engine.start(job_of(engine), "our-key")
        again = engine_of(ComfyEngine, url, **settings)  # as after a restart of the gateway
        for one in (engine, again):
            async with asyncio.timeout(20):
                while (told := await one.poll(handle)).progress != expected:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            assert str(told.stage) == "ComfyUI: KSampler, step 5 of 20"
        upstream.moves = ("success",)
        assert (await engine.poll(handle)).where == "succeeded"
        await engine.aclose()
        await again.aclose()
    assert upstream.listeners == ["our-key", "our-key"]
    assert upstream.asked == 1  # listening queues nothing


async def test_without_a_websocket_it_is_polled_and_queued_once(tmp_path: Path):
    upstream, _ = opened(tmp_path, moves=("pending", *["running"] * 9, "success"))
    with served(upstream.app) as url:  # which refuses the WebSocket
        engine = engine_of(ComfyEngine, url, workflow=str(tmp_path / "workflow.json"))
        told = await ended(engine, await engine.start(job_of(engine), "our-key"))
        await engine.aclose()
    assert [one.where for one in told] == ["queued", *["running"] * 9, "succeeded"]
    assert all(one.progress is None and one.stage is None for one in told)
    assert upstream.asked == 1
    assert len(upstream.listeners) == 1  # not once for each look


def heard(*messages: Any) -> NodeProgress:
    graph = {"1": {"class_type": "A"}, "2": {"class_type": "B", "_meta": {"title": "Sample"}}}
    progress = NodeProgress("our-key", graph)
    for one in messages:
        progress.hear(one if isinstance(one, str) else json.dumps(one))
    return progress


def test_a_snapshot_of_all_nodes_is_understood():
    nodes = {
        "1": {"state": "finished", "value": 1, "max": 1},
        "2": {"state": "running", "value": 3, "max": 4, "display_node_id": "2"},
    }
    progress = heard(message("progress_state", nodes=nodes))
    assert progress.fraction == 0.875
    assert str(progress.stage) == "ComfyUI: Sample, step 3 of 4"
    progress.hear(json.dumps(message("executing", node=None)))
    assert (progress.fraction, progress.stage) == (1.0, None)


@pytest.mark.parametrize(
    "strange",
    [
        "{",
        "[]",
        message("executing", prompt_id="another", node="1"),
        message("progress_state", nodes=[1]),
        message("progress", node=7, value=1, max=2),
        {"type": "executing", "data": None},
    ],
)
def test_other_messages_change_nothing(strange: Any):
    progress = heard(strange)
    assert (progress.fraction, progress.stage) == (None, None)


FRAMES = [Image.new("RGB", (32, 24), (40 * n, 0, 0)) for n in range(5)]


def saved(*names: str, **more: Any) -> dict[str, Any]:
    files = [{"filename": name, "subfolder": "", "type": "output"} for name in names]
    return {"images": files, **more}


@pytest.mark.parametrize("kind", ["webp", "gif", "png", "frames", "odd"])
async def test_animations_and_frames_become_a_video(tmp_path: Path, kind: str):
    rated = {n: node for n, node in WORKFLOW.items() if n not in ("57", "58")}
    upstream, engine = opened(tmp_path, moves=("success",), graph=rated)
    if kind in ("frames", "odd"):
        size = (33, 25) if kind == "odd" else (32, 24)
        names = [f"f_{n}.png" for n in range(5)]
        upstream.files = {
            n: image_bytes([f.resize(size)], "png") for n, f in zip(names, FRAMES, strict=True)
        }
        upstream.outputs = {"9": saved(*names), "8": saved("f_0.png")}
    else:
        upstream.files = {f"a.{kind}": image_bytes(FRAMES, kind)}
        upstream.outputs = {"9": saved(f"a.{kind}", animated=[True])}
    handle = await engine.start(job_of(engine, fps=10), "key")
    await ended(engine, handle)
    path = tmp_path / "video.mp4"
    facts = await engine.fetch(handle, path)
    write_sequence([Path(one) for one in facts["images"]], path, facts["images_fps"])
    told = probe(path)
    assert (told.width, told.height) == (32, 24)
    assert told.duration_s == pytest.approx(0.5, abs=0.01)
    await engine.aclose()


@pytest.mark.parametrize(
    ("count", "ending", "animated"),
    [
        pytest.param(0, "png", None, id="nothing"),
        pytest.param(1, "jpg", None, id="a-photo"),
        pytest.param(1, "png", False, id="marked-as-a-still"),
        pytest.param(2, "txt", None, id="notes"),
        pytest.param(outputs.MAX_FRAMES + 1, "png", None, id="too-many-frames"),
    ],
)
async def test_what_makes_no_video_is_refused_before_it_is_fetched(
    tmp_path: Path, count: int, ending: str, animated: bool | None
):
    files = [
        outputs.Output("9", f"{n}.{ending}", "http://upstream", animated) for n in range(count)
    ]
    _, engine = opened(tmp_path)
    with pytest.raises(UpstreamRefused, match=rf"without saving a video .*\({count} files\)"):
        await outputs.fetch(engine.calls, files, tmp_path / "video.mp4", 10)
    await engine.aclose()


def image_bytes(frames: list[Image.Image], kind: str) -> bytes:
    data = io.BytesIO()
    more: dict[str, Any] = {"save_all": True, "append_images": frames[1:], "duration": 100}
    frames[0].save(data, kind.upper(), **(more if len(frames) > 1 else {}))
    return data.getvalue()
