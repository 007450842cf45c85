"""Tasks that are made elsewhere: from the request to the kept video, over a served upstream."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.upstreams import ark
from tests.upstreams.ark import Ark
from tests.upstreams.faults import Fault
from tests.upstreams.openai import Videos
from videogen_nb.client import VideoClient
from videogen_nb.engines.ark import ArkEngine
from videogen_nb.engines.remote import Upstream
from videogen_nb.errors import UpstreamBusy
from videogen_nb.gateway.jobs.remote.retries import TOLD_LONGEST_S
from videogen_nb.media.provenance import provenance
from videogen_nb.testing import Fault as OlderFault
from videogen_nb.testing import OlderGateway

from .conftest import BASE, Api, Opener, ids, image_bytes, write_people
from .remote_engines import Sleeps, ark_in, set_up, videos_in

GENERATE = "/api/video-gen/generate"


@pytest.fixture
def upstream(gateway_home: Path) -> Iterator[Ark]:
    upstream = Ark()
    with ark_in(gateway_home, upstream):
        yield upstream


@pytest.fixture
def sleeps() -> Sleeps:
    return Sleeps()


@pytest.fixture
async def api(opened: Opener, upstream: Ark, sleeps: Sleeps) -> AsyncIterator[Api]:
    async with opened(sleep=sleeps) as api:
        yield api


async def make(api: Api, prompt: str = "雪山日出 ❄", **body: Any) -> dict[str, Any]:
    return await api.create(prompt, engine="ark", **body)


async def where_upstream(api: Api, upstream: Ark, created: dict[str, Any], status: str) -> None:
    """Until the gateway has seen that it stands so upstream."""
    words = {"queued": "Queued at the provider", "running": "Rendering at the provider"}
    await api.until(created, lambda task: task["stage"] == words[status])


async def test_from_an_image_to_the_video_and_its_last_frame(
    api: Api, upstream: Ark, gateway_home: Path
):
    attachment = await api.upload(image_bytes())
    created = await make(
        api, image_attachment=attachment, seed=7, extra={"return_last_frame": True}
    )
    task = await api.finished(created)
    assert (task["status"], task["engine"]) == ("completed", "ark")
    assert task["usage"]["total_tokens"] == 108900
    video = (await api.http.get(task["video_urls"][0])).content
    assert video == upstream.video  # its bytes as they came
    last_frame = await api.http.get(task["last_frame_url"])
    assert (last_frame.headers["content-type"], last_frame.content) == ("image/png", ark.PNG)
    assert (await api.http.get(task["thumbnail_url"])).headers["content-type"] == "image/jpeg"
    facts = provenance(next((gateway_home / "videos").glob("*.mp4")))
    assert (facts["prompt"], facts["engine"], facts["seed"]) == (task["prompt"], "ark", 7)
    assert facts["sha256"] == task["sha256"]
    assert facts["images"][0]["role"] == "first"
    assert not list((gateway_home / "videos" / "unfinished").iterdir())
    await api.ok(api.http.delete("/api/video-gen/task", params=ids(task)))
    left = [path for path in (gateway_home / "videos").rglob("*") if path.is_file()]
    assert not left


async def test_a_downloaded_video_says_where_it_comes_from(api: Api, tmp_path: Path):
    created = await make(api, seed=7)
    await api.finished(created)
    async with VideoClient(BASE, transport=api.http._transport) as client:
        task = await client.get_task(created["task"])
        video = await client.download(task, tmp_path / "video.mp4")
    facts = provenance(video.path)
    assert (facts["engine"], facts["seed"], facts["prompt"]) == ("ark", 7, "雪山日出 ❄")


async def test_a_video_without_a_last_frame_names_none(api: Api):
    assert (await api.finished(await make(api)))["last_frame_url"] is None


async def test_what_is_told_while_it_is_made(api: Api, upstream: Ark):
    upstream.moves = ("queued",)
    created = await make(api)
    await where_upstream(api, upstream, created, "queued")
    upstream.moves = ("running",)
    await where_upstream(api, upstream, created, "running")
    task = await api.task(created)
    assert (task["status"], task["progress"]) == ("processing", None)  # none is reported
    assert task["poll_after_ms"] == 1000
    upstream.moves = ("succeeded",)
    task = await api.finished(created)
    assert task["started_at"] > task["created_at"]


async def test_real_progress_is_told_where_there_is_some(
    opened: Opener, gateway_home: Path, sleeps: Sleeps
):
    upstream = Videos("sglang", moves=("in_progress",))
    with videos_in(gateway_home, upstream):
        async with opened(sleep=sleeps) as api:
            created = await api.create("sea", engine="openai")
            await api.until(created, lambda task: task["progress"] == 0.5)
            upstream.moves = ("completed",)
            assert (await api.finished(created))["status"] == "completed"


async def test_an_older_gateway_behind_ours(opened: Opener, gateway_home: Path, sleeps: Sleeps):
    older = OlderGateway(5000, link_life_s=1e9)
    with older.serve() as url:
        set_up(gateway_home, "old1", url, engine="gateway")
        async with opened(sleep=sleeps) as api:
            attachment = await api.upload(image_bytes())
            created = await api.create("sea", engine="old1", image_attachment=attachment)
            task = await api.finished(created)
    assert task["status"] == "completed"
    assert older.tasks[0].request["image_attachment"]["key"].startswith("tos-cn-i-standin/")


async def test_a_refusal_fails_the_task_in_words(api: Api, upstream: Ark):
    task = await api.finished(await make(api, "forbidden fruit"))
    assert (task["status"], task["error_code"]) == ("failed", "moderation")
    assert not upstream.creates
    upstream.moves = ("failed",)
    upstream.failure = {"code": "OutputVideoSensitiveContentDetected", "message": "the output"}
    task = await api.finished(await make(api))
    assert (task["status"], task["error_code"]) == ("failed", "moderation")


async def test_a_definite_429_waits_as_told_and_is_sent_again(
    api: Api, upstream: Ark, sleeps: Sleeps
):
    await api.finished(await make(api, "first"))
    upstream.fail(Fault.BUSY_429)
    upstream.fail(Fault.BUSY_429)
    task = await api.finished(await make(api, "second"))
    assert task["status"] == "completed"
    assert (upstream.asked, len(upstream.creates)) == (4, 2)
    assert sleeps.slept.count(1.0) == 2  # the Retry-After that was told
    served = await api.gateway.store.served()
    assert [turn for turn, _ in served["ark"].values()] == [1]  # the second, and it keeps it


async def test_a_busy_upstream_is_asked_for_a_status_when_it_says_so(
    api: Api, sleeps: Sleeps, monkeypatch: pytest.MonkeyPatch
):
    poll, told = ArkEngine.poll, [UpstreamBusy(retry_after_s=s) for s in (40.0, 86_400.0)]

    async def busy(self: ArkEngine, handle: str) -> Upstream:
        if told:
            raise told.pop(0)
        return await poll(self, handle)

    monkeypatch.setattr(ArkEngine, "poll", busy)
    task = await api.finished(await make(api))
    assert task["status"] == "completed"
    assert (sleeps.slept.count(40.0), sleeps.slept.count(TOLD_LONGEST_S)) == (1, 1)


async def test_the_pause_of_a_busy_upstream_starts_small_and_again_after_a_success(
    opened: Opener, gateway_home: Path, sleeps: Sleeps
):
    """Where it does not say for how long: twice as long each time, up to a limit."""
    older = OlderGateway(5000, link_life_s=1e9)
    with older.serve() as url:
        set_up(gateway_home, "old1", url, engine="gateway", at_once=1)
        async with opened(sleep=sleeps) as api:
            for refusals in (3, 2):
                older.fail("generate", OlderFault.BUSY, refusals)
                sleeps.slept.clear()
                created = await api.create(f"sea {refusals}", engine="old1")
                assert (await api.finished(created))["status"] == "completed"
                pauses = [pause for pause in sleeps.slept if pause in (5.0, 10.0, 20.0, 40.0)]
                assert pauses == [5.0, 10.0, 20.0][:refusals]


async def test_while_it_is_held_back_the_next_one_waits_too(opened: Opener, upstream: Ark):
    async def still(seconds: float) -> None:
        await asyncio.sleep(0.003 if seconds != 1.0 else 3600)

    async with opened(sleep=still) as api:
        upstream.fail(Fault.BUSY_429)
        first, second = await make(api, "first"), await make(api, "second")
        task = await api.until(first, lambda task: "busy" in (task["stage"] or ""))
        assert (task["status"], task["queue_position"]) == ("pending", 0)
        upstream.moves = ("running",)
        third = await make(api, "third")
        assert (await api.task(third))["queue_position"] == 1 + (
            (await api.task(second))["status"] == "pending"
        )
        for created in (first, third):  # from the line nothing needs to be asked
            answer = await api.ok(api.http.post("/api/video-gen/cancel", params=ids(created)))
            assert answer["task"]["status"] == "cancelled"


async def test_those_that_wait_have_an_estimate_in_fair_order(
    opened: Opener, gateway_home: Path, sleeps: Sleeps
):
    tokens = {"anna": "the-token-of-anna", "ben": "the-token-of-ben"}
    write_people(gateway_home, tokens)
    slow = Ark(moves=("queued",))
    with ark_in(gateway_home, slow, at_once=1):
        async with opened(sleep=sleeps, clock=lambda: 1_000.0) as api:

            async def ask(who: str) -> dict[str, Any]:
                api.http.headers["Authorization"] = f"Bearer {tokens[who]}"
                return await make(api, again=True)

            made = [(who, await ask(who)) for who in ("anna", "anna", "anna", "ben")]
            api.http.headers["Authorization"] = f"Bearer {tokens['anna']}"
            await where_upstream(api, slow, made[0][1], "queued")

            async def etas() -> list[Any]:
                found = []
                for who, task in made[1:]:
                    api.http.headers["Authorization"] = f"Bearer {tokens[who]}"
                    found.append((await api.task(task))["eta_seconds"])
                return found

            assert await etas() == [None] * 3, "nothing is known yet"
            past = api.gateway.store.cached(made[0][1]["message_id"])
            past = replace(past, video_s=5.0, started_at=0.0, finished_at=30.0)
            api.gateway.runner._estimates.learn([past])
            assert await etas() == [90.0, 120.0, 60.0], "Ben's is next after the one under way"


async def test_each_engine_has_its_own_number_at_once(
    opened: Opener, gateway_home: Path, sleeps: Sleeps
):
    slow, other = Ark(moves=("running",)), Ark(moves=("running",))
    with ark_in(gateway_home, slow, at_once=2), ark_in(gateway_home, other, "cn-2", at_once=1):
        async with opened(sleep=sleeps) as api:
            made = [await make(api, f"video {n}") for n in range(4)]
            there = await api.create("video", engine="cn-2")
            await api.until(there, lambda task: task["status"] == "processing")
            for created in made[:2]:
                await api.until(created, lambda task: task["status"] == "processing")
            assert [(await api.task(one))["queue_position"] for one in made[2:]] == [0, 1]
            assert slow.asked == 2
            slow.moves = other.moves = ("succeeded",)
            for created in [*made, there]:
                assert (await api.finished(created))["status"] == "completed"


async def test_cancel_while_queued_upstream(api: Api, upstream: Ark):
    upstream.moves = ("queued",)
    created = await make(api)
    await where_upstream(api, upstream, created, "queued")
    answer = await api.ok(api.http.post("/api/video-gen/cancel", params=ids(created)))
    assert answer["task"]["status"] == "cancelled"
    assert next(iter(upstream.tasks.values()))["cancelled"]


async def test_cancel_while_running_is_an_honest_no(api: Api, upstream: Ark):
    upstream.moves = ("running",)
    created = await make(api)
    await where_upstream(api, upstream, created, "running")
    for _ in range(2):
        answer = await api.http.post("/api/video-gen/cancel", params=ids(created))
        assert (answer.status_code, answer.json()["code"]) == (409, "cancel_refused")
        assert "billed" in answer.json()["detail"]
    upstream.moves = ("succeeded",)
    task = await api.finished(created)
    assert task["status"] == "completed"
    assert sum("billed" in note for note in task["notes"]) == 1


async def test_what_was_begun_goes_on_after_a_restart(
    opened: Opener, upstream: Ark, sleeps: Sleeps
):
    upstream.moves = ("running",)
    async with opened(sleep=sleeps) as api:
        running = [await make(api, f"video {n}") for n in range(2)]
        waiting = await make(api, "video 2")
        for created in running:
            await where_upstream(api, upstream, created, "running")
    upstream.moves = ("succeeded",)
    async with opened(sleep=sleeps) as api:
        for created in [*running, waiting]:
            assert (await api.finished(created))["status"] == "completed"
    assert len(upstream.creates) == 3


async def test_an_orderly_end_waits_for_the_answer_to_a_create(
    opened: Opener, upstream: Ark, sleeps: Sleeps
):
    upstream.stall_s = 0.4
    async with opened(sleep=sleeps) as api:
        created = await make(api)
        async with asyncio.timeout(10):
            while not upstream.asked:
                await asyncio.sleep(0.01)
    async with opened(sleep=sleeps) as api:
        assert (await api.finished(created))["status"] == "completed"
    assert upstream.asked == 1


async def test_settings_that_are_gone_lose_no_video(
    opened: Opener, upstream: Ark, sleeps: Sleeps, gateway_home: Path
):
    upstream.moves = ("running",)
    with ark_in(gateway_home, upstream, "cn-1"):
        async with opened(sleep=sleeps) as api:
            created = await api.create("sea", engine="cn-1")
            await where_upstream(api, upstream, created, "running")
        settings = (gateway_home / "engines.toml").read_text()
        (gateway_home / "engines.toml").write_text(settings.replace("[cn-1]", "[cn-1"))
        async with opened(sleep=sleeps) as api:
            task = await api.task(created)
            assert "engines.toml" in task["stage"]
            assert "cgt-2026-1" in task["stage"]
        (gateway_home / "engines.toml").write_text(settings)
        upstream.moves = ("succeeded",)
        async with opened(sleep=sleeps) as api:
            assert (await api.finished(created))["status"] == "completed"


async def test_a_link_that_has_expired_is_told(api: Api, upstream: Ark):
    upstream.links_dead = True
    task = await api.finished(await make(api))
    assert (task["status"], task["error_code"]) == ("failed", "upstream_gone")
    assert "expired" in task["error"]


async def test_a_video_that_is_none_is_fetched_again_and_then_given_up(api: Api, upstream: Ark):
    upstream.video = upstream.video[: len(upstream.video) // 2]
    task = await api.finished(await make(api))
    assert (task["status"], task["error_code"]) == ("failed", "not_a_video")


async def test_a_server_that_forgot_is_told(opened: Opener, gateway_home: Path, sleeps: Sleeps):
    upstream = Videos("vllm", moves=("in_progress",))
    with videos_in(gateway_home, upstream):
        async with opened(sleep=sleeps) as api:
            created = await api.create("sea", engine="openai")
            await api.until(created, lambda task: task["stage"] == "Rendering at the provider")
            upstream.restart()
            task = await api.finished(created)
            assert (task["status"], task["error_code"]) == ("failed", "upstream_gone")


async def test_a_server_that_is_away_is_waited_for(
    opened: Opener, gateway_home: Path, sleeps: Sleeps, monkeypatch: pytest.MonkeyPatch
):
    set_up(gateway_home, "openai", "http://127.0.0.1:9/v1")
    async with opened(sleep=sleeps) as api:
        created = await api.create("sea", engine="openai")
        task = await api.until(created, lambda task: "Cannot reach" in (task["stage"] or ""))
        assert task["status"] == "pending"
        monkeypatch.setattr("videogen_nb.gateway.jobs.remote.engine_queue.AWAY_GIVEN_UP_S", 0.0)
        task = await api.finished(created)
        assert (task["status"], task["error_code"]) == ("failed", "upstream_away")
        assert "nothing was sent" in task["error"]


async def test_a_full_disk_loses_no_video(api: Api, upstream: Ark, monkeypatch: pytest.MonkeyPatch):
    def publish(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(type(api.gateway.video_files), "publish", publish)
        created = await make(api)
        await api.until(created, lambda task: "No space left" in (task["stage"] or ""))
    assert (await api.finished(created))["status"] == "completed"


async def test_the_key_is_nowhere(
    opened: Opener, upstream: Ark, sleeps: Sleeps, gateway_home: Path, caplog: Any
):
    """Not in a task, an error, a log line, the database, a sidecar."""
    with caplog.at_level(logging.DEBUG):
        async with opened(sleep=sleeps) as api:
            await api.finished(await make(api))
            await api.finished(await make(api, "forbidden fruit"))
            (gateway_home / "keys" / "ark").write_text("ark-wrong-5ecret\n")
            failed = await api.finished(await make(api, "with a wrong key"))
            assert failed["error_code"] == "key_refused"  # the provider repeats the key it got
            told = (await api.http.get("/api/video-gen/list")).text
            told += (await api.http.get("/api/video-gen/engines")).text
    for key in (ark.KEY, "ark-wrong-5ecret"):
        assert key not in told
        assert key not in caplog.text
        for path in gateway_home.rglob("*"):
            if path.is_file() and path.parent.name != "keys":
                assert key.encode() not in path.read_bytes(), path


async def test_what_is_missing_is_told_and_nothing_is_made(opened: Opener, gateway_home: Path):
    async with opened() as api:
        listed = await api.ok(api.http.get("/api/video-gen/engines"))
        engines = {engine["name"]: engine for engine in listed["engines"]}
        assert not engines["ark"]["ready"]
        assert engines["ark"]["key"] == "missing"
        assert "videogen-nb key ark" in engines["ark"]["missing"]
        assert "VIDEOGEN_ENGINE_OPENAI_URL" in engines["openai"]["missing"]
        answer = await api.http.post(GENERATE, json={"prompt": "sea", "engine": "ark"})
        assert (answer.status_code, answer.json()["code"]) == (422, "engine_not_ready")
        assert "videogen-nb key ark" in answer.json()["detail"]
        assert api.gateway.unfinished() == 0


async def test_the_sidecar_is_json_of_ours(api: Api, gateway_home: Path):
    await api.finished(await make(api, labels=["海"]))
    sidecar = next((gateway_home / "videos").glob("*.mp4.json"))
    facts = json.loads(sidecar.read_text("utf-8"))
    assert facts["made_by"] == "videogen-nb"
    assert json.loads(facts["upstream"]["handle"])["id"].startswith("cgt-")
    answer = await api.http.get(f"/api/video-gen/videos/{sidecar.name}")
    assert answer.status_code == 404  # its name is no video's
