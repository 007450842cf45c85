"""A ComfyUI behind the gateway: created at most once, its video kept as it came."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.upstreams.comfy import WORKFLOW, Comfy
from tests.upstreams.faults import Fault
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
