"""What paid videos cost: expected, spent, bounded, and nothing paid twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.upstreams.ark import Ark
from tests.upstreams.faults import Fault
from videogen_nb.client import VideoClient

from .conftest import BASE, Api, Opener, ids, image_bytes
from .remote_engines import Sleeps, ark_in

GENERATE = "/api/video-gen/generate"
TOKENS = 108900  # what the stand-in says of each video
EXPECTED = 1280 * 720 * 24 * 5 / 1024 / 1e6 * 10
SIZED = {"duration": 5, "resolution": "720p"}


@pytest.fixture
def upstream(gateway_home: Path) -> Iterator[Ark]:
    upstream = Ark()
    price: dict[str, Any] = {"price": 10, "per": "million_tokens", "budget": 3}
    with ark_in(gateway_home, upstream, **price):
        yield upstream


@pytest.fixture
async def api(opened: Opener, upstream: Ark) -> AsyncIterator[Api]:
    async with opened(sleep=Sleeps()) as api:
        yield api


async def make(api: Api, prompt: str = "sea", **body: Any) -> dict[str, Any]:
    return await api.create(prompt, engine="ark", **{**SIZED, **body})


async def spending(api: Api) -> dict[str, Any]:
    answer = await api.ok(api.http.get("/api/video-gen/list"))
    [one] = answer["spending"]
    found: dict[str, Any] = one
    return found


async def test_an_identical_request_gives_the_task_that_is_there(api: Api, upstream: Ark):
    attachment = await api.upload(image_bytes())
    first = await make(api, seed=7, image_attachment=attachment)
    while_made = await make(api, seed=7, image_attachment=attachment)
    task = await api.finished(first)
    afterwards = await make(api, seed=7, image_attachment=await api.upload(image_bytes()))
    assert ids(first) == ids(while_made) == ids(afterwards)
    assert afterwards["task"]["sha256"] == task["sha256"]
    assert upstream.asked == 1


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"again": True}, id="again"),
        pytest.param({"prompt": "lake"}, id="prompt"),
        pytest.param({"seed": 8}, id="seed"),
        pytest.param({"resolution": "480p"}, id="parameter"),
        pytest.param({"extra": {"watermark": True}}, id="extra"),
        pytest.param({"image_attachment": True}, id="image"),
    ],
)
async def test_what_is_not_identical_is_made(api: Api, upstream: Ark, other: dict[str, Any]):
    if other.get("image_attachment"):
        other = {"image_attachment": await api.upload(image_bytes())}
    first = await make(api, seed=7)
    second = await make(api, **{"seed": 7, **other})
    assert ids(first) != ids(second)
    for created in (first, second):
        assert (await api.finished(created))["status"] == "completed"
    assert upstream.asked == 2


async def test_the_client_asks_for_another_by_again(api: Api):
    async with VideoClient(BASE, transport=api.http._transport) as client:
        wanted: dict[str, Any] = {"engine": "ark", **SIZED}
        first = await client.create_task("sea", **wanted)
        same = await client.create_task("sea", **wanted)
        other = await client.create_task("sea", again=True, **wanted)
        assert first.id == same.id != other.id
        assert (await client.list_tasks()).spending[0].words.render("en").endswith("expected")


async def test_a_failed_one_is_made_anew_when_it_is_asked_for_again(api: Api, upstream: Ark):
    upstream.moves = ("failed",)
    failed = await api.finished(await make(api))
    upstream.moves = ("succeeded",)
    assert (await api.finished(await make(api)))["status"] == "completed"
    assert failed["status"] == "failed"
    assert upstream.asked == 2


async def test_an_engine_that_costs_nothing_makes_each(api: Api):
    first, second = await api.create("quick"), await api.create("quick")
    assert ids(first) != ids(second)


async def test_expected_then_counted_by_the_usage(api: Api, upstream: Ark):
    upstream.moves = ("running",)
    created = await make(api)
    assert created["task"]["cost"] == {
        "amount": pytest.approx(EXPECTED),
        "currency": "CNY",
        "expected": True,
    }
    one = await spending(api)
    assert (one["engine"], one["spent"], one["budget"]) == ("ark", 0, 3)
    assert one["expected"] == pytest.approx(EXPECTED)
    upstream.moves = ("succeeded",)
    task = await api.finished(created)
    assert task["cost"] == {"amount": TOKENS * 10 / 1e6, "currency": "CNY", "expected": False}
    one = await spending(api)
    assert (one["spent"], one["expected"]) == (TOKENS * 10 / 1e6, 0)


async def test_the_budget_refuses_what_goes_beyond_it(api: Api):
    await api.ok(api.http.post("/api/video-gen/pause", json={"engine": "ark"}))
    # What was accepted counts, although nothing begins.
    for n in range(2):
        await make(api, f"video {n}")
    body = {"prompt": "video 2", "engine": "ark", **SIZED}
    answer = await api.http.post(GENERATE, json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "budget_reached")
    for words in ("1.08 CNY", "budget of 3 CNY", "2.16", "[ark]", "Nothing was sent"):
        assert words in answer.json()["detail"]
    assert (await api.ok(api.http.get("/api/video-gen/list")))["total"] == 2
    smaller = {**body, "resolution": "480p"}
    assert (await api.http.post(GENERATE, json=smaller)).status_code == 200


async def test_what_was_spent_stays_spent_when_its_task_is_forgotten(opened: Opener, upstream: Ark):
    async with opened(sleep=Sleeps()) as api:
        for n in range(2):
            task = await api.finished(await make(api, f"video {n}"))
            await api.ok(api.http.delete("/api/video-gen/task", params=ids(task)))
    async with opened(sleep=Sleeps()) as api:  # and over a restart
        assert (await spending(api))["spent"] == pytest.approx(2 * TOKENS * 10 / 1e6)
        answer = await api.http.post(GENERATE, json={"prompt": "a", "engine": "ark", **SIZED})
        assert answer.json()["code"] == "budget_reached"


async def test_what_was_not_made_costs_nothing_and_what_is_unknown_counts(api: Api, upstream: Ark):
    await api.finished(await make(api, "forbidden fruit"))
    assert (await spending(api))["spent"] == 0
    upstream.moves = ("queued",)
    queued = await make(api, "queued")
    await api.until(queued, lambda task: task["stage"] == "Queued at the provider")
    await api.ok(api.http.post("/api/video-gen/cancel", params=ids(queued)))
    one = await spending(api)
    assert (one["spent"], one["expected"]) == (0, 0)
    upstream.fail(Fault.CUT)
    unknown = await api.finished(await make(api, "lost"))
    assert unknown["error_code"] == "outcome_unknown"
    assert (await spending(api))["spent"] == pytest.approx(EXPECTED)


async def test_what_cannot_be_counted_is_not_sent_where_there_is_a_budget(api: Api, upstream: Ark):
    answer = await api.http.post(GENERATE, json={"prompt": "sea", "engine": "ark"})
    assert (answer.status_code, answer.json()["code"]) == (422, "cost_unknown")
    assert "resolution" in answer.json()["detail"]
    assert upstream.asked == 0


async def test_a_price_needs_no_budget(opened: Opener, gateway_home: Path):
    with ark_in(gateway_home, Ark(), price=10, per="million_tokens"):
        async with opened(sleep=Sleeps()) as api:
            await api.finished(await make(api))
            one = await spending(api)
            assert one["spent"] == pytest.approx(TOKENS * 10 / 1e6)
            assert one["budget"] is None
            unsized = await api.create("lake", engine="ark")  # whose cost cannot be counted before
            assert (await api.finished(unsized))["status"] == "completed"


async def test_the_engines_tell_their_price_and_what_was_spent(api: Api):
    await api.finished(await make(api))
    listed = await api.ok(api.http.get("/api/video-gen/engines"))
    engines = {engine["name"]: engine for engine in listed["engines"]}
    assert engines["ark"]["cost"] == "10 CNY per million tokens"
    assert engines["ark"]["spending"][0]["spent"] > 1
    assert engines["sketch"]["spending"] == []


async def test_what_was_accepted_waits_where_more_was_spent_than_expected(
    opened: Opener, gateway_home: Path
):
    """Twenty accepted tasks of a budget of 20 once spent 34."""
    upstream = Ark(moves=("succeeded",))
    upstream.tokens = 200_000  # 2 CNY, where 1.08 was expected
    price: dict[str, Any] = {"price": 10, "per": "million_tokens", "budget": 4.5, "at_once": 1}
    with ark_in(gateway_home, upstream, **price):
        async with opened(sleep=Sleeps()) as api:
            made = [await make(api, f"video {n}") for n in range(4)]  # 4.32 of 4.5 expected
            for first in made[:2]:
                assert (await api.finished(first))["status"] == "completed"
            waits = await api.until(made[2], lambda task: "Over budget" in (task["stage"] or ""))
            assert waits["status"] == "pending"
            for words in ("4.00 of 4.5 CNY", "2.00", "was not sent", "[ark]"):
                assert words in waits["stage"]
            behind = await api.until(made[3], lambda task: "Over budget" in (task["stage"] or ""))
            assert "ahead of this one" in behind["stage"], "not the first one's amounts"
            assert upstream.asked == 2
            assert (await spending(api))["spent"] == pytest.approx(4)
            await api.ok(api.http.post("/api/video-gen/cancel", params=ids(made[3])))
        settings = gateway_home / "engines.toml"
        text = settings.read_text("utf-8")
        settings.write_text(text.replace("budget = 4.5", "budget = 9"), "utf-8")
        async with opened(sleep=Sleeps()) as api:
            assert (await api.finished(made[2]))["status"] == "completed"
    assert upstream.asked == 3


async def test_those_under_way_count_with_what_the_ones_before_them_cost(
    opened: Opener, gateway_home: Path
):
    """With at_once = 6, 25.73 were once spent of a budget of 22."""
    upstream = Ark(moves=("succeeded",))
    upstream.tokens = 200_000  # 2 CNY, where 1.08 was expected
    price: dict[str, Any] = {"price": 10, "per": "million_tokens", "budget": 6.5, "at_once": 6}
    with ark_in(gateway_home, upstream, **price):
        async with opened(sleep=Sleeps()) as api:
            assert (await api.finished(await make(api, "first")))["status"] == "completed"
            upstream.moves = ("running",)
            made = [await make(api, f"video {n}") for n in range(4)]  # 4.32 of the 4.5 left
            waits = await api.until(made[2], lambda task: "Over budget" in (task["stage"] or ""))
            assert "6.00 of 6.5 CNY" in waits["stage"]  # of which 4 are expected by now
            upstream.moves = ("succeeded",)
            for sent in made[:2]:
                assert (await api.finished(sent))["status"] == "completed"
            assert (await spending(api))["spent"] == pytest.approx(6)
            assert upstream.asked == 3


async def test_a_failed_task_can_be_requested_again_with_its_idempotency_key(
    api: Api, upstream: Ark
):
    named = {"Idempotency-Key": "mine-1"}
    body = {"prompt": "sea", "engine": "ark", **SIZED}

    async def post() -> dict[str, Any]:
        return await api.ok(api.http.post(GENERATE, json=body, headers=named))

    upstream.moves = ("failed",)
    failed = await post()
    assert (await api.finished(failed))["status"] == "failed"
    upstream.moves = ("succeeded",)
    again = await post()
    assert ids(again) != ids(failed)
    assert (await api.finished(again))["status"] == "completed"
    assert ids(await post()) == ids(again)
    assert upstream.asked == 2


async def test_one_whose_outcome_is_unknown_cannot(api: Api, upstream: Ark):
    named = {"Idempotency-Key": "mine-2"}
    body = {"prompt": "lost", "engine": "ark", **SIZED}
    upstream.fail(Fault.CUT)
    lost = await api.ok(api.http.post(GENERATE, json=body, headers=named))
    assert (await api.finished(lost))["error_code"] == "outcome_unknown"
    same = await api.ok(api.http.post(GENERATE, json=body, headers=named))
    assert ids(same) == ids(lost)
    assert upstream.asked == 1


async def test_a_task_that_the_provider_forgot_says_what_that_means_for_the_money(
    api: Api, upstream: Ark
):
    upstream.moves = ("running",)
    created = await make(api)
    await api.until(created, lambda task: task["stage"] == "Rendering at the provider")
    upstream.tasks.clear()
    task = await api.finished(created)
    assert task["error_code"] == "upstream_gone"
    assert "may have been billed" in task["error"]
    assert (await spending(api))["spent"] == pytest.approx(EXPECTED)
