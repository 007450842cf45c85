"""A ComfyUI behind the gateway: created at most once, its video kept as it came."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.upstreams.comfy import WORKFLOW, Comfy
from tests.upstreams.faults import Fault
from videogen_nb.media.probe import probe
from videogen_nb.testing.serving import served

from .conftest import Opener, image_bytes
from .remote_engines import Sleeps, set_up


@pytest.mark.parametrize("fault", [None, Fault.CUT, Fault.NO_ID])
async def test_a_workflow_of_the_data_folder_becomes_a_video_and_runs_once(
    opened: Opener, gateway_home: Path, fault: Fault | None
):
    upstream = Comfy()
    gateway_home.mkdir(mode=0o700)
    (gateway_home / "wan.json").write_text(json.dumps(WORKFLOW), "utf-8")
    if fault is not None:
        upstream.fail(fault, acts=True)
    with served(upstream.app) as url:
        set_up(gateway_home, "wan", url, engine="comfy", workflow="wan.json")
        async with opened(sleep=Sleeps()) as api:
            attachment = await api.upload(image_bytes())
            made = await api.create("sea", engine="wan", duration=2, image_attachment=attachment)
            task = await api.finished(made)
            assert task["status"] == "completed", task["error"]
            assert task["parameters"]["length"] == 33
            assert (await api.http.get(task["video_urls"][0])).content == upstream.video
    assert upstream.asked == 1


async def test_frames_that_a_workflow_saved_become_the_tasks_video(
    opened: Opener, gateway_home: Path
):
    upstream = Comfy(("success",))
    names = [f"f_{n}.png" for n in range(4)]
    upstream.files = {name: image_bytes() for name in names}
    files = [{"filename": name, "subfolder": "", "type": "output"} for name in names]
    upstream.outputs = {"9": {"images": files}}
    gateway_home.mkdir(mode=0o700)
    (gateway_home / "wan.json").write_text(json.dumps(WORKFLOW), "utf-8")
    with served(upstream.app) as url:
        set_up(gateway_home, "wan", url, engine="comfy", workflow="wan.json")
        async with opened(sleep=Sleeps()) as api:
            task = await api.finished(await api.create("sea", engine="wan", fps=8))
            assert task["status"] == "completed", task["error"]
            path = gateway_home / "video.mp4"
            path.write_bytes((await api.http.get(task["video_urls"][0])).content)
    assert probe(path).duration_s == 0.5
    assert not list((gateway_home / "videos" / "unfinished").iterdir())


UPSCALE = {
    "1": {"class_type": "LoadVideo", "inputs": {"file": "saved.mp4"}},
    "2": {"class_type": "SaveVideo", "inputs": {"filename_prefix": "v", "video": ["1", 0]}},
}


async def test_a_workflow_that_works_on_a_video_gets_one_of_ours(
    opened: Opener, gateway_home: Path
):
    upstream = Comfy(("success",))
    gateway_home.mkdir(mode=0o700)
    (gateway_home / "up.json").write_text(json.dumps(UPSCALE), "utf-8")
    (gateway_home / "wan.json").write_text(json.dumps(WORKFLOW), "utf-8")
    with served(upstream.app) as url:
        set_up(gateway_home, "upscale", url, engine="comfy", workflow="up.json")
        set_up(gateway_home, "wan", url, engine="comfy", workflow="wan.json")
        async with opened(sleep=Sleeps()) as api:
            made = await api.finished(await api.create("sea", engine="wan"))
            named = {name: made[name] for name in ("conversation_id", "message_id")}
            whole = {"task": named, "role": "video"}
            task = await api.finished(await api.create("up", engine="upscale", images=[whole]))
            assert task["status"] == "completed", task["error"]
            assert task["parent"] == f"{named['conversation_id']}-{named['message_id']}"
            [kept] = task["images"]
            again = await api.finished(await api.create("up", engine="upscale", images=[kept]))
            assert again["status"] == "completed", again["error"]
            for body in (
                {"engine": "upscale"},
                {"engine": "wan", "images": [whole]},
                {"engine": "wan", "images": [{**kept, "role": "first"}]},
            ):
                body = {"prompt": "up", **body}
                answer = await api.http.post("/api/video-gen/generate", json=body)
                assert answer.json()["code"] == "images_unfit"
    [name] = upstream.uploads
    assert upstream.uploads[name] == upstream.video
    graphs = [one["entry"][2] for one in upstream.prompts.values()]
    assert [g["1"]["inputs"]["file"] for g in graphs if "1" in g] == [name, name]
