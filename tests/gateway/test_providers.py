"""Providers by their tables in a real gateway: at most one create, whatever goes wrong."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.upstreams.faults import DEFINITE, Fault
from tests.upstreams.rest import PROVIDERS

from .conftest import Opener
from .remote_engines import provider_in
from .test_at_most_once import AROUND, INSTANTS, afterwards, until_killed

#: All of them take minutes: .ci/providers. What a table may differ in is tested for each of them
#: in tests/engines/rest; here it is the gateway that is killed.
NAMES = sorted(PROVIDERS) if os.environ.get("TEST_PROVIDERS") == "all" else ["fal"]
EACH = pytest.mark.parametrize("name", NAMES)
FINDS = {name for name, provider in PROVIDERS.items() if provider.listing}

pytestmark = pytest.mark.usefixtures("_no_farewell")


@pytest.fixture
def _no_farewell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed gateway waits for nothing."""
    monkeypatch.setattr("videogen_nb.gateway.jobs.remote.engine_queue.FAREWELL_S", 0.01)


@EACH
async def test_killed_anywhere_on_the_way_to_a_video(opened: Opener, gateway_home: Path, name: str):
    body = {"prompt": "sea", "engine": name}
    for number, after in INSTANTS:
        shutil.rmtree(gateway_home, ignore_errors=True)
        upstream = PROVIDERS[name](("succeeded",))
        with provider_in(gateway_home, name, upstream):
            await until_killed(opened, gateway_home, number, after=after, body=body)
            tasks = await afterwards(opened)
        assert upstream.asked <= 1, (number, after)
        assert len(tasks) == (0 if (number, after) == (1, False) else 1)
        if not tasks:
            continue
        never_sent = (number, after) == (2, True)  # the intent was written, and then nothing
        lost = never_sent or ((number, after) == (3, False) and name not in FINDS)
        wanted = ("failed", "outcome_unknown") if lost else ("completed", None)
        assert (tasks[0]["status"], tasks[0]["error_code"]) == wanted, (number, after)
        assert upstream.asked == (0 if never_sent else 1), (number, after)


@EACH
@pytest.mark.parametrize("acts", [False, True], ids=["refused", "acted"])
async def test_every_fault_at_every_crash_around_the_create(
    opened: Opener, gateway_home: Path, name: str, acts: bool
):
    for fault in Fault:
        for number, after in AROUND:
            shutil.rmtree(gateway_home, ignore_errors=True)
            upstream = PROVIDERS[name](("failed",))
            upstream.fail(fault, acts=acts)
            body = {"prompt": "sea", "engine": name}
            with provider_in(gateway_home, name, upstream):
                await until_killed(opened, gateway_home, number, after=after, body=body)
                [task] = await afterwards(opened)
            definite = fault in DEFINITE  # nothing was made, so a 429 is sent again
            assert upstream.asked <= (2 if definite else 1), (fault, number, after)
            assert len(upstream.creates) <= (2 if definite and acts else 1), (fault, number, after)
            assert task["status"] == "failed"  # as told upstream, or unknown: never silent
            assert task["error"], (fault, number, after)
