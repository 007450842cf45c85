"""A checker process that dies is started again, and blames neither an image nor a paid video."""

from __future__ import annotations

import asyncio
import base64
import math
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
from PIL import Image

from tests.upstreams.ark import Ark
from videogen_nb.client import VideoClient
from videogen_nb.gateway.workers import process as workers
from videogen_nb.gateway.workers import worker
from videogen_nb.gateway.workers.media_checker import CheckingProcess
from videogen_nb.gateway.workers.messages import ImageRequest
from videogen_nb.gateway.workers.process import (
    WorkerDied,
    WorkerProcess,
    WorkerSilent,
    WorkFailed,
)
from videogen_nb.i18n import Text

from .conftest import BASE, Api, Opener, Query, image_bytes
from .remote_engines import Sleeps, ark_in

ROOT = Path(__file__).parents[2]


def checkers() -> Iterator[psutil.Process]:
    """The worker processes of this test's gateway."""
    for child in psutil.Process().children():
        try:
            if "videogen_nb.gateway.workers.worker" in child.cmdline():
                yield child
        except psutil.NoSuchProcess:
            continue


def kill_checkers() -> int:
    killed = 0
    for child in checkers():
        child.kill()
        killed += 1
    return killed


async def until_killed(count: int) -> None:
    async with asyncio.timeout(20):
        while count:
            count -= kill_checkers()
            await asyncio.sleep(0.05)


@asynccontextmanager
async def killing() -> AsyncIterator[None]:
    """Kill every checker process for the length of the block."""
    task = asyncio.create_task(until_killed(1_000_000))
    try:
        yield
    finally:
        task.cancel()


async def test_an_image_survives_the_death_of_its_checker(api: Api):
    upload = asyncio.create_task(api.upload(image_bytes()))
    await until_killed(1)
    assert (await upload)["option"] == {"width": 64, "height": 48}


async def test_an_image_is_not_blamed_for_two_deaths(api: Api):
    async with killing():
        params: Query = {"file_type": 2, "file_name": "a.jpg"}
        answer = await api.http.post("/api/file/upload", params=params, content=image_bytes())
    assert (answer.status_code, answer.json()["code"]) == (503, "check_failed")
    assert "The image itself may be fine" in answer.text
    assert (await api.upload(image_bytes()))["option"] == {"width": 64, "height": 48}


async def test_a_paid_video_survives_any_number_of_deaths(opened: Opener, gateway_home: Path):
    upstream = Ark()
    with ark_in(gateway_home, upstream):
        async with opened(sleep=Sleeps()) as api:
            async with killing():
                created = await api.create("sea", engine="ark")
                await api.until(
                    created, lambda task: "could not be checked" in (task["stage"] or "")
                )
            task = await api.finished(created)
            assert (task["status"], task["error"]) == ("completed", None)
            video = (await api.http.get(task["video_urls"][0])).content
            assert video == upstream.video


async def test_a_full_disk_while_checking_is_not_the_videos_fault(
    opened: Opener, gateway_home: Path, monkeypatch: pytest.MonkeyPatch
):
    async def ask(*_: object, **__: object) -> None:
        raise WorkFailed("disk_full", Text.same("No space left on device"), bad_input=False)

    with ark_in(gateway_home, Ark()):
        async with opened(sleep=Sleeps()) as api:
            with monkeypatch.context() as full:
                full.setattr(CheckingProcess, "ask", ask)
                created = await api.create("sea", engine="ark")
                task = await api.until(
                    created, lambda task: "No space left" in (task["stage"] or "")
                )
                assert "could not be checked" not in task["stage"]
            task = await api.finished(created)
            assert (task["status"], task["error"]) == ("completed", None)


@pytest.mark.parametrize(
    ("share", "kind"),
    [
        pytest.param(0.0, WorkerSilent, id="kept-by-its-work"),
        pytest.param(math.inf, WorkerDied, id="kept-by-others"),
    ],
)
async def test_only_an_image_that_was_worked_on_all_the_time_is_too_hard(
    share: float, kind: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(workers, "BUSY", share)
    source = tmp_path / "in"
    source.write_bytes(image_bytes(5000, 4000, "PNG"))
    process = WorkerProcess()
    try:
        with pytest.raises(WorkerDied) as caught:
            await process.ask(ImageRequest(source, tmp_path / "out"), silence_s=0.05)
    finally:
        await process.kill()
    assert type(caught.value) is kind


def test_the_promises_name_the_limits_of_the_code():
    promises = (ROOT / "docs" / "promises.md").read_text()
    row = next(line for line in promises.splitlines() if line.startswith("| A hostile image"))
    assert f"{worker.IMAGE_MEMORY >> 20} MiB" in row.split("|")[1]
    assert "10 s" in row.split("|")[1]


# Images that come along in a request


async def test_a_data_url_is_taken_wherever_a_url_is(api: Api):
    png = image_bytes(kind="PNG")
    b64 = base64.b64encode(png).decode()
    for url in (
        f"data:image/png;base64,{b64}",
        f"DATA:image/png;charset=utf-8;BASE64,{b64}",
        f"data:image/png,{quote(png)}",
        "data:image/png;base64," + "\n".join(b64[at : at + 76] for at in range(0, len(b64), 76)),
    ):
        created = await api.create("quick", image_url=url)
        assert (await api.finished(created))["status"] == "completed"
        body = {"prompt": "quick", "model": "trial", "input_reference": {"image_url": url}}
        answer = await api.http.post("/v1/videos", json=body)
        assert answer.status_code == 200, answer.text


async def test_a_shrunk_image_is_told_in_the_tasks_notes(api: Api, tmp_path: Path):
    path = tmp_path / "large.jpg"
    Image.linear_gradient("L").resize((9000, 5000)).convert("RGB").save(path, quality=20)
    async with VideoClient(BASE, transport=api.http._transport) as client:
        attachment = await client.upload_image(path)
        task = await client.create_task("quick", attachment=attachment, engine="trial")
    assert any("9000×5000" in note and "4096×2276" in note for note in task.notes)


async def test_an_image_too_large_for_the_gateway_is_fetched_and_shrunk_by_the_client(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    large = image_bytes(9000, 5000, quality=20)

    async def fetch(url: str, owner: str = "") -> bytes:
        return large

    monkeypatch.setattr(api.gateway.images.fetcher, "fetch", fetch)
    async with VideoClient(BASE, transport=api.http._transport) as client:
        asked = []

        async def download(url: str) -> bytes:
            asked.append(url)
            return large

        monkeypatch.setattr(client, "download_image", download)
        task = await client.create_task(
            "quick", image_url="https://example.com/large.jpg", engine="trial"
        )
    assert asked == ["https://example.com/large.jpg"]
    assert any("9000×5000" in note for note in task.notes)
