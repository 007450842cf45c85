"""Every task reaches its true end, whatever an upstream says and whatever is wrong with us."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from tests.fake_time import START
from tests.upstreams.ark import Ark
from videogen_nb.engines.ark import ArkEngine
from videogen_nb.engines.gateway import GatewayEngine
from videogen_nb.errors import UpstreamRefused
from videogen_nb.gateway.jobs.remote import create
from videogen_nb.i18n import Text
from videogen_nb.testing import Fault, OlderGateway
from videogen_nb.testing.tasks import StoredTask

from .conftest import Api, Opener, ids
from .remote_engines import Sleeps, ark_in, set_up

CANCEL = "/api/video-gen/cancel"


class Odd(OlderGateway):
    """An older gateway that gives its first tasks odd ids."""

    def __init__(self, odd: list[tuple[str, str]], **arguments: Any) -> None:
        super().__init__(5000, **arguments)
        self.odd = odd

    def _add(self, body: dict[str, Any]) -> StoredTask:
        task = super()._add(body)
        if self.odd:
            task.conversation_id, task.message_id = self.odd.pop(0)
        return task


class Clock:
    """A wall clock that a test may put on."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def __call__(self) -> float:
        return START.timestamp() + self.passed_s


@asynccontextmanager
async def behind(
    opened: Opener, home: Path, older: OlderGateway, **settings: Any
) -> AsyncIterator[Api]:
    with older.serve() as url:
        set_up(home, "gateway", url, **settings)
        async with opened(sleep=Sleeps()) as api:
            yield api


@pytest.mark.parametrize(
    "odd", [("", "1"), ("1", ""), ("abc", "1"), ("1", "x-2"), ("1-2", "3"), ("１", "2")]
)
async def test_an_id_that_names_nothing_jams_no_engine(
    opened: Opener, gateway_home: Path, odd: tuple[str, str]
):
    older = Odd([odd, odd])
    async with behind(opened, gateway_home, older, at_once=2) as api:
        made = [await api.create(f"video {n}", engine="gateway") for n in range(3)]
        ended = [await api.finished(one) for one in made]
        assert [task["error_code"] for task in ended] == ["outcome_unknown"] * 2 + [None]
        for one in made:
            assert (await api.http.post(CANCEL, params=ids(one))).status_code == 409
    assert older.log.count("generate") == 3


async def test_a_refusal_that_comes_with_the_result_ends_the_task_in_its_words(
    opened: Opener, gateway_home: Path, monkeypatch: pytest.MonkeyPatch
):
    async def refusing(*_: Any) -> dict[str, Any]:
        raise UpstreamRefused(Text.same("the video was withheld"), code="moderation")

    monkeypatch.setattr(ArkEngine, "fetch", refusing)
    upstream = Ark(moves=("succeeded",))
    with ark_in(gateway_home, upstream):
        async with opened(sleep=Sleeps()) as api:
            task = await api.finished(await api.create("sea", engine="ark"))
    assert (task["status"], task["error_code"]) == ("failed", "moderation")
    assert "withheld" in task["error"]


async def test_a_stored_name_that_names_nothing_ends_too(opened: Opener, gateway_home: Path):
    """As a gateway of a former version may have kept it."""
    older = OlderGateway(1)  # its tasks are far from their end
    async with behind(opened, gateway_home, older) as api:
        created = await api.create("sea", engine="gateway")
        await api.until(created, lambda task: task["stage"] == "Queued at the provider")
    with closing(sqlite3.connect(gateway_home / "tasks.sqlite3")) as kept, kept:
        kept.execute("UPDATE tasks SET handle = ?", ['{"task": "abc-"}'])
    async with opened(sleep=Sleeps()) as api:
        task = await api.finished(created)
    assert (task["status"], task["error_code"]) == ("failed", "upstream_gone")
    assert "abc-" in task["error"]


@pytest.fixture
def upstream(gateway_home: Path) -> Iterator[Ark]:
    upstream = Ark(moves=("running",))
    with ark_in(gateway_home, upstream):
        yield upstream


@pytest.mark.parametrize("way", ["cancel", "lifetime", "mended"])
async def test_a_fault_before_the_create_holds_no_task_for_ever(
    opened: Opener, upstream: Ark, monkeypatch: pytest.MonkeyPatch, way: str
):
    def fault(*_: Any) -> Any:
        raise RuntimeError("a bug")

    clock = Clock()
    upstream.moves = ("succeeded",)
    async with opened(sleep=Sleeps(), clock=clock) as api:
        with monkeypatch.context() as broken:
            broken.setattr(create, "job_of", fault)
            created = await api.create("sea", engine="ark")
            await api.until(created, lambda task: task["stage"] == "Sending to the provider")
            if way == "cancel":
                answer = await api.ok(api.http.post(CANCEL, params=ids(created)))
                assert answer["task"]["status"] == "cancelled"
            if way == "lifetime":
                clock.passed_s = ArkEngine.lifetime_s + 60
                assert (await api.finished(created))["error_code"] == "upstream_gone"
        if way == "mended":
            assert (await api.finished(created))["status"] == "completed"
    assert upstream.asked == (way == "mended")


