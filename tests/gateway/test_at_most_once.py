"""Whatever goes wrong, and wherever the gateway is killed: at most one create reaches an upstream.

A kill is a copy of the data folder at that very moment, from which the next gateway starts; the
first one does nothing more.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.upstreams.ark import Ark
from tests.upstreams.faults import DEFINITE, Fault
from tests.upstreams.openai import Videos
from videogen_nb.gateway.storage import task_sql
from videogen_nb.gateway.storage.database import Database
from videogen_nb.testing import Fault as OlderFault
from videogen_nb.testing import OlderGateway

from .conftest import Api, Opener, ids
from .remote_engines import Sleeps, ark_in, set_up, videos_in

GENERATE = "/api/video-gen/generate"
WRITES = 5  # accepted, intent, handle, running, completed

pytestmark = pytest.mark.usefixtures("_no_farewell")


@pytest.fixture
def _no_farewell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed gateway waits for nothing."""
    monkeypatch.setattr("videogen_nb.gateway.jobs.remote.engine_queue.FAREWELL_S", 0.01)


class Kill:
    """Ends a gateway at its ``number``-th write from now on, before or after it is on the disk."""

    def __init__(self, api: Api, home: Path, number: int, *, after: bool) -> None:
        self.dead = asyncio.Event()
        self.left = home.with_name("left")
        self._home = home
        self._number, self._after, self._count = number, after, 0
        self._write = api.gateway.database.write
        api.gateway.database.write = self._counted

    async def _counted(self, work: Any, *args: Any, **kwargs: Any) -> Any:
        if work not in (task_sql.add, task_sql.change):
            return await self._write(work, *args, **kwargs)
        self._count += 1
        if self._count < self._number:
            return await self._write(work, *args, **kwargs)
        if self._count == self._number:
            if self._after:
                await self._write(work, *args, **kwargs)
            shutil.copytree(self._home, self.left)
            self.dead.set()
        return await asyncio.Event().wait()

    def bury(self) -> None:
        """Let what was left be the data folder."""
        shutil.rmtree(self._home)
        self.left.rename(self._home)


async def until_killed(
    opened: Opener, home: Path, number: int, *, after: bool, body: dict[str, Any]
) -> bool:
    """Whether the gateway was killed; else it has finished before."""
    async with opened(sleep=Sleeps()) as api:
        kill = Kill(api, home, number, after=after)
        creating = asyncio.create_task(api.http.post(GENERATE, json=body))
        dying = asyncio.create_task(kill.dead.wait())
        async with asyncio.timeout(20):
            while not kill.dead.is_set() and (api.gateway.unfinished() or not creating.done()):
                await asyncio.sleep(0.002)
        creating.cancel()
        dying.cancel()
    if kill.dead.is_set():
        kill.bury()
    return kill.dead.is_set()


async def afterwards(opened: Opener) -> list[dict[str, Any]]:
    """What the next gateway tells of all tasks when they have ended."""
    async with opened(sleep=Sleeps()) as api:
        async with asyncio.timeout(30):
            while api.gateway.unfinished():
                await asyncio.sleep(0.005)
        answer = await api.ok(api.http.get("/api/video-gen/list"))
        tasks: list[dict[str, Any]] = answer["tasks"]
        return tasks


INSTANTS = [(number, after) for number in range(1, WRITES + 1) for after in (False, True)]
KILLS = [
    pytest.param(number, after, id=f"{'after' if after else 'before'}-write-{number}")
    for number, after in INSTANTS
]


@pytest.mark.parametrize(("number", "after"), KILLS)
async def test_killed_anywhere_on_the_way_to_a_video(
    opened: Opener, gateway_home: Path, number: int, after: bool
):
    upstream = Ark()
    body = {"prompt": "sea", "engine": "ark", "seed": 7}  # a seed makes a lost one known again
    with ark_in(gateway_home, upstream):
        assert await until_killed(opened, gateway_home, number, after=after, body=body)
        tasks = await afterwards(opened)
    assert upstream.asked <= 1
    assert len(tasks) == (0 if (number, after) == (1, False) else 1)
    if tasks:
        never_sent = (number, after) == (2, True)  # the intent was written, and then nothing
        wanted = ("failed", "outcome_unknown") if never_sent else ("completed", None)
        assert (tasks[0]["status"], tasks[0]["error_code"]) == wanted
        assert upstream.asked == (0 if never_sent else 1)


#: Before the intent, after it, before and after what follows the create.
AROUND = [(2, False), (2, True), (3, False), (3, True)]


@pytest.mark.parametrize("acts", [False, True], ids=["refused", "acted"])
@pytest.mark.parametrize("fault", Fault)
async def test_every_fault_at_every_crash_around_the_create(
    opened: Opener, tmp_path: Path, gateway_home: Path, fault: Fault, acts: bool
):
    for number, after in AROUND:
        shutil.rmtree(gateway_home, ignore_errors=True)
        upstream = Ark(moves=("failed",))
        upstream.fail(fault, acts=acts)
        with ark_in(gateway_home, upstream):
            await until_killed(
                opened, gateway_home, number, after=after, body={"prompt": "sea", "engine": "ark"}
            )
            [task] = await afterwards(opened)
        definite = fault in DEFINITE  # nothing was made, so a 429 is sent again
        assert upstream.asked <= (2 if definite else 1), (number, after)
        assert len(upstream.creates) <= (2 if definite and acts else 1), (number, after)
        assert task["status"] == "failed"  # as told upstream, or unknown: never silent
        assert task["error"], (number, after)


