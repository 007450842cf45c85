"""A task's life over the wire: create, status, list, cancel, retry, delete."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from videogen_nb.gateway.http import tasks as routes
from videogen_nb.protocol.models import CreateAnswer, EngineList, TaskPage, VideoTask

from .conftest import Api, Opener, ids, image_bytes

FIRST_PART = {
    "conversation_id",
    "message_id",
    "status",
    "video_urls",
    "retry_count",
    "max_retries",
    "created_at",
    "updated_at",
    "error",
}


async def test_a_create_is_answered_as_older_gateways_do(api: Api):
    answer = await api.create("quick")
    assert answer["success"] is True
    assert answer["message"] == "视频生成任务已创建，正在处理中..."
    assert answer["task_status"] == "pending"
    assert answer["estimated_time"] == "预计8秒完成"
    assert all(answer[name].isdecimal() for name in ("conversation_id", "message_id", "section_id"))
    assert len(answer["message_id"]) == 17
    assert answer["task"].keys() >= FIRST_PART
    assert CreateAnswer.model_validate(answer).task is not None


async def test_a_video_is_made_and_told(api: Api):
    created = await api.create("quick", group="batch", labels=["a", "b"], seed=11)
    task = await api.finished(created)
    assert task["status"] == "completed"
    assert task["progress"] == 1.0
    assert task["seed"] == 11
    assert (task["group"], task["labels"]) == ("batch", ["a", "b"])
    assert task["notes"] == ["Planned.", "Made."]
    assert task["expires_at"] is None
    assert task["error"] is None
    video = await api.http.get(task["video_urls"][0])
    assert video.headers["content-type"] == "video/mp4"
    assert video.content[4:8] == b"ftyp"
    poster = await api.http.get(task["thumbnail_url"])
    assert poster.headers["content-type"] == "image/jpeg"
    told = VideoTask.model_validate(task)
    assert told.queue_s is not None
    assert told.work_s is not None
    assert all(datetime.fromisoformat(task[n]).tzinfo for n in ("created_at", "finished_at"))


async def test_progress_and_stage_are_told_while_rendering(api: Api, tmp_path: Path):
    created = await api.create("gate", extra={"gate": str(tmp_path / "open")})
    moving = await api.until(created, lambda task: (task["progress"] or 0) > 0)
    assert moving["status"] == "processing"
    assert moving["stage"] == "Drawing"
    assert moving["poll_after_ms"] > 0
    seen = {moving["progress"]}
    async with asyncio.timeout(5):
        while len(seen) < 4:
            seen.add((await api.task(created))["progress"])
            await asyncio.sleep(0.01)
    (tmp_path / "open").touch()
    assert (await api.finished(created))["status"] == "completed"


async def test_waiting_tasks_tell_their_place(api: Api, tmp_path: Path):
    running = await api.create("gate", extra={"gate": str(tmp_path / "open")})
    await api.until(running, lambda task: task["status"] == "processing")
    waiting = [await api.create("quick") for _ in range(3)]
    places = [(await api.task(task))["queue_position"] for task in waiting]
    assert places == [0, 1, 2]
    assert (await api.task(waiting[2]))["eta_seconds"] > (await api.task(waiting[0]))["eta_seconds"]
    (tmp_path / "open").touch()
    for task in waiting:
        assert (await api.finished(task))["queue_position"] is None


async def test_texts_follow_the_asker(opened: Opener):
    async with opened(headers={"Accept-Language": "zh-CN,en;q=0.5"}) as api:
        task = await api.finished(await api.create("error"))
        assert task["error"] == "颜料用完了。"
        assert task["error_code"] == "no_paint"
        english = await api.http.get(
            "/api/video-gen/status", params=ids(task), headers={"Accept-Language": "en"}
        )
        assert english.json()["task"]["error"] == "No paint left."
        assert english.json()["task"]["notes"] == ["Planned."]


async def test_estimates_come_from_this_gateways_own_videos(api: Api):
    first = await api.create("quick")
    assert first["estimated_seconds"] == 8.0  # the engine's own guess
    await api.finished(first)
    second = await api.create("quick")
    assert 0 <= second["estimated_seconds"] < 5


async def test_a_list_is_paged_filtered_and_counted(api: Api):
    made = [await api.create("quick") for _ in range(5)]
    failed = await api.create("error", conversation_id=made[0]["conversation_id"])
    for task in [*made, failed]:
        await api.finished(task)

    async def page(**params: Any) -> TaskPage:
        answer = await api.ok(api.http.get("/api/video-gen/list", params=params))
        return TaskPage.model_validate(answer)

    everything = await page()
    assert everything.total == 6
    newest_first = [task.message_id for task in everything.tasks]
    assert newest_first == [task["message_id"] for task in reversed([*made, failed])]
    second = await page(limit=2, offset=2)
    assert [task.message_id for task in second.tasks] == newest_first[2:4]
    assert second.total == 6
    assert (await page(status="failed")).total == 1
    assert (await page(conversation_id=made[0]["conversation_id"])).total == 2
    both = await page(conversation_id=made[0]["conversation_id"], status="failed")
    assert [task.message_id for task in both.tasks] == [failed["message_id"]]
    assert both.total == 1
    assert (await page(status="cancelled")).total == 0


@pytest.mark.parametrize("size", [1, 2, 3, 500])
async def test_without_a_limit_every_task_is_given(
    api: Api, monkeypatch: pytest.MonkeyPatch, size: int
):
    """A page at a time, so that others get their turn in between."""
    made = [await api.create("quick") for _ in range(5)]
    monkeypatch.setattr(routes, "PAGE", size)
    newest_first = [task["message_id"] for task in reversed(made)]
    for params, wanted in [
        ({}, newest_first),
        ({"offset": 1}, newest_first[1:]),
        ({"limit": 3, "offset": 1}, newest_first[1:4]),
        ({"limit": 10_000}, newest_first),
    ]:
        answer = await api.ok(api.http.get("/api/video-gen/list", params=params))
        assert [task["message_id"] for task in answer["tasks"]] == wanted
        assert (answer["total"], answer["success"]) == (5, True)
    for task in made:
        await api.finished(task)


async def test_a_query_word_that_is_not_known_is_refused(api: Api):
    answer = await api.http.get("/api/video-gen/list", params={"grup": "a"})
    assert (answer.status_code, answer.json()["code"]) == (422, "query_unknown")
    assert "'grup'" in answer.json()["detail"]


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"limit": 0}, id="limit-0"),
        pytest.param({"limit": 100000}, id="limit-too-large"),
        pytest.param({"offset": -1}, id="offset-negative"),
        pytest.param({"starred": "perhaps"}, id="no-flag"),
    ],
)
async def test_a_list_refuses_what_makes_no_sense(api: Api, params: dict[str, Any]):
    answer = await api.http.get("/api/video-gen/list", params=params)
    assert answer.status_code == 422
    assert answer.json()["code"] == "malformed"
    assert next(iter(params)) in answer.json()["detail"]


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"status": "done"}, id="unknown-status"),
        pytest.param({"status": "completed,done"}, id="one-of-two"),
        pytest.param({"since": "the day before"}, id="since"),
    ],
)
async def test_a_list_refuses_filters_as_a_client_does(api: Api, params: dict[str, Any]):
    """Filters are read by one function on both sides, and refused with one code."""
    answer = await api.http.get("/api/video-gen/list", params=params)
    assert answer.status_code == 422
    assert answer.json()["code"] == "bad_parameter"
    assert next(iter(params)) in answer.json()["detail"]


@pytest.mark.parametrize("call", ["status", "cancel", "retry", "task"])
async def test_an_unknown_task_is_404(api: Api, call: str):
    method = {"status": "GET", "task": "DELETE"}.get(call, "POST")
    params = {"conversation_id": "1", "message_id": "2"}
    answer = await api.http.request(method, f"/api/video-gen/{call}", params=params)
    assert (answer.status_code, answer.json()["code"]) == (404, "task_not_found")


async def test_a_task_is_not_found_under_another_conversation(api: Api):
    created = await api.create("quick")
    params = {**ids(created), "conversation_id": "10000000000000000"}
    assert (await api.http.get("/api/video-gen/status", params=params)).status_code == 404


async def test_ids_that_are_missing_are_named(api: Api):
    answer = await api.http.get("/api/video-gen/status", params={"message_id": "1"})
    assert answer.status_code == 422
    assert "conversation_id" in answer.json()["detail"]


async def test_cancel_before_the_start(api: Api, tmp_path: Path):
    running = await api.create("gate", extra={"gate": str(tmp_path / "open")})
    waiting = await api.create("quick")
    answer = await api.ok(api.http.post("/api/video-gen/cancel", params=ids(waiting)))
    assert answer["task"]["status"] == "cancelled"
    assert answer["task"]["started_at"] is None
    (tmp_path / "open").touch()
    assert (await api.finished(running))["status"] == "completed"
    assert (await api.task(waiting))["status"] == "cancelled"


async def test_cancel_while_rendering_then_again(api: Api, tmp_path: Path, gateway_home: Path):
    running = await api.create("gate", extra={"gate": str(tmp_path / "never")})
    await api.until(running, lambda task: bool(task["progress"]))
    for _ in range(2):  # the second finds it cancelled already, which is what was wanted
        answer = await api.ok(api.http.post("/api/video-gen/cancel", params=ids(running)))
        assert answer["task"]["status"] == "cancelled"
    assert not list((gateway_home / "videos").rglob("*.mp4"))
    assert (await api.finished(await api.create("quick")))["status"] == "completed"


async def test_a_finished_task_cannot_be_cancelled(api: Api):
    task = await api.finished(await api.create("quick"))
    answer = await api.http.post("/api/video-gen/cancel", params=ids(task))
    assert (answer.status_code, answer.json()["code"]) == (409, "task_finished")


async def test_retry_makes_a_new_task_and_keeps_the_old(api: Api):
    old = await api.finished(await api.create("error", group="g", seed=5))
    answer = await api.ok(api.http.post("/api/video-gen/retry", params=ids(old)))
    assert answer["message_id"] != old["message_id"]
    new = await api.finished(answer)
    assert new["parent"] == f"{old['conversation_id']}-{old['message_id']}"
    assert (new["prompt"], new["group"], new["seed"]) == ("error", "g", 5)
    assert (await api.task(old))["status"] == "failed"


async def test_retry_asked_for_twice_is_one_attempt(api: Api, tmp_path: Path):
    extra = {"gate": str(tmp_path / "gate")}
    task = await api.create("gate", extra=extra)
    await api.ok(api.http.post("/api/video-gen/cancel", params=ids(task)))

    async def retry() -> str:
        answer = await api.ok(api.http.post("/api/video-gen/retry", params=ids(task)))
        return str(answer["task"]["message_id"])

    first, *others = await asyncio.gather(*(retry() for _ in range(4)))
    assert set(others) == {first}
    named = {"conversation_id": task["conversation_id"], "message_id": first}
    await api.ok(api.http.post("/api/video-gen/cancel", params=named))
    second = await retry()
    assert second != first, "one that came to nothing may be tried again"
    assert await retry() == second
    (tmp_path / "gate").touch()
    done = await api.finished({**task, "message_id": second})
    assert done["status"] == "completed"
    assert await retry() == second
    assert (await api.ok(api.http.get("/api/video-gen/list")))["total"] == 3
    await api.ok(api.http.delete("/api/video-gen/task", params={**named, "message_id": second}))
    assert await retry() not in (first, second), "one that was deleted stands in nobody's way"


async def test_retry_refuses_what_needs_none(api: Api, tmp_path: Path):
    done = await api.finished(await api.create("quick"))
    answer = await api.http.post("/api/video-gen/retry", params=ids(done))
    assert (answer.status_code, answer.json()["code"]) == (409, "task_completed")
    running = await api.create("gate", extra={"gate": str(tmp_path / "open")})
    answer = await api.http.post("/api/video-gen/retry", params=ids(running))
    assert (answer.status_code, answer.json()["code"]) == (409, "task_unfinished")


async def test_delete_forgets_the_task_and_its_files(api: Api, tmp_path: Path, gateway_home: Path):
    running = await api.create("gate", extra={"gate": str(tmp_path / "open")})
    answer = await api.http.delete("/api/video-gen/task", params=ids(running))
    assert (answer.status_code, answer.json()["code"]) == (409, "task_unfinished")
    (tmp_path / "open").touch()
    done = await api.finished(running)
    await api.ok(api.http.delete("/api/video-gen/task", params=ids(done)))
    gone = await api.http.get("/api/video-gen/status", params=ids(done))
    assert gone.status_code == 404
    assert (await api.http.get(done["video_urls"][0])).status_code == 404
    assert not [p for p in (gateway_home / "videos").rglob("*") if p.is_file()]
    assert (await api.ok(api.http.get("/api/video-gen/list")))["total"] == 0


async def test_an_uploaded_image_reaches_the_engine(api: Api):
    attachment = await api.upload(image_bytes(80, 60), "lake.jpg")
    assert attachment["name"] == "lake.jpg"
    assert attachment["option"] == {"height": 60, "width": 80}
    created = await api.create("quick", image_attachment={**attachment, "unknown": [1]})
    assert (await api.finished(created))["status"] == "completed"
    images = [{"attachment": attachment, "role": "last"}]
    assert (await api.finished(await api.create("quick", images=images)))["status"] == "completed"


async def test_an_attachment_of_another_gateway_is_refused_in_words(api: Api):
    body = {"prompt": "quick", "image_attachment": {"key": "tos-cn-i-xxx/xxx.jpeg"}}
    answer = await api.http.post("/api/video-gen/generate", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_attachment")
    assert (await api.ok(api.http.get("/api/video-gen/list")))["total"] == 0


async def test_engines_are_listed_also_those_that_cannot_be_loaded(api: Api):
    answer = await api.ok(api.http.get("/api/video-gen/engines"))
    engines = {info.name: info for info in EngineList.model_validate(answer).engines}
    assert answer["default"] == "sketch"
    assert answer["engines"][0]["name"] == "sketch"
    assert engines["trial"].ready
    assert not engines["broken"].ready
    assert "no_such_module" in (engines["broken"].missing or "")


@pytest.mark.parametrize(
    ("engine", "code"),
    [
        pytest.param("nope", "unknown_engine", id="unknown"),
        pytest.param("broken", "engine_not_ready", id="broken"),
    ],
)
async def test_an_engine_that_cannot_be_used_is_refused(api: Api, engine: str, code: str):
    body = {"prompt": "quick", "engine": engine}
    answer = await api.http.post("/api/video-gen/generate", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert engine in answer.json()["detail"]


async def test_an_engines_own_refusal_is_passed_on(api: Api):
    body = {"prompt": "quick", "engine": "trial", "duration": 99}
    answer = await api.http.post("/api/video-gen/generate", json=body)
    assert answer.status_code == 422
    assert answer.json() == {"detail": "Too long.", "code": "duration_range"}


async def test_the_embedded_engine_makes_a_video(api: Api):
    created = await api.create("海边日落", engine="sketch", duration=1, resolution="480p", fps=12)
    task = await api.finished(created)
    assert task["status"] == "completed", task["error"]
    assert task["parameters"]["duration"] == 1


async def test_the_openapi_document_names_every_route(api: Api):
    document = await api.ok(api.http.get("/openapi.json"))
    calls = {"generate", "status", "list", "cancel", "retry", "task", "engines"}
    assert {f"/api/video-gen/{call}" for call in calls} <= document["paths"].keys()
    assert "GenerateRequest" in document["components"]["schemas"]
    assert "ImageRef" in document["components"]["schemas"]
    assert "$defs" not in json.dumps(document)
    for methods in document["paths"].values():
        assert all(operation["description"] for operation in methods.values())


async def test_idle_time_counts_from_the_last_request_or_finished_task(
    opened: Opener, tmp_path: Path
):
    now = 100.0
    async with opened(monotonic=lambda: now) as api:
        created = await api.create("gate", extra={"gate": str(tmp_path / "open")})
        now = 150.0
        assert api.gateway.idle_s() == 50.0
        assert api.gateway.unfinished() == 1
        (tmp_path / "open").touch()
        async with asyncio.timeout(10):
            while api.gateway.unfinished():
                await asyncio.sleep(0.01)
        assert api.gateway.idle_s() == 0.0
        now = 170.0
        health = await api.ok(api.http.get("/healthz"))
        assert health["service"] == "videogen-nb"
        assert health["unfinished"] == 0
        assert created["task_status"] == "pending"
