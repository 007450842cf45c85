"""Batches from cells, scripts and threads: at work at once, waited for in every way."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest

from videogen_nb.errors import BadRows

TABLE = [{"prompt": f"quick {n}", "engine": "trial"} for n in range(3)]


def test_a_script_waits_for_it(trial_videos):
    run = trial_videos.batch(TABLE, "ads")
    assert run.estimate().new == 3
    assert run.result(timeout=60) is run
    assert run.done()
    assert len(run) == 3
    assert "3 saved" in repr(run)
    assert list(run.frame()["status"]) == ["completed"] * 3


async def test_a_cell_awaits_it_and_blocks_nobody(trial_videos):
    ticks: list[None] = []

    async def tick() -> None:
        while True:
            ticks.append(None)
            await asyncio.sleep(0.01)

    ticking = asyncio.create_task(tick())
    run = await trial_videos.batch(TABLE, "ads")
    ticking.cancel()
    assert all(record["path"] for record in run.records())
    assert ticks


def test_its_changes_come_in_the_callers_thread(trial_videos):
    watched = trial_videos.batch(TABLE, "ads").watch()
    seen = [(task.prompt, threading.get_ident()) for task in watched]
    assert {prompt for prompt, _ in seen} == {"quick 0", "quick 1", "quick 2"}
    assert {thread for _, thread in seen} == {threading.get_ident()}


def test_what_failed_is_tried_anew_and_waited_for(trial_videos):
    run = trial_videos.batch([*TABLE, {"prompt": "error", "engine": "trial"}], "ads").result(60)
    first = run.records()[3]["task"]
    assert run.again("failed").result() == 1
    assert run.result(timeout=60).records()[3]["task"] != first


def test_who_stops_waiting_may_wait_again(trial_videos, tmp_path):
    gate = tmp_path / "gate"
    table = [{**row, "prompt": "gate"} for row in TABLE]
    run = trial_videos.batch(table, "ads", extra={"gate": str(gate)})
    assert run.estimate().new == 3

    async def impatient() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(run, 0.2)
        waiting = asyncio.ensure_future(run)
        await asyncio.sleep(0.1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(impatient())
    with pytest.raises(TimeoutError):
        run.result(timeout=0.1)
    assert not run.done()
    gate.touch()
    assert all(record["path"] for record in run.result(timeout=60).records())


def test_what_is_tried_anew_takes_nobody_off_who_waits(trial_videos, tmp_path):
    gate = {"extra": {"gate": str(tmp_path / "gate")}}
    table = [{**TABLE[0], "prompt": "error"}, {**TABLE[1], "prompt": "gate", **gate}]
    run = trial_videos.batch(table, "ads")
    waiting = threading.Thread(target=lambda: ended.append(run.result(timeout=60)))
    ended: list[Any] = []
    waiting.start()
    while run.records()[0]["status"] != "failed":
        time.sleep(0.02)
    assert run.again("failed").result() == 1
    (tmp_path / "gate").touch()
    waiting.join(60)
    assert ended == [run]
    assert run.result(timeout=60).records()[1]["path"]


def test_it_is_cancelled(trial_videos, tmp_path):
    table = [{**row, "prompt": "gate"} for row in TABLE]
    run = trial_videos.batch(table, "ads", extra={"gate": str(tmp_path / "no")})
    assert run.cancel().result() == 3
    assert {r["status"] for r in run.result(timeout=60).records()} == {"cancelled"}


def test_bad_rows_are_raised_wherever_one_asks(trial_videos):
    run = trial_videos.batch([{"prompt": "x", "engine": "nowhere"}], "ads")
    ways: list[Any] = [run.result, run.estimate, run.frame, lambda: run.name]
    for way in ways:
        with pytest.raises(BadRows, match="Row 1: Unknown engine"):
            way()
    told = trial_videos.batch(TABLE, "ads", dry_run=True).result()
    assert told.new == 3