@pytest.mark.parametrize("broken", ["poll", None])
async def test_a_task_ends_at_its_lifetime_even_when_the_bug_is_ours(
    opened: Opener, upstream: Ark, monkeypatch: pytest.MonkeyPatch, broken: str | None
):
    """Or where the upstream says for ever that it is being made."""

    async def fault(*_: Any) -> Any:
        raise RuntimeError("a bug")

    clock = Clock()
    if broken:
        monkeypatch.setattr(ArkEngine, broken, fault)
    async with opened(sleep=Sleeps(), clock=clock) as api:
        created = await api.create("sea", engine="ark")
        await api.until(created, lambda task: task["status"] == "processing")
        clock.passed_s = ArkEngine.lifetime_s - 60
        for _ in range(20):
            assert (await api.task(created))["status"] == "processing"
        clock.passed_s = ArkEngine.lifetime_s + 60
        task = await api.finished(created)
    assert (task["status"], task["error_code"]) == ("failed", "upstream_gone")
    assert "Check with the provider" in task["error"]


async def test_a_video_that_can_never_be_kept_ends_at_its_lifetime(
    opened: Opener, upstream: Ark, monkeypatch: pytest.MonkeyPatch
):
    upstream.moves = ("succeeded",)
    clock = Clock()
    async with opened(sleep=Sleeps(), clock=clock) as api:

        def full(*_: Any) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(type(api.gateway.video_files), "publish", full)
        created = await api.create("sea", engine="ark")
        await api.until(created, lambda task: "No space left" in (task["stage"] or ""))
        clock.passed_s = ArkEngine.lifetime_s + 60
        assert (await api.finished(created))["error_code"] == "upstream_gone"


async def test_a_fault_in_stopping_is_no_500(
    opened: Opener, upstream: Ark, monkeypatch: pytest.MonkeyPatch
):
    async def fault(*_: Any) -> Any:
        raise RuntimeError("a bug")

    async with opened(sleep=Sleeps()) as api:
        created = await api.create("sea", engine="ark")
        await api.until(created, lambda task: task["stage"] == "Rendering at the provider")
        with monkeypatch.context() as broken:
            broken.setattr(ArkEngine, "cancel", fault)
            answer = await api.http.post(CANCEL, params=ids(created))
            assert (answer.status_code, answer.json()["code"]) == (503, "upstream_away")
        upstream.moves = ("succeeded",)
        assert (await api.finished(created))["status"] == "completed"


async def test_a_task_that_is_gone_upstream_can_be_stopped(
    opened: Opener, gateway_home: Path, monkeypatch: pytest.MonkeyPatch
):
    older = OlderGateway(1)
    async with behind(opened, gateway_home, older) as api:
        created = await api.create("sea", engine="gateway")
        await api.until(created, lambda task: task["stage"] == "Queued at the provider")

        async def gone(self: GatewayEngine, handle: str) -> Any:
            raise RuntimeError("not asked any more")

        monkeypatch.setattr(GatewayEngine, "poll", gone)
        record = api.gateway.store.cached(created["message_id"])
        await api.gateway.store.change(record.message_id, handle='{"task": "x"}')
        answer = await api.ok(api.http.post(CANCEL, params=ids(created)))
    assert answer["task"]["status"] == "cancelled"


@pytest.mark.parametrize("fault", [Fault.CONFLICT, Fault.STREAM_UNREAD, Fault.NOT_UNPACKED])
@pytest.mark.parametrize("tells", [True, False], ids=["prompts", "no-prompts"])
async def test_a_refusal_after_acting_is_looked_for(
    opened: Opener, gateway_home: Path, fault: Fault, tells: bool
):
    older = OlderGateway(5000, tells_prompts=tells, link_life_s=1e9)
    older.fail("generate", fault)
    async with behind(opened, gateway_home, older) as api:
        task = await api.finished(await api.create("sea", engine="gateway"))
    assert task["error_code"] == (None if tells else "outcome_unknown")
    assert older.log.count("generate") == 1
    if not tells:
        assert older.tasks[0].message_id in task["error"], "what a person may look for"
