"""What was spent by engine, day, group and person; each sees their own, a teacher all."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.upstreams.ark import Ark
from videogen_nb.cli.spending import to_csv
from videogen_nb.client import VideoClient
from videogen_nb.protocol.models import SpendingTable

from .conftest import BASE, Api, Opener, ids, write_people
from .remote_engines import Sleeps, ark_in

SPENDING = "/api/video-gen/spending"
ONE = 1.0  # what a video costs
ANN, BEN, TEACHER = "token-of-ann-1234", "token-of-ben-1234", "token-of-ms-li-1234"


class Clock:
    """A clock that is set by hand, and moves on by itself."""

    def __init__(self, day: int) -> None:
        self.now = time.mktime((2026, 3, day, 12, 0, 0, 0, 0, -1))

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


@pytest.fixture
def upstream(gateway_home: Path) -> Iterator[Ark]:
    upstream = Ark(moves=("succeeded",))
    with (
        ark_in(gateway_home, upstream, price=ONE),
        ark_in(gateway_home, upstream, "ark2", price=2, currency="USD"),
    ):
        yield upstream


@pytest.fixture
def clock() -> Clock:
    return Clock(1)


@pytest.fixture
async def api(opened: Opener, upstream: Ark, clock: Clock) -> AsyncIterator[Api]:
    async with opened(sleep=Sleeps(), clock=clock) as api:
        yield api


async def make(api: Api, prompt: str, engine: str = "ark", **body: Any) -> dict[str, Any]:
    task = await api.finished(await api.create(prompt, engine=engine, **body))
    assert task["status"] == "completed"
    return task


async def rows(api: Api, by: str, **query: Any) -> list[tuple[Any, ...]]:
    """Each row's values, without what is expected."""
    answer = await api.ok(api.http.get(SPENDING, params={"by": by, **query}))
    assert answer["by"] == [word for word in by.split(",") if word]
    return [tuple(row.values())[:-1] for row in answer["rows"]]


async def test_sums_by_engine_day_and_group(api: Api, clock: Clock):
    await make(api, "a", group="film")
    await make(api, "b", engine="ark2", group="film")
    clock.now += timedelta(days=1).total_seconds()
    await make(api, "c")
    assert await rows(api, "engine") == [("ark", "CNY", 2, 2.0), ("ark2", "USD", 1, 2.0)]
    assert await rows(api, "day") == [
        ("2026-03-01", "CNY", 1, 1.0),
        ("2026-03-01", "USD", 1, 2.0),
        ("2026-03-02", "CNY", 1, 1.0),
    ]
    assert await rows(api, "group,engine") == [
        (None, "ark", "CNY", 1, 1.0),
        ("film", "ark", "CNY", 1, 1.0),
        ("film", "ark2", "USD", 1, 2.0),
    ]
    assert await rows(api, "") == [("CNY", 2, 2.0), ("USD", 1, 2.0)]


async def test_a_period_begins_and_ends_where_it_says(api: Api, clock: Clock):
    for n in range(3):
        await make(api, f"{n}")
        clock.now += timedelta(days=1).total_seconds()
    assert await rows(api, "day", since="2026-03-02", until="2026-03-03") == [
        ("2026-03-02", "CNY", 1, 1.0)
    ]


async def test_what_was_spent_keeps_its_group_when_the_task_goes(api: Api):
    task = await make(api, "a", group="film")
    await api.ok(api.http.patch("/api/video-gen/task", params=ids(task), json={"group": "cut"}))
    assert await rows(api, "group") == [("cut", "CNY", 1, 1.0)]
    await api.ok(api.http.delete("/api/video-gen/task", params=ids(task)))
    assert await rows(api, "group") == [("cut", "CNY", 1, 1.0)]


async def test_what_is_under_way_is_expected(api: Api, upstream: Ark):
    upstream.moves = ("running",)
    await api.create("a", engine="ark")
    [row] = (await api.ok(api.http.get(SPENDING)))["rows"]
    assert (row["spent"], row["expected"], row["videos"]) == (0, ONE, 1)


async def test_everybody_sees_their_own_and_a_teacher_all(
    opened: Opener, upstream: Ark, gateway_home: Path
):
    write_people(gateway_home, {"ann": ANN, "ben": BEN, "li": TEACHER}, li="teacher")
    async with opened(sleep=Sleeps()) as api:
        for token in (ANN, BEN, BEN):
            api.http.headers["Authorization"] = f"Bearer {token}"
            await make(api, "sea", again=True)
        assert await rows(api, "person") == [("ben", "CNY", 2, 2.0)]
        api.http.headers["Authorization"] = f"Bearer {TEACHER}"
        assert await rows(api, "person") == [("ann", "CNY", 1, 1.0), ("ben", "CNY", 2, 2.0)]


async def test_what_it_cannot_be_summed_up_by_is_refused(api: Api):
    answer = await api.http.get(SPENDING, params={"by": "colour"})
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")
    assert "person" in answer.json()["detail"]


async def test_the_client_reads_it(api: Api):
    await make(api, "a")
    async with VideoClient(BASE, transport=api.http._transport) as client:
        told = await client.spending(["day", "engine"], since="2026-02-01")
    [row] = told.rows
    assert (row.day, row.engine, row.spent, row.person) == ("2026-03-01", "ark", ONE, None)


def test_a_spreadsheet_takes_no_group_for_a_formula():
    row = {"group": '=HYPERLINK("http://evil")', "currency": "CNY", "videos": 1, "spent": 1.5}
    table = SpendingTable.model_validate({"by": ["group"], "rows": [{**row, "expected": 0}]})
    head, cells = csv.reader(io.StringIO(to_csv(table)))
    assert head == ["group", "currency", "videos", "spent", "expected"]
    assert cells == ['\'=HYPERLINK("http://evil")', "CNY", "1", "1.5", "0.0"]
