"""A model in a real gateway: set up by a table, kept warm, beside what the processor does."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

import pytest

from tests.engines.diffusers.conftest import LACKED, tiny_wan

from .conftest import Api, Opener, image_bytes
from .remote_engines import set_up

__all__ = ["tiny_wan"]

LOADING_S: Final = 100.0  # importing torch on a busy machine

pytestmark = pytest.mark.skipif(
    bool(LACKED), reason=f"not installed: {', '.join(LACKED)} (pip install -e '.[diffusers]')"
)


@pytest.fixture
def wan(gateway_home: Path, tiny_wan: Path) -> None:
    set_up(gateway_home, "wan", "http://unused", engine="diffusers", model=str(tiny_wan))


async def ended(api: Api, created: dict[str, Any]) -> dict[str, Any]:
    async with asyncio.timeout(LOADING_S):
        while (task := await api.task(created))["finished_at"] is None:
            await asyncio.sleep(0.05)
    return task


async def test_a_video_is_made_and_the_pipeline_stays(opened: Opener, wan: None):
    async with opened() as api:
        small = {"engine": "wan", "duration": 0.5, "resolution": "64p"}
        steps = {"extra": {"steps": 2, "max_sequence_length": 16, "wibble": 1}}
        task = await ended(api, await api.create("sea", **small, **steps))
        assert task["status"] == "completed", task["error"]
        assert (task["parameters"]["width"], task["parameters"]["num_frames"]) == (112, 9)
        assert any("does not accept wibble" in note for note in task["notes"])
        ((_, _), (place, worker)) = api.gateway.runner.local.workers
        pid = worker.pid
        assert place == "gpu auto"
        assert pid is not None

        attachment = await api.upload(image_bytes(128, 96))
        created = await api.create("sea", **small, **steps, image_attachment=attachment)
        task = await ended(api, created)
        assert task["status"] == "completed", task["error"]
        assert task["parameters"]["pipeline"] == "WanImageToVideoPipeline"

        # A step is not waited for; what is loaded stays loaded.
        long = await api.create("sea", **small, extra={"steps": 5000, "max_sequence_length": 16})
        await api.until(long, lambda task: bool(task["progress"]))
        quick = await api.finished(await api.create("quick"))  # the processor is another place
        assert quick["status"] == "completed"
        async with asyncio.timeout(5):
            params = {name: long[name] for name in ("conversation_id", "message_id")}
            answer = await api.ok(api.http.post("/api/video-gen/cancel", params=params))
        assert answer["task"]["status"] == "cancelled"
        assert worker.pid == pid


async def test_the_second_face_names_it_as_a_model(opened: Opener, wan: None):
    async with opened() as api:
        body = {
            "prompt": "sea",
            "model": "wan",
            "width": 64,
            "height": 64,
            "seconds": "0.5",
            "steps": 2,
        }
        made = await api.ok(api.http.post("/v1/videos", json={**body, "max_sequence_length": 16}))
        async with asyncio.timeout(LOADING_S):
            while made["status"] not in ("completed", "failed"):
                await asyncio.sleep(0.05)
                made = await api.ok(api.http.get(f"/v1/videos/{made['id']}"))
        assert made["status"] == "completed", made["error"]
