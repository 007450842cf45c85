"""Waiting, whatever the gateway's answers do: it ends in time, and with the task's true end."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from videogen_nb.errors import GatewayError, TaskFailed, TaskStalled, VideogenError, WaitTimeout
from videogen_nb.protocol.models import TaskStatus
from videogen_nb.testing import Fate, Fault

from ..old_and_new_gateway import older_world

WAIT_S = 3600.0
FATES = st.sampled_from([Fate(), Fate(video_at=3), Fate(video_at=None)])
#: An expired link (GONE) and a failed download (INNER_CAUSE) are no answers of this route, and of
#: a slow answer there is a test of its own.
OF_STATUS = sorted(set(Fault) - {Fault.SLOW, Fault.GONE, Fault.INNER_CAUSE})
FAULTS = st.lists(st.tuples(st.sampled_from(OF_STATUS), st.integers(1, 30)))


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(fate=FATES, faults=FAULTS, restart_s=st.none() | st.floats(1, 1500))
def test_it_ends_in_time_and_says_what_is_true(fate: Any, faults: Any, restart_s: float | None):
    asyncio.run(_wait(fate, faults, restart_s))


async def _wait(fate: Any, faults: Any, restart_s: float | None) -> None:
    async with older_world() as older:
        older.gateway.plan(fate)
        task = await older.client.create_task("海边日落")
        for fault, times in faults:
            older.gateway.fail("status", fault, times)
        error, done = None, None
        waiting = asyncio.create_task(older.client.wait(task, max_wait_s=WAIT_S))
        if restart_s is not None:
            await older.time.sleep(restart_s)
            older.gateway.restart()
        try:
            done = await waiting
        except VideogenError as raised:
            error = raised
        assert older.time.passed_s <= WAIT_S + 90
        (stored,) = older.gateway.tasks
        true = stored.state(older.gateway.now()).status
        if done is not None:
            assert done.status is true is TaskStatus.COMPLETED
        elif isinstance(error, TaskFailed) and not isinstance(error, TaskStalled):
            assert true is TaskStatus.FAILED
        elif isinstance(error, TaskStalled):
            assert stored.died is not None
        else:  # the gateway was away for long, or the time was over: the task is told to go on
            assert isinstance(error, GatewayError | WaitTimeout)
            assert str(task.id) in error.text.render("en")
