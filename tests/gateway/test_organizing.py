"""Finding tasks again, saying something of them, clearing away: of one's own tasks only."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Api, Opener, ids, image_bytes, write_people

LIST = "/api/video-gen/list"
TASK = "/api/video-gen/task"


async def listed(api: Api, **query: Any) -> list[str]:
    told = await api.ok(api.http.get(LIST, params=query))
    assert told["total"] >= len(told["tasks"])
    return [task["prompt"] for task in told["tasks"]]


async def told(api: Api, path: str, **body: Any) -> dict[str, Any]:
    return await api.ok(api.http.post(f"/api/video-gen/{path}", json=body))


async def star(api: Api, task: dict[str, Any], **values: Any) -> dict[str, Any]:
    sent = api.http.patch(TASK, params=ids(task), json=values or {"starred": True})
    return (await api.ok(sent))["task"]  # type: ignore[no-any-return]  # JSON


async def test_tasks_are_found_by_what_they_are(opened: Opener):
    now = 1_700_000_000.0
    async with opened(clock=lambda: now) as api:
        one = await api.create("quick 海边 calm", group="sea", labels=["a", "b"])
        now += 3600
        two = await api.create("error storm", group="sea", labels=["b"])
        now += 3600
        three = await api.create("quick 50%_done", engine="trial")
        for task in (one, two, three):
            await api.finished(task)
        await star(api, one)
        await star(api, three, title="The best one")
        everything = ["quick 50%_done", "error storm", "quick 海边 calm"]
        for query, expected in (
            ({}, everything),
            ({"group": "sea"}, everything[1:]),
            ({"label": "a"}, everything[2:]),
            ({"label": "b", "status": "failed"}, everything[1:2]),
            ({"status": "failed,cancelled"}, everything[1:2]),
            ({"engine": "trial"}, everything),
            ({"engine": "sketch"}, []),
            ({"starred": "true"}, everything[2:]),
            ({"starred": "false"}, everything[:2]),
            ({"text": "海边"}, everything[2:]),
            ({"text": "CALM quick"}, everything[2:]),
            ({"text": "calm storm"}, []),
            ({"text": "%_d"}, everything[:1]),
            ({"text": "best"}, everything[:1]),
            ({"text": two["message_id"]}, everything[1:2]),
            ({"text": "Planned."}, everything),
            ({"since": "2023-11-14T23:00:00+00:00"}, everything[:2]),
            ({"until": "2023-11-14T23:00:00+00:00"}, everything[2:]),
            ({"text": "quick", "limit": 1, "offset": 1}, everything[2:]),
        ):
            assert await listed(api, **query) == expected, query
        counted = await api.ok(api.http.get(LIST, params={"text": "quick", "limit": 1}))
        assert counted["total"] == 2


async def test_the_rows_of_a_batch_are_found(api: Api):
    rows = [{"prompt": f"quick {n}", "engine": "trial"} for n in range(3)]
    await told(api, "batch", name="ads", rows=rows)
    await api.create("quick alone", group="ads")
    assert await listed(api, batch="ads") == ["quick 2", "quick 1", "quick 0"]
    assert len(await listed(api, group="ads")) == 4


async def test_pages_do_not_shift_while_tasks_come_in(api: Api):
    for n in range(4):
        await api.create(f"quick {n}")
    page = await api.ok(api.http.get(LIST, params={"limit": 2}))
    await api.create("quick new")
    after = page["tasks"][-1]["message_id"]
    assert await listed(api, limit=2, after=after) == ["quick 1", "quick 0"]
    assert (await api.http.get(LIST, params={"after": "99"})).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {"status": "done"},
        {"since": "long ago"},
        {"until": "9999999-01-01"},
        {"starred": "perhaps"},
        {"text": "x" * 201},
        {"colour": "red"},
    ],
)
async def test_what_is_no_filter_is_refused(api: Api, query: dict[str, str]):
    assert (await api.http.get(LIST, params=query)).status_code == 422


async def test_a_task_is_starred_titled_labelled_and_moved(api: Api, tmp_path):
    gate = tmp_path / "gate"
    created = await api.create("gate", extra={"gate": str(gate)}, labels=["old"])
    await api.until(created, lambda task: task["status"] == "processing")
    changed = await star(
        api, created, starred=True, title="Mine", labels=["x", "y"], group="folder"
    )
    assert (changed["starred"], changed["title"]) == (True, "Mine")
    assert (changed["labels"], changed["group"]) == (["x", "y"], "folder")
    gate.touch()
    done = await api.finished(created)
    assert (done["starred"], done["title"], done["labels"]) == (True, "Mine", ["x", "y"])
    assert (await star(api, created, title=None))["title"] is None
    assert (await star(api, created, starred=False))["starred"] is False


async def test_what_is_said_of_a_task_outlives_the_gateway(opened: Opener):
    async with opened() as api:
        created = await api.create("quick")
        await api.finished(created)
        await star(api, created, title="Mine")
    async with opened() as api:
        assert (await api.task(created))["title"] == "Mine"


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"starred": "yes"},
        {"title": 7},
        {"title": "x" * 201},
        {"group": "a\x00"},
        {"labels": "a"},
        {"labels": [7]},
        {"labels": ["x"] * 51},
    ],
)
async def test_what_cannot_be_said_of_a_task_is_refused(api: Api, body: Any):
    created = await api.create("quick")
    answer = await api.http.patch(TASK, params=ids(created), json=body)
    assert answer.status_code == 422


async def test_groups_are_folders(api: Api):
    for group in ("a", "b", "a"):
        await api.create("quick", group=group)
    await api.create("quick")
    found = await api.ok(api.http.get("/api/video-gen/groups"))
    assert found["groups"] == [{"name": "a", "tasks": 2}, {"name": "b", "tasks": 1}]


async def test_all_of_a_group_is_stopped_and_nothing_else(api: Api, tmp_path):
    gate = {"gate": str(tmp_path / "gate")}
    for group in ("a", "a", "b"):
        await api.create("gate", group=group, extra=gate)
    stopped = await told(api, "cancel_all", group="a")
    assert (stopped["cancelled"], stopped["going_on"]) == (2, 0)
    assert await listed(api, status="cancelled", group="a") == ["gate", "gate"]
    assert await listed(api, status="cancelled", group="b") == []
    await told(api, "cancel_all")
    assert len(await listed(api, status="cancelled")) == 3


async def test_old_tasks_are_cleared_away_with_their_files_and_stars_are_kept(
    opened: Opener, gateway_home, tmp_path
):
    now = 1_700_000_000.0
    async with opened(clock=lambda: now) as api:
        attachment = await api.upload(image_bytes())
        old = await api.create("quick old", image_attachment=attachment)
        starred = await api.create("quick starred")
        failed = await api.create("error")
        for task in (old, starred, failed):
            await api.finished(task)
        await star(api, starred)
        running = await api.create("gate", extra={"gate": str(tmp_path / "no")})
        now += 40 * 24 * 3600
        new = await api.create("quick new")
        until = {"until": "2023-12-14T00:00:00+00:00"}
        foreseen = await told(api, "prune", **until, dry_run=True)
        assert (foreseen["tasks"], foreseen["dry_run"]) == (2, True)
        assert foreseen["bytes"] > 0
        lying = len(list((gateway_home / "videos").glob("*.mp4")))
        before = await api.ok(api.http.get("/api/video-gen/usage"))
        assert (before["tasks"], lying) == (5, 2)
        assert before["video_bytes"] > foreseen["bytes"]
        assert before["image_bytes"] > 0
        assert await told(api, "prune", **until) == {**foreseen, "dry_run": False}
        assert set(await listed(api)) == {"quick new", "gate", "quick starred"}
        assert len(list((gateway_home / "videos").glob("*.mp4"))) == 1
        after = await api.ok(api.http.get("/api/video-gen/usage"))
        assert after["video_bytes"] == before["video_bytes"] - foreseen["bytes"]
        assert (await told(api, "prune", starred="true"))["tasks"] == 1
        assert (await api.http.get(TASK, params=ids(new))).status_code == 405
        await api.ok(api.http.post("/api/video-gen/cancel", params=ids(running)))


async def test_a_running_task_is_never_cleared_away(api: Api, tmp_path):
    created = await api.create("gate", extra={"gate": str(tmp_path / "no")})
    assert (await told(api, "prune", text="gate"))["tasks"] == 0
    assert (await told(api, "prune", status="processing,pending"))["tasks"] == 0
    await api.ok(api.http.post("/api/video-gen/cancel", params=ids(created)))


async def test_everybody_clears_and_finds_their_own_only(opened: Opener, tmp_path):
    write_people(tmp_path / "home", {n: f"token-of-{n}-0123456789" for n in ("ann", "bob")})
    async with opened() as api:
        ann, bob = ({"Authorization": f"Bearer token-of-{n}-0123456789"} for n in ("ann", "bob"))
        body = {"prompt": "gate", "engine": "trial", "group": "g", "extra": {"gate": "/no/gate"}}
        created = await api.ok(api.http.post("/api/video-gen/generate", json=body, headers=ann))
        other = api.http.patch(TASK, params=ids(created), json={"starred": True}, headers=bob)
        assert (await other).status_code == 404
        for path, name in (("cancel_all", "cancelled"), ("prune", "tasks")):
            sent = api.http.post(f"/api/video-gen/{path}", json={"group": "g"}, headers=bob)
            assert (await api.ok(sent))[name] == 0
        found = await api.http.get("/api/video-gen/groups", headers=bob)
        assert found.json()["groups"] == []
        stopped = api.http.post("/api/video-gen/cancel_all", json={}, headers=ann)
        assert (await api.ok(stopped))["cancelled"] == 1
