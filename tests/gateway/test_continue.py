"""Starting from a frame of a stored video: which frame it is, whose, and what is recorded."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.upstreams import ark
from tests.upstreams.ark import Ark
from videogen_nb.engines.base import Job, Plan
from videogen_nb.engines.rendering.video_writer import facts_of
from videogen_nb.media.provenance import provenance

from .conftest import Api, Opener, ids, image_bytes, write_people
from .remote_engines import Sleeps, ark_in


async def first_image(api: Api, created: dict[str, Any]) -> Image.Image:
    """The image that a task starts from, as the gateway keeps it."""
    gateway = api.gateway
    record = await gateway.store.get("", created["conversation_id"], created["message_id"])
    [found] = await gateway.uploads.find("", record.images)
    return Image.open(io.BytesIO(found.path.read_bytes()))


def brightness(image: Image.Image) -> float:
    return float(np.asarray(image.convert("L")).mean())


@pytest.mark.parametrize(("frame", "value"), [("last", 180), (0, 0), (0.25, 60), (0.6, 120)])
async def test_the_frame_that_was_meant_is_taken(api: Api, frame: Any, value: int):
    """The trial's video has four frames a second, of 0, 60, 120 and 180."""
    first = await api.create("quick")
    await api.finished(first)
    image = {"task": ids(first), "frame": frame, "role": "first"}
    second = await api.create("quick", images=[image])
    made = await first_image(api, second)
    assert made.size == (64, 48)
    assert brightness(made) == pytest.approx(value, abs=4)
    assert (await api.finished(second))["status"] == "completed"


async def test_the_task_becomes_the_parent_unless_another_is_named(api: Api):
    first = await api.create("quick")
    await api.finished(first)
    image = {"task": ids(first)}
    name = f"{first['conversation_id']}-{first['message_id']}"
    assert (await api.create("quick", images=[image]))["task"]["parent"] == name
    named = await api.create("quick", images=[image], parent="1-2")
    assert named["task"]["parent"] == "1-2"
    reference = await api.create("quick", images=[{**image, "role": "reference"}])
    assert reference["task"]["parent"] is None


@pytest.mark.parametrize(
    ("image", "code"),
    [
        ({"frame": 9}, "frame_not_there"),
        ({"frame": -1}, "malformed"),
        ({"frame": "first"}, "malformed"),
        ({"url": "https://example.com/a.png"}, "malformed"),
        ({"task": {"conversation_id": "1", "message_id": "2"}}, "task_not_found"),
        ({"task": {"conversation_id": "x"}}, "malformed"),
    ],
)
async def test_what_cannot_be_taken_is_told_and_nothing_is_made(
    api: Api, image: dict[str, Any], code: str
):
    first = await api.create("quick")
    await api.finished(first)
    body = {"prompt": "quick", "engine": "trial", "images": [{"task": ids(first), **image}]}
    answer = await api.http.post("/api/video-gen/generate", json=body)
    assert answer.json()["code"] == code, answer.text
    assert (await api.ok(api.http.get("/api/video-gen/list")))["total"] == 1
    assert not [*(api.gateway.video_files.folder / "unfinished").iterdir()]


async def test_a_task_without_a_video_gives_no_frame(api: Api, tmp_path: Path):
    failed = await api.create("error")
    await api.finished(failed)
    waiting = await api.create("gate", extra={"gate": str(tmp_path / "gate")})
    codes = []
    for created in (failed, waiting):
        body = {"prompt": "quick", "engine": "trial", "images": [{"task": ids(created)}]}
        codes.append((await api.http.post("/api/video-gen/generate", json=body)).json()["code"])
    assert codes == ["video_not_found", "video_not_ready"]
    (tmp_path / "gate").touch()
    await api.finished(waiting)


async def test_nobody_takes_frames_of_other_people(opened: Opener, tmp_path: Path):
    write_people(tmp_path / "home", {n: f"{n}-token-of-16-letters" for n in ("ann", "bob")})
    async with opened(headers={"Authorization": "Bearer ann-token-of-16-letters"}) as api:
        first = await api.create("quick")
        await api.finished(first)
        api.http.headers["Authorization"] = "Bearer bob-token-of-16-letters"
        body = {"prompt": "quick", "engine": "trial", "images": [{"task": ids(first)}]}
        answer = await api.http.post("/api/video-gen/generate", json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "task_not_found")


async def test_the_provider_s_own_last_frame_comes_first(opened: Opener, gateway_home: Path):
    """It is as it was before the provider encoded the video; and our link to it is an image."""
    upstream = Ark()
    with ark_in(gateway_home, upstream):
        async with opened(sleep=Sleeps()) as api:
            attachment = await api.upload(image_bytes())
            first = await api.create(
                "a lake",
                engine="ark",
                image_attachment=attachment,
                extra={"return_last_frame": True},
            )
            link = (await api.finished(first))["last_frame_url"]
            own = np.asarray(Image.open(io.BytesIO(ark.PNG)).convert("RGB")).astype(int)
            for body in ({"images": [{"task": ids(first)}]}, {"image_url": link}):
                made = await first_image(api, await api.create("quick", **body))
                assert abs(np.asarray(made.convert("RGB")).astype(int) - own).max() <= 2


def test_the_parent_stands_in_the_video_s_facts(tmp_path: Path):
    plan = Plan({"duration": 1}, 7)
    job = Job("2", "a lake", plan, tmp_path / "a.mp4", tmp_path / "a.jpg", (), "1-2")
    assert facts_of(job, "sketch")["parent"] == "1-2"


async def test_the_parent_stands_in_the_sidecar_of_a_provider_s_video(
    opened: Opener, gateway_home: Path
):
    with ark_in(gateway_home, Ark()):
        async with opened(sleep=Sleeps()) as api:
            await api.finished(await api.create("a lake", engine="ark", parent="1-2"))
    assert provenance(next((gateway_home / "videos").glob("*.mp4")))["parent"] == "1-2"


async def test_the_rows_of_a_batch_may_continue_a_task(api: Api):
    first = await api.create("quick")
    await api.finished(first)
    rows = [
        {"prompt": f"quick {n}", "engine": "trial", "images": [{"task": ids(first), "frame": 0.25}]}
        for n in range(2)
    ]
    body = {"name": "shots", "rows": rows}
    answer = await api.ok(api.http.post("/api/video-gen/batch", json=body))
    tasks = [row["task"] for row in answer["rows"]]
    name = f"{first['conversation_id']}-{first['message_id']}"
    assert [task["parent"] for task in tasks] == [name, name]
    assert brightness(await first_image(api, tasks[0])) == pytest.approx(60, abs=4)
    again = await api.ok(api.http.post("/api/video-gen/batch", json=body))
    assert [row["task"]["message_id"] for row in again["rows"]] == [
        task["message_id"] for task in tasks
    ]
