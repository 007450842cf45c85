"""What each person may spend and request, and all together; nobody hears of others' money."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.upstreams.ark import Ark
from videogen_nb.errors import UpstreamBusy
from videogen_nb.gateway.jobs.remote.create import NotStarted
from videogen_nb.i18n import Text
from videogen_nb.people.edit_file import limit_person

from .conftest import Api, Opener, ids, write_people
from .remote_engines import NoMinute, Sleeps, ark_in

GENERATE = "/api/video-gen/generate"
NAMES = ("anna", "ben", "teacher")
AS = {name: {"Authorization": f"Bearer the-token-of-{name}"} for name in NAMES}
PRICED: dict[str, Any] = {"price": 10, "per": "million_tokens", "at_once": 1}  # 1.08 CNY a video
DAY_S = 24 * 3600


class Clock:
    """Wall time that can be put forward."""

    def __init__(self) -> None:
        self.now = 1.8e9

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(gateway_home: Path) -> Path:
    tokens = {name: f"the-token-of-{name}" for name in NAMES}
    return write_people(gateway_home, tokens, teacher="teacher")


@pytest.fixture
def upstream(gateway_home: Path, file: Path) -> Iterator[Ark]:
    upstream = Ark()
    with ark_in(gateway_home, upstream, budget=5, **PRICED):
        yield upstream


@pytest.fixture
async def api(opened: Opener, upstream: Ark, clock: Clock) -> AsyncIterator[Api]:
    async with opened(sleep=Sleeps(), clock=clock) as api:
        yield api


async def pay(api: Api, who: str, prompt: str = "sea", **body: Any) -> httpx.Response:
    told = {"prompt": prompt, "engine": "ark", "duration": 5, "resolution": "720p", "again": True}
    return await api.http.post(GENERATE, json={**told, **body}, headers=AS[who])


async def refused(pending: Any) -> tuple[int, str, str]:
    answer = await pending
    told = answer.json()
    return answer.status_code, told.get("code", ""), told.get("detail", "")


async def finish(api: Api, who: str, answer: httpx.Response) -> dict[str, Any]:
    api.http.headers.update(AS[who])
    return await api.finished(answer.json())


async def test_a_person_spends_what_they_may_within_a_day_and_others_are_not_held(
    api: Api, file: Path, clock: Clock
):
    limit_person(file, "anna", {"spend_per_day": {"CNY": 2}})
    first = await pay(api, "anna")
    status, code, text = await refused(pay(api, "anna"))
    assert (status, code) == (409, "budget_reached_of_person")
    assert "1.08 of your 2 CNY within 24 hours is spent or reserved" in text
    assert (await pay(api, "ben")).is_success
    await finish(api, "anna", first)
    assert (await refused(pay(api, "anna")))[0] == 409
    clock.now += DAY_S + 1
    assert (await pay(api, "anna")).is_success


async def test_what_waits_is_reserved_however_long_it_waits(
    api: Api, file: Path, clock: Clock, upstream: Ark
):
    upstream.moves = ("queued",)
    limit_person(file, "anna", {"spend_per_day": {"CNY": 2}})
    assert (await pay(api, "ben")).is_success  # has the only place
    assert (await pay(api, "anna")).is_success
    clock.now += DAY_S + 1
    assert (await refused(pay(api, "anna")))[1] == "budget_reached_of_person"


async def test_nothing_is_spent_in_a_currency_that_is_not_named(api: Api, file: Path):
    limit_person(file, "anna", {"spend_total": {"USD": 100}})
    status, code, text = await refused(pay(api, "anna"))
    assert (status, code) == (409, "budget_reached_of_person")
    assert "your 0 CNY in total" in text


async def test_what_cannot_be_counted_is_not_sent_where_money_is_limited(
    opened: Opener, gateway_home: Path, file: Path
):
    with ark_in(gateway_home, Ark()):  # no price
        async with opened(sleep=Sleeps()) as api:
            limit_person(file, "anna", {"spend_total": {"CNY": 100}})
            status, code, text = await refused(pay(api, "anna"))
            assert (status, code) == (422, "cost_unknown")
            assert "Set price, per and currency under [ark]" in text
            assert (await pay(api, "ben")).is_success


@pytest.mark.parametrize("limit", ["engine", "total"])
async def test_a_student_never_hears_what_others_spent(api: Api, file: Path, limit: str):
    if limit == "total":
        limit_person(file, "total", {"spend_total": {"CNY": 2.5}})
    for _ in range(2 if limit == "total" else 4):
        assert (await pay(api, "ben")).is_success
    status, code, text = await refused(pay(api, "anna"))
    assert (status, code) == (409, "budget_reached_shared")
    assert "1.08 CNY" in text  # her own video
    for number in ("2.16", "4.32", "2.5", "5 CNY"):
        assert number not in text
    status, code, text = await refused(pay(api, "teacher"))
    assert code == ("budget_reached_of_all" if limit == "total" else "budget_reached")
    told = "2.16 of the 2.5 CNY" if limit == "total" else "4.32 of the budget of 5 CNY"
    assert told in text


async def test_nobody_hears_of_others_money_from_a_pool_s_member(
    opened: Opener, gateway_home: Path, upstream: Ark
):
    """Its queue is held back by a video of the teacher, who may see the amounts."""
    settings = gateway_home / "engines.toml"
    text = settings.read_text("utf-8").replace("budget = 5", "budget = 3")
    settings.write_text(f'{text}[lab]\npool = ["ark"]\n', "utf-8")
    upstream.tokens = 200_000  # 2 CNY, where 1.08 was expected
    async with opened(sleep=NoMinute()) as api:
        first, held = [await pay(api, "teacher", prompt) for prompt in ("first", "held")]
        await finish(api, "teacher", first)
        await api.until(held.json(), lambda task: "2.00 of 3 CNY" in (task["stage"] or ""))
        api.http.headers.update(AS["anna"])
        waits = (await pay(api, "anna", engine="lab")).json()
        seen = await api.until(waits, lambda task: "Over budget" in (task["stage"] or ""))
        assert seen["stage"].startswith("No member of the pool is available: ark: Over budget")
        engines = await api.ok(api.http.get("/api/video-gen/engines"))
        [lab] = [one for one in engines["engines"] if one["name"] == "lab"]
        for told in (seen["stage"], str(lab["members"])):
            assert "2.00" not in told
            assert "3 CNY" not in told


async def test_a_table_counts_against_the_person_as_a_whole(api: Api, file: Path):
    limit_person(file, "anna", {"spend_total": {"CNY": 2.5}, "videos_per_day": 5})
    row = {"prompt": "sea", "engine": "ark", "duration": 5, "resolution": "720p", "again": True}
    paid = {"name": "t", "rows": [{**row, "seed": n} for n in range(3)]}
    free = {"name": "f", "rows": [{"prompt": f"quick {n}", "engine": "trial"} for n in range(6)]}
    sent = api.http.post("/api/video-gen/batch", json=paid, headers=AS["anna"])
    status, code, text = await refused(sent)
    assert (status, code) == (409, "budget_reached_of_person")
    assert "3.24 CNY" in text
    sent = api.http.post("/api/video-gen/batch", json=free, headers=AS["anna"])
    assert (await refused(sent))[:2] == (429, "videos_per_day")
    listed = await api.http.get("/api/video-gen/list", headers=AS["anna"])
    assert listed.json()["total"] == 0


async def test_a_lowered_limit_holds_one_person_s_videos_and_nobody_else_s(
    api: Api, file: Path, upstream: Ark
):
    upstream.moves = ("queued",)
    first = await pay(api, "ben", "one")
    waits = await pay(api, "anna", "two")
    other = await pay(api, "ben", "three")
    limit_person(file, "anna", {"spend_total": {"CNY": 1}})
    await api.gateway.upkeep.follow_settings()
    upstream.moves = ("succeeded",)
    await finish(api, "ben", first)
    await finish(api, "ben", other)
    api.http.headers.update(AS["anna"])
    stage = (await api.until(waits.json(), lambda task: "Over" in (task["stage"] or "")))["stage"]
    assert "Over your limit: 0.00 of 1 CNY in total" in stage
    assert len(upstream.creates) == 2
    limit_person(file, "anna", {"spend_total": {"CNY": 2}})
    await api.gateway.upkeep.follow_settings()
    assert (await finish(api, "anna", waits))["status"] == "completed"


async def test_one_person_s_limit_is_no_reason_for_others(opened: Opener, upstream: Ark):
    """Two of anna's videos are refused at the same time, while the provider is busy."""
    upstream.moves = ("queued",)
    busy, own = (UpstreamBusy(Text.same(why)) for why in ("busy", "4 of 5 CNY"))
    async with opened(sleep=NoMinute()) as api:
        made = (await pay(api, "anna")).json()
        record = api.gateway.store.cached(made["message_id"])
        assert record is not None
        queue = api.gateway.runner._remote._queue_of("ark")
        queue._hold(record, NotStarted(busy, 3600.0))
        refused = []
        for _ in range(2):
            queue._hold(record, NotStarted(own, 1.0, of_owner=True, over_budget=True))
            refused.append(queue._passed_over["anna"])
        assert queue.load().held == busy.text
        await asyncio.wait(refused)
        assert (refused[0].cancelled(), refused[1].exception()) == (True, None)
        assert queue._passed_over == {}