@pytest.mark.parametrize("fault", [None, *sorted(set(Fault) - DEFINITE)])
async def test_a_lost_answer_is_found_by_what_the_upstream_tells(
    opened: Opener, gateway_home: Path, fault: Fault | None
):
    upstream = Videos("vllm", moves=("failed",))
    if fault is not None:
        upstream.fail(fault, acts=True)
    with videos_in(gateway_home, upstream):
        async with opened(sleep=Sleeps()) as api:
            task = await api.finished(await api.create("sea", engine="openai"))
    assert (task["status"], task["error_code"]) == ("failed", "upstream_refused")  # polled on
    assert upstream.asked <= 2  # one form that could not be read, and the one that was
    assert len(upstream.creates) == 1


async def test_what_could_be_several_is_not_guessed(opened: Opener, gateway_home: Path):
    upstream = Ark(moves=("running",))
    with ark_in(gateway_home, upstream):
        upstream.fail(Fault.CUT, acts=True)
        async with opened(sleep=Sleeps()) as api:
            created = await api.create("sea", engine="ark")
            task = await api.finished(created)
            assert (task["status"], task["error_code"]) == ("failed", "outcome_unknown")
            assert "cgt-2026-1" in task["error"]  # what a person may look for
            # A person's decision, and only that, sends it again.
            same = await api.create("sea", engine="ark")
            assert ids(same) == ids(created)
            assert upstream.asked == 1
            upstream.moves = ("succeeded",)
            retried = await api.ok(api.http.post("/api/video-gen/retry", params=ids(created)))
            assert (await api.finished(retried))["status"] == "completed"
            assert upstream.asked == 2


async def test_a_handle_is_one_task_s(opened: Opener, gateway_home: Path):
    """Two equal tasks whose answers were lost are not both the one that was found."""
    upstream = Videos("vllm", moves=("failed",))
    with videos_in(gateway_home, upstream, at_once=1):
        upstream.fail(Fault.CUT, acts=True)
        async with opened(sleep=Sleeps()) as api:
            first = await api.finished(await api.create("sea", engine="openai"))
            upstream.fail(Fault.CUT)
            second = await api.finished(await api.create("sea", engine="openai"))
    assert first["error_code"] == "upstream_refused"
    assert second["error_code"] == "outcome_unknown"


@contextmanager
def older_in(home: Path, older: OlderGateway) -> Iterator[None]:
    with older.serve() as url:
        set_up(home, "gateway", url)
        yield


@pytest.mark.parametrize(("number", "after"), AROUND)
@pytest.mark.parametrize("tells", [False, True], ids=["no-prompts", "prompts"])
async def test_an_older_gateway_is_asked_once(
    opened: Opener, gateway_home: Path, number: int, after: bool, tells: bool
):
    older = OlderGateway(5000, tells_prompts=tells, link_life_s=1e9)
    with older_in(gateway_home, older):
        body = {"prompt": "sea", "engine": "gateway"}
        assert await until_killed(opened, gateway_home, number, after=after, body=body)
        [task] = await afterwards(opened)
    assert older.log.count("generate") <= 1
    lost = (number, after) == (2, True) or ((number, after) == (3, False) and not tells)
    assert task["error_code"] == ("outcome_unknown" if lost else None)


async def test_an_older_gateway_s_cut_answer_is_never_sent_again(
    opened: Opener, gateway_home: Path
):
    older = OlderGateway(5000, link_life_s=1e9)
    older.fail("generate", OlderFault.LOST_ANSWER)
    with older_in(gateway_home, older):
        async with opened(sleep=Sleeps()) as api:
            task = await api.finished(await api.create("sea", engine="gateway"))
    assert task["error_code"] == "outcome_unknown"
    assert older.log.count("generate") == 1


async def test_a_handle_that_cannot_be_written_is_not_lost(
    opened: Opener, gateway_home: Path, monkeypatch: pytest.MonkeyPatch
):
    upstream = Ark(moves=("failed",))
    write: Callable[..., Any] = Database.write
    refusals = 3

    async def failing(self: Database, work: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal refusals
        if work is task_sql.change and "handle" in args[1] and refusals:
            refusals -= 1
            raise sqlite3.OperationalError("database or disk is full")
        return await write(self, work, *args, **kwargs)

    monkeypatch.setattr(Database, "write", failing)
    with ark_in(gateway_home, upstream):
        async with opened(sleep=Sleeps()) as api:
            task = await api.finished(await api.create("sea", engine="ark"))
    assert refusals == 0
    assert (task["error_code"], upstream.asked) == ("upstream_refused", 1)
