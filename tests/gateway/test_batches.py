"""Batches: a table is admitted whole or not at all, once, and does not expire."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from videogen_nb.gateway.storage.idempotency import KEY_LIFETIME_S

from .conftest import Api, Opener, ids, image_bytes, write_people

BATCH = "/api/video-gen/batch"


def rows(*prompts: str, **body: Any) -> list[dict[str, Any]]:
    return [{"prompt": prompt, "engine": "trial", **body} for prompt in prompts]


async def send(api: Api, table: list[Any], name: str = "ads", **body: Any) -> dict[str, Any]:
    return await api.ok(api.http.post(BATCH, json={"name": name, "rows": table, **body}))


async def state(api: Api, name: str = "ads", **query: Any) -> dict[str, Any]:
    return await api.ok(api.http.get(BATCH, params={"name": name, **query}))


async def ended(api: Api, name: str = "ads") -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            told = await state(api, name)
            if not told["counts"].keys() & {"pending", "processing"}:
                return told
            await asyncio.sleep(0.02)


async def total(api: Api) -> int:
    listed = await api.ok(api.http.get("/api/video-gen/list"))
    return int(listed["total"])


async def test_every_row_becomes_a_task_in_the_tables_order(api: Api):
    answer = await send(api, rows("quick a", "quick b", "quick c"))
    assert (answer["new"], answer["existing"], answer["refused"]) == (3, 0, 0)
    assert [row["row"] for row in answer["rows"]] == [1, 2, 3]
    assert {row["task"]["group"] for row in answer["rows"]} == {"ads"}
    told = await ended(api)
    assert [row["task"]["prompt"] for row in told["rows"]] == ["quick a", "quick b", "quick c"]
    assert told["counts"] == {"completed": 3}


async def test_sent_again_a_table_makes_only_what_is_missing(api: Api):
    first = await send(api, rows("quick a", "quick b"))
    again = await send(api, rows("quick new", "quick b", "quick a"))
    assert (again["new"], again["existing"]) == (1, 2)
    made = {row["task"]["prompt"]: row["task"]["message_id"] for row in first["rows"]}
    found = {row["task"]["prompt"]: row["task"]["message_id"] for row in again["rows"]}
    assert {prompt: found[prompt] for prompt in made} == made
    told = await state(api)
    assert [row["row"] for row in told["rows"]] == [1, 2, 3]
    assert await total(api) == 3


async def test_equal_rows_are_as_many_videos(api: Api):
    assert (await send(api, rows("quick", "quick", "quick")))["new"] == 3
    assert (await send(api, rows("quick", "quick", "quick")))["new"] == 0
    assert (await send(api, rows("quick", "quick", "quick", "quick")))["new"] == 1


async def test_an_edited_row_takes_the_place_of_its_former_self(api: Api):
    await send(api, [{**rows("quick before")[0], "key": "one"}])
    edited = await send(api, [{**rows("quick after")[0], "key": "one"}])
    assert edited["new"] == 1
    [row] = (await state(api))["rows"]
    assert row["task"]["prompt"] == "quick after"
    assert await total(api) == 2


async def test_labels_are_no_other_video(api: Api):
    await send(api, rows("quick", labels=["a"]))
    assert (await send(api, rows("quick", labels=["b"])))["new"] == 0


async def test_a_batch_outlives_the_idempotency_keys(opened: Opener):
    now = 1_000_000.0
    async with opened(clock=lambda: now) as api:
        await send(api, rows("quick"))
        await ended(api)
    now += 10 * KEY_LIFETIME_S
    async with opened(clock=lambda: now) as api:
        assert (await send(api, rows("quick")))["existing"] == 1


async def test_every_row_that_does_not_fit_is_told_and_nothing_is_made(api: Api):
    table = [
        *rows("quick"),
        {"prompt": "", "engine": "trial"},
        {"prompt": "quick", "engine": "nowhere"},
        {**rows("quick")[0], "duration": 99},
        {**rows("quick")[0], "image_attachment": {"key": "uploads/none.jpg"}},
        {**rows("quick one")[0], "key": "k"},
        {**rows("quick two")[0], "key": "k"},
        {**rows("quick")[0], "key": "\x00"},
        "no row",
        {**rows("quick")[0], "image_url": "http://127.0.0.1/a.jpg"},
    ]
    answer = await api.http.post(BATCH, json={"name": "ads", "rows": table})
    assert answer.status_code == 422
    told = answer.json()
    assert told["code"] == "rows_refused"
    assert "8 of 10 rows" in told["detail"]
    assert {row["row"]: row["code"] for row in told["rows"]} == {
        2: "prompt_empty",
        3: "unknown_engine",
        4: "duration_range",
        5: "unknown_attachment",
        7: "key_twice",
        8: "key_invalid",
        9: "malformed",
        10: "url_not_public",
    }
    assert all(row["detail"] for row in told["rows"])
    assert await total(api) == 0
    assert (await api.http.get(BATCH, params={"name": "ads"})).status_code == 404


async def test_a_dry_run_makes_nothing_and_tells_all(api: Api):
    await send(api, rows("quick a"))
    table = [*rows("quick a", "quick b"), {"prompt": " "}]
    told = await send(api, table, dry_run=True)
    assert [row["state"] for row in told["rows"]] == ["existing", "new", "refused"]
    assert (told["new"], told["existing"], told["refused"]) == (1, 1, 1)
    assert told["rows"][1]["task"] is None
    assert told["estimate"]["seconds"] > 0
    assert await total(api) == 1


async def test_a_table_that_is_too_much_is_refused_whole(opened: Opener):
    async with opened(max_tasks=2) as api:
        table = {"name": "ads", "rows": rows("gate a", "gate b", "gate c", extra={"gate": "/no"})}
        answer = await api.http.post(BATCH, json=table)
        assert answer.status_code == 429
        assert await total(api) == 0


async def test_two_tables_at_once_do_not_get_more_room_than_there_is(opened: Opener):
    async with opened(max_tasks=3) as api:
        sent = [
            api.http.post(BATCH, json={"name": n, "rows": rows("gate", "gate", extra={"gate": n})})
            for n in ("one", "two")
        ]
        codes = sorted(answer.status_code for answer in await asyncio.gather(*sent))
        assert codes == [200, 429]
        assert await total(api) == 2


async def test_the_same_table_sent_twice_at_once_is_made_once(api: Api):
    sent = [send(api, rows(*(f"quick {n}" for n in range(20)))) for _ in range(3)]
    answers = await asyncio.gather(*sent)
    assert sum(answer["new"] for answer in answers) == 20
    assert await total(api) == 20


async def test_a_failed_row_waits_for_a_persons_word(api: Api):
    await send(api, rows("quick", "error"))
    await ended(api)
    assert (await send(api, rows("quick", "error")))["existing"] == 2
    renewed = await api.ok(api.http.post(f"{BATCH}/again", json={"name": "ads", "which": "failed"}))
    [row] = renewed["rows"]
    assert row["row"] == 2
    told = await ended(api)
    assert told["total"] == 2
    assert told["rows"][1]["task"]["message_id"] == row["task"]["message_id"]
    assert told["rows"][1]["task"]["parent"]
    assert await total(api) == 3


async def test_asked_for_twice_at_once_a_row_is_tried_anew_once(api: Api):
    await send(api, rows("error", "error"))
    await ended(api)
    body = {"name": "ads", "which": "failed"}
    sent = [api.ok(api.http.post(f"{BATCH}/again", json=body)) for _ in range(3)]
    told = await asyncio.gather(*sent)
    ids_of = [{row["task"]["message_id"] for row in answer["rows"]} for answer in told]
    [anew] = {frozenset(some) for some in ids_of if some}  # none failed any more for who came later
    assert len(anew) == 2
    assert await total(api) == 4


async def test_a_row_that_is_retried_by_itself_is_the_batchs_row_all_the_same(api: Api):
    await send(api, rows("error"))
    [row] = (await ended(api))["rows"]
    retried = await api.ok(api.http.post("/api/video-gen/retry", params=ids(row["task"])))
    [row] = (await state(api))["rows"]
    assert row["task"]["message_id"] == retried["message_id"]


async def test_what_may_have_been_paid_for_is_not_tried_anew_with_the_failed(api: Api):
    await send(api, rows("error"))
    await ended(api)
    await api.gateway.database.write(
        lambda c: c.execute("UPDATE tasks SET error_code = 'outcome_unknown'")
    )
    for which, count in (("failed", 0), ("unknown", 1)):
        sent = api.http.post(f"{BATCH}/again", json={"name": "ads", "which": which})
        assert len((await api.ok(sent))["rows"]) == count


async def test_a_deleted_task_is_missing_again(api: Api):
    await send(api, rows("quick"))
    [row] = (await ended(api))["rows"]
    await api.ok(api.http.delete("/api/video-gen/task", params=ids(row["task"])))
    assert (await send(api, rows("quick")))["new"] == 1


async def test_a_batch_is_stopped_and_nothing_else_begins(api: Api, tmp_path):
    gate = {"gate": str(tmp_path / "gate")}
    await send(api, rows(*(f"gate {n}" for n in range(4)), extra=gate))
    stopped = await api.ok(api.http.post(f"{BATCH}/cancel", json={"name": "ads"}))
    assert (len(stopped["rows"]), stopped["going_on"]) == (4, 0)
    told = await state(api)
    assert told["counts"] == {"cancelled": 4}
    assert [row["task"]["started_at"] for row in told["rows"][1:]] == [None] * 3


async def test_only_some_rows_are_stopped_or_tried_anew(api: Api):
    await send(api, [{**row, "key": row["prompt"]} for row in rows("error a", "error b")])
    await ended(api)
    body = {"name": "ads", "which": "failed", "keys": ["error b"]}
    renewed = await api.ok(api.http.post(f"{BATCH}/again", json=body))
    assert [row["key"] for row in renewed["rows"]] == ["error b"]


async def test_what_has_changed_since_is_told_and_no_more(api: Api, tmp_path):
    await send(api, rows("quick"))
    await ended(api)
    gate = tmp_path / "gate"
    await send(api, rows("quick", *["gate"] * 2, extra={"gate": str(gate)}), name="two")
    told = await state(api, "two")
    assert len(told["rows"]) == 3
    gate.touch()
    last = await ended(api, "two")
    late = await state(api, "two", changed_since=last["cursor"])
    assert 1 <= len(late["rows"]) < 3
    assert late["counts"] == {"completed": 3}


async def test_an_image_is_looked_up_once_for_all_rows(api: Api, monkeypatch):
    attachment = await api.upload(image_bytes())
    writes: list[str] = []
    write = api.gateway.database.write

    async def counted(work: Any, *args: Any, **kwargs: Any) -> Any:
        writes.append(work.__name__)
        return await write(work, *args, **kwargs)

    monkeypatch.setattr(api.gateway.database, "write", counted)
    answer = await send(api, rows(*["quick"] * 30, image_attachment=attachment))
    assert answer["new"] == 30
    assert writes[:2] == ["_touch_all", "_admit"]


async def test_nobody_else_finds_a_batch(opened: Opener, tmp_path):
    write_people(tmp_path / "home", {n: f"token-of-{n}-0123456789" for n in ("ann", "bob")})
    async with opened() as api:
        ann, bob = ({"Authorization": f"Bearer token-of-{n}-0123456789"} for n in ("ann", "bob"))
        body = {"name": "ads", "rows": rows("quick")}
        await api.ok(api.http.post(BATCH, json=body, headers=ann))
        for path, sent in (("", None), ("/cancel", {"name": "ads"})):
            method = "POST" if sent else "GET"
            query = None if sent else {"name": "ads"}
            answer = await api.http.request(
                method, BATCH + path, json=sent, params=query, headers=bob
            )
            assert answer.status_code == 404, path
        own = await api.ok(api.http.post(BATCH, json=body, headers=bob))
        assert own["new"] == 1


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"rows": rows("quick")},
        {"name": "", "rows": rows("quick")},
        {"name": "x" * 201, "rows": rows("quick")},
        {"name": "a\x00", "rows": rows("quick")},
        {"name": "ads"},
        {"name": "ads", "rows": []},
        {"name": "ads", "rows": {"prompt": "quick"}},
        {"name": "ads", "rows": rows("quick") * 5001},
        {"name": "ads", "rows": rows("quick"), "dry_run": "yes"},
    ],
)
async def test_what_is_no_table_is_refused(api: Api, body: Any):
    answer = await api.http.post(BATCH, json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"]