async def test_each_hears_of_their_own_spending_only(api: Api, file: Path):
    spent = (await finish(api, "ben", await pay(api, "ben")))["cost"]["amount"]
    for path in ("list", "engines"):
        told = {}
        for who in NAMES:
            answer = await api.ok(api.http.get(f"/api/video-gen/{path}", headers=AS[who]))
            engines = answer.get("engines", [{"name": "ark", **answer}])
            [ark] = [one for one in engines if one["name"] == "ark"]
            told[who] = [(one["spent"], one["budget"]) for one in ark["spending"]]
        assert told == {"ben": [(spent, None)], "anna": [(0.0, None)], "teacher": [(spent, 5.0)]}


async def test_videos_are_counted_for_a_day_whatever_is_deleted(
    opened: Opener, file: Path, clock: Clock
):
    limit_person(file, "anna", {"videos_per_day": 2})

    async def make(api: Api, who: str = "anna", prompt: str = "quick") -> httpx.Response:
        body = {"prompt": prompt, "engine": "trial"}
        return await api.http.post(GENERATE, json=body, headers=AS[who])

    async with opened(clock=clock) as api:
        await finish(api, "anna", await make(api, prompt="error"))  # made nothing: not counted
        made = [await make(api) for _ in range(2)]
        task = await finish(api, "anna", made[0])
        await api.ok(api.http.delete("/api/video-gen/task", params=ids(task)))
        answer = await make(api)
        assert (answer.status_code, answer.json()["code"]) == (429, "videos_per_day")
        assert DAY_S - 60 < int(answer.headers["retry-after"]) <= DAY_S
    async with opened(clock=clock) as api:
        assert (await make(api)).status_code == 429
        clock.now += DAY_S + 1
        assert (await make(api)).is_success
        limit_person(file, "total", {"videos_per_day": 1})
        assert (await refused(make(api, "ben")))[:2] == (429, "videos_per_day_of_all")
