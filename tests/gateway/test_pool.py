"""Pools: several engines under one name; the least busy that is available takes the next task."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.upstreams.faults import Fault
from tests.upstreams.openai import Videos
from videogen_nb.engines.registry import load_engines
from videogen_nb.gateway.http.app import create_app
from videogen_nb.gateway.jobs.backend import Load
from videogen_nb.gateway.jobs.pool.members import Member
from videogen_nb.i18n import Text
from videogen_nb.media.provenance import provenance
from videogen_nb.people.edit_file import limit_person
from videogen_nb.settings import Settings
from videogen_nb.testing.serving import served

from .conftest import Api, Opener, ids, write_people
from .remote_engines import set_up

NOBODY = "http://127.0.0.1:9"  # nothing listens there


def pool(home: Path, *members: str, name: str = "lab") -> None:
    home.mkdir(parents=True, exist_ok=True)
    with (home / "engines.toml").open("a", encoding="utf-8") as file:
        file.write(f"[{name}]\npool = {list(members)}\n".replace("'", '"'))


@contextmanager
def machines(home: Path, *upstreams: Videos, **settings: Any) -> Iterator[None]:
    """gpu1, gpu2, … and the pool "lab" of them all."""
    names = [f"gpu{number}" for number, _ in enumerate(upstreams, 1)]
    with ExitStack() as stack:
        for name, upstream in zip(names, upstreams, strict=True):
            base = stack.enter_context(served(upstream.app))
            set_up(home, name, f"{base}/v1", engine="openai", **settings)
        pool(home, *names)
        yield


@pytest.fixture(autouse=True)
def _without_faults(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    told = [record.getMessage() for record in caplog.get_records("call")]
    assert "A fault of the gateway" not in told


async def asked(api: Api, prompt: str = "sea", **body: Any) -> dict[str, Any]:
    return await api.create(prompt, engine="lab", again=True, **body)


async def members(api: Api) -> dict[str, dict[str, Any]]:
    told = await api.ok(api.http.get("/api/video-gen/engines"))
    (lab,) = [one for one in told["engines"] if one["name"] == "lab"]
    return {one["name"]: one for one in lab["members"]}


STUCK = ("in_progress",)
RENDERING = "Rendering at the provider"


async def soon(seconds: float) -> None:
    """A sleep that is over soon, and leaves the machine some rest."""
    await asyncio.sleep(min(seconds, 0.02))


async def rendering(api: Api, made: dict[str, Any]) -> dict[str, Any]:
    return await api.until(made, lambda task: task["stage"] == RENDERING)


async def test_the_least_busy_takes_the_next_and_the_others_wait_in_fair_order(
    opened: Opener, gateway_home: Path
):
    first, second = Videos("sglang", STUCK), Videos("sglang", STUCK)
    with machines(gateway_home, first, second, at_once=1):
        async with opened(sleep=soon) as api:
            made = [await asked(api, f"sea {n}") for n in range(4)]
            running = [await rendering(api, one) for one in made[:2]]
            assert [task["engine"] for task in running] == ["gpu1", "gpu2"]
            assert {task["pool"] for task in running} == {"lab"}
            waiting = [await api.task(one) for one in made[2:]]
            assert [task["queue_position"] for task in waiting] == [0, 1]
            assert {(task["engine"], task["pool"]) for task in waiting} == {("lab", None)}
            busy = (await members(api)).values()
            assert [(one["running"], one["slots"]) for one in busy] == [(1, 1), (1, 1)]
            second.moves = ("failed",)
            ended = [await api.finished(one) for one in made[1:]]
            assert {task["engine"] for task in ended} == {"gpu2"}
            listed = await api.ok(api.http.get("/api/video-gen/list", params={"engine": "lab"}))
            assert listed["total"] == 4
    assert [body["prompt"] for body in first.creates] == ["sea 0"]
    assert [body["prompt"] for body in second.creates] == ["sea 1", "sea 2", "sea 3"]


async def test_a_member_that_is_away_is_skipped_and_rejoins(opened: Opener, gateway_home: Path):
    there = Videos("sglang", ("completed",))
    set_up(gateway_home, "gone", f"{NOBODY}/v1", engine="openai")
    pool(gateway_home, "gone", "gpu1")
    back = asyncio.Event()

    async def sleep(seconds: float) -> None:
        await (back.wait() if seconds == 5.0 else soon(seconds))  # 5 s: nothing is sent there

    with served(there.app) as base:
        set_up(gateway_home, "gpu1", f"{base}/v1", engine="openai")
        async with opened(sleep=sleep) as api:
            done = await api.finished(await asked(api))
            assert (done["status"], done["engine"], done["error"]) == ("completed", "gpu1", None)
            told = await members(api)
            assert (told["gone"]["available"], told["gpu1"]["available"]) == (False, True)
            assert "reach" in told["gone"]["why"]
            back.set()
            async with asyncio.timeout(10):
                while not (await members(api))["gone"]["available"]:
                    await asyncio.sleep(0.005)
            video = gateway_home / "videos" / Path(done["video_urls"][0]).name
            assert provenance(video)["engine"] == "gpu1"
    assert there.asked == 1


async def test_what_all_members_refuse_for_long_is_given_up(
    opened: Opener, gateway_home: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("videogen_nb.gateway.jobs.pool.backend.AWAY_GIVEN_UP_S", 0.0)
    for name in ("gone1", "gone2"):
        set_up(gateway_home, name, f"{NOBODY}/v1", engine="openai")
    pool(gateway_home, "gone1", "gone2")
    async with opened(sleep=soon) as api:
        ended = await api.finished(await asked(api))
    assert (ended["status"], ended["error_code"]) == ("failed", "upstream_away")
    assert "Nothing was sent" in ended["error"]


@pytest.mark.parametrize(
    ("fault", "acts"),
    [
        pytest.param(Fault.ERROR_500, False, id="500"),
        pytest.param(Fault.CUT, True, id="answer-lost"),
        pytest.param(Fault.TIMEOUT_504, True, id="504"),
    ],
)
async def test_what_one_member_may_have_been_sent_is_sent_to_no_other(
    opened: Opener, gateway_home: Path, fault: Fault, acts: bool
):
    first, second = Videos("sglang", STUCK), Videos("sglang", STUCK)
    first.fail(fault, acts=acts)
    with machines(gateway_home, first, second):
        async with opened(sleep=soon) as api:
            ended = await api.finished(await asked(api))
    assert (ended["engine"], ended["error_code"]) == ("gpu1", "outcome_unknown")
    assert [first.asked, second.asked] == [1, 0]


async def test_a_busy_member_leaves_the_task_to_another_and_a_restart_asks_that_one_again(
    opened: Opener, gateway_home: Path
):
    first, second = Videos("sglang", STUCK), Videos("sglang", STUCK)
    first.fail(Fault.BUSY_429)
    with machines(gateway_home, first, second, at_once=1):
        async with opened(sleep=soon) as api:
            made = await asked(api)
            assert (await rendering(api, made))["engine"] == "gpu2"
        async with opened(sleep=soon) as api:
            assert (await rendering(api, made))["engine"] == "gpu2"
            second.moves = ("failed",)
            assert (await api.finished(made))["engine"] == "gpu2"
            retried = await api.ok(api.http.post("/api/video-gen/retry", params=ids(made)))
            assert (await rendering(api, retried))["engine"] == "gpu1"
    assert [first.asked, second.asked] == [2, 1]


async def test_what_no_member_was_sent_is_anybody_s_after_a_restart(
    opened: Opener, gateway_home: Path
):
    upstream = Videos("sglang", STUCK)
    with machines(gateway_home, upstream):
        async with opened(sleep=soon) as api:
            await api.ok(api.http.post("/api/video-gen/pause", json={"engine": "gpu1"}))
            made = await asked(api)
            waits = await api.task(made)
            assert "gpu1: Paused" in waits["stage"]
            assert (waits["queue_position"], waits["eta_seconds"]) == (0, None)
        database = sqlite3.connect(gateway_home / "tasks.sqlite3")
        with database:  # as a crash may leave it
            database.execute("UPDATE tasks SET engine = 'gpu1', pool = 'lab'")
        database.close()
        async with opened(sleep=soon) as api:
            assert (await api.task(made))["engine"] == "lab"
            await api.ok(api.http.post("/api/video-gen/resume", json={"engine": "gpu1"}))
            await rendering(api, made)
    assert upstream.asked == 1


async def test_this_machine_and_another_make_a_pool_that_can_what_both_can(
    opened: Opener, gateway_home: Path
):
    upstream = Videos("sglang", STUCK)
    with served(upstream.app) as base:
        set_up(gateway_home, "far", f"{base}/v1", engine="openai", at_once=1)
        pool(gateway_home, "trial", "far")
        pool(gateway_home, "trial", name="near")
        async with opened(sleep=soon, workers=1) as api:
            told = await api.ok(api.http.get("/api/video-gen/engines"))
            (lab,) = [one for one in told["engines"] if one["name"] == "lab"]
            assert (lab["modes"], lab["ready"], lab["cancel"]) == (["text"], True, "never")
            near = await asked(api, "gate", extra={"gate": "/nowhere"}, seed=3)
            begun = await api.until(near, lambda task: task["status"] == "processing")
            assert (begun["engine"], begun["seed"]) == ("trial", 3)
            assert "Planned." in begun["notes"]
            far = await asked(api, "gate", seed=4)
            await api.until(far, lambda task: task["engine"] == "far")
            body = {"prompt": "a", "engine": "lab", "duration": 16}
            refused = await api.http.post("/api/video-gen/generate", json=body)
            assert refused.json()["code"] == "duration_range"
            waits = [await api.create("quick", engine="near") for _ in range(2)]
            etas = [(await api.task(one))["eta_seconds"] for one in waits]
            assert etas[1] == pytest.approx(etas[0] + 8.0, abs=1.0), "one more of 8 s before it"
            for one in (waits[1], near):
                stopped = await api.ok(api.http.post("/api/video-gen/cancel", params=ids(one)))
                assert stopped["task"]["status"] == "cancelled"


async def test_two_engines_of_this_machine_make_a_pool_and_one_of_them_can_pause(
    opened: Opener, gateway_home: Path
):
    pool(gateway_home, "trial", "sketch")
    async with opened(sleep=soon) as api:
        for paused, other in (("trial", "sketch"), ("sketch", "trial")):
            await api.ok(api.http.post("/api/video-gen/pause", json={"engine": paused}))
            body: dict[str, Any] = {"duration": 1} if other == "sketch" else {}
            done = await api.finished(await asked(api, "quick", **body))
            assert (done["status"], done["engine"], done["pool"]) == ("completed", other, "lab")
            await api.ok(api.http.post("/api/video-gen/resume", json={"engine": paused}))


async def test_a_gateway_of_ours_is_a_member_as_well(
    opened: Opener, gateway_home: Path, tmp_path: Path
):
    gpu, behind = Videos("sglang", ("completed",)), tmp_path / "behind"
    with served(gpu.app) as base:
        set_up(behind, "gpu", f"{base}/v1", engine="openai")
        with served(create_app(Settings(home=behind, engine="gpu"), sleep=soon)) as annex:
            set_up(gateway_home, "gone", NOBODY, engine="gateway")
            set_up(gateway_home, "annex", annex, engine="gateway")
            pool(gateway_home, "gone", "annex")
            async with opened(sleep=soon) as api:
                done = await api.finished(await asked(api))
    assert (done["status"], done["engine"], done["pool"]) == ("completed", "annex", "lab")
    assert [body["prompt"] for body in gpu.creates] == ["sea"]


async def test_estimates_count_available_members_and_what_waits_there_as_the_task_itself(
    opened: Opener, gateway_home: Path, monkeypatch: pytest.MonkeyPatch
):
    pool(gateway_home, "trial", name="near")
    busy = Member("trial", Load(running=1, waiting=1, slots=2, left_s=(4.0,)), given=1, why=None)
    away = Member("far", Load(running=0, waiting=0, slots=5), given=0, why=Text.same("away"))
    async with opened(sleep=soon, workers=1) as api:
        monkeypatch.setattr(api.gateway.runner.pools._members, "of", lambda _: [busy, away])
        waits = [await api.create("quick", engine="near", extra={"guess": s}) for s in (8.0, 2.0)]
        etas = [(await api.task(one))["eta_seconds"] for one in waits]
        assert etas == [(4 + 8) / 2 + 8, (4 + 2 + 8) / 2 + 2]
        for engine, seconds in (("near", 3 * 8 / 2), ("trial", 3 * 8)):
            rows = [{"prompt": f"quick {n}", "engine": engine} for n in range(3)]
            body = {"name": "b", "rows": rows, "dry_run": True}
            told = await api.ok(api.http.post("/api/video-gen/batch", json=body))
            assert told["estimate"]["seconds"] == seconds


async def test_people_take_turns_and_a_limit_of_tasks_under_way_holds(
    opened: Opener, gateway_home: Path
):
    tokens = {name: f"the-token-of-{name}" for name in ("anna", "ben")}
    limit_person(write_people(gateway_home, tokens), "anna", {"running": 1})
    upstreams = Videos("sglang", STUCK), Videos("sglang", STUCK)
    with machines(gateway_home, *upstreams, at_once=2):
        async with opened(sleep=soon) as api:

            def be(who: str) -> None:
                api.http.headers["Authorization"] = f"Bearer {tokens[who]}"

            be("anna")
            api.gateway.runner.gate.paused = {"lab"}  # all of them are looked at at once
            annas = [await asked(api, f"anna {n}") for n in range(5)]
            be("ben")
            bens = await asked(api, "ben")
            api.gateway.runner.gate.paused = frozenset()
            api.gateway.runner.gate.changed()
            await rendering(api, bens)
            be("anna")
            await rendering(api, annas[0])
            waits = await api.task(annas[1])
            assert waits["stage"].startswith("Waiting for your other videos")
            assert waits["engine"] == "lab", "it takes nobody's place at a member"
    prompts = {body["prompt"] for upstream in upstreams for body in upstream.creates}
    assert prompts == {"anna 0", "ben"}


async def test_what_waits_can_be_cancelled_and_costs_nothing(opened: Opener, gateway_home: Path):
    upstream = Videos("sglang", STUCK)
    with machines(gateway_home, upstream, at_once=1, price=2.0, budget=5.0):
        async with opened(sleep=soon) as api:
            first, second = await asked(api, "a"), await asked(api, "b")
            assert (await rendering(api, first))["cost"]["amount"] == 2.0
            stopped = await api.ok(api.http.post("/api/video-gen/cancel", params=ids(second)))
            assert (stopped["task"]["status"], stopped["task"]["cost"]) == ("cancelled", None)
            listed = await api.ok(api.http.get("/api/video-gen/list"))
            expected = {one["engine"]: one["expected"] for one in listed["spending"]}
            assert expected == {"gpu1": 2.0}
    assert upstream.asked == 1


async def test_members_with_prices_in_different_currencies_are_told_where_money_is_limited(
    opened: Opener, gateway_home: Path
):
    for name, currency in (("gpu1", "USD"), ("gpu2", "CNY")):
        set_up(gateway_home, name, f"{NOBODY}/v1", engine="openai", price=1, currency=currency)
    pool(gateway_home, "gpu1", "gpu2")
    people = write_people(gateway_home, {"anna": "a" * 20})
    limit_person(people, "anna", {"spend_total": {"USD": 9, "CNY": 9}})
    async with opened() as api:
        answer = await api.http.post(
            "/api/video-gen/generate",
            json={"prompt": "sea", "engine": "lab", "duration": 5, "resolution": "720p"},
            headers={"Authorization": f"Bearer {'a' * 20}"},
        )
    assert answer.json()["code"] == "cost_unknown"
    assert "different currencies (gpu1: USD, gpu2: CNY)" in answer.json()["detail"]


def test_mistakes_are_told(gateway_home: Path):
    pool(gateway_home, "sketch", "gpu9")
    pool(gateway_home, "sketch", "sketch", name="twice")
    pool(gateway_home, "lab2", name="lab1")
    pool(gateway_home, "sketch", name="lab2")
    pool(gateway_home, "lab4", name="lab4")
    with (gateway_home / "engines.toml").open("a") as file:
        file.write('[lab3]\npool = ["sketch"]\nurl = "http://gpu1"\n')
    engines, broken = load_engines(gateway_home)
    assert "lab2" in engines
    told = {name: broken[name].render("en") for name in ("lab", "twice", "lab1", "lab3", "lab4")}
    assert "'gpu9'" in told["lab"]
    assert "pool =" in told["twice"]
    assert "'lab2'" in told["lab1"]
    assert "'url'" in told["lab3"]
    assert "lab2" not in told["lab4"]  # a pool is no choice
