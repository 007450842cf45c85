"""Videos that may have been made and paid for: found at the provider, and not paid again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.upstreams.ark import Ark
from tests.upstreams.faults import Fault
from videogen_nb.client import VideoClient
from videogen_nb.errors import RequestRefused

from .conftest import BASE, Api, Opener, ids
from .remote_engines import Sleeps, ark_in

BODY: dict[str, Any] = {"engine": "ark", "duration": 5, "resolution": "720p"}
COLLECT = "/api/video-gen/collect"
ACTUAL = 108900 * 10 / 1e6


@pytest.fixture
def upstream(gateway_home: Path) -> Iterator[Ark]:
    upstream = Ark(moves=("succeeded",))
    with ark_in(gateway_home, upstream, price=10, per="million_tokens"):
        yield upstream


@pytest.fixture
async def api(opened: Opener, upstream: Ark) -> AsyncIterator[Api]:
    async with opened(sleep=Sleeps()) as api:
        yield api


async def lost(api: Api, upstream: Ark, *, acts: bool) -> dict[str, Any]:
    """A task whose create got no answer."""
    upstream.fail(Fault.CUT, acts=acts)
    task = await api.finished(await api.create("sea", **BODY))
    assert task["error_code"] == "outcome_unknown"
    return task


async def refused(api: Api, task: dict[str, Any], **named: str) -> dict[str, Any]:
    answer = await api.http.post(COLLECT, params={**ids(task), **named})
    assert answer.status_code in (409, 503)
    told: dict[str, Any] = answer.json()
    return told


async def spent(api: Api) -> float:
    listed = await api.ok(api.http.get("/api/video-gen/list"))
    return float(sum(one["spent"] + one["expected"] for one in listed["spending"]))


async def test_what_was_made_is_found_and_downloaded_and_paid_once(api: Api, upstream: Ark):
    old = await lost(api, upstream, acts=True)
    [name] = upstream.tasks
    told = await refused(api, old)
    assert told["code"] == "collect_unsure"
    assert name in told["detail"]
    made = await api.ok(api.http.post(COLLECT, params={**ids(old), "upstream": name}))
    task = await api.finished(made)
    assert task["status"] == "completed"
    assert task["parent"] == f"{old['conversation_id']}-{old['message_id']}"
    assert (await api.http.get(task["video_urls"][0])).content == upstream.video
    assert upstream.asked == 1
    assert await spent(api) == pytest.approx(ACTUAL)
    again = await api.ok(api.http.post(COLLECT, params={**ids(old), "upstream": name}))
    assert ids(again) == ids(made)
    assert (await api.task(old))["status"] == "failed"


async def test_a_download_that_was_given_up_is_taken_up(api: Api, upstream: Ark):
    """A provider that had lost its tasks for a while; what they are called is known."""
    upstream.moves = ("running",)
    created = await api.create("sea", **BODY)
    await api.until(created, lambda task: task["stage"] == "Rendering at the provider")
    there = dict(upstream.tasks)
    upstream.tasks.clear()
    old = await api.finished(created)
    assert old["error_code"] == "upstream_gone"
    upstream.tasks.update(there)
    upstream.moves = ("succeeded",)
    task = await api.finished(await api.ok(api.http.post(COLLECT, params=ids(old))))
    assert task["status"] == "completed"
    assert upstream.asked == 1
    assert await spent(api) == pytest.approx(ACTUAL)


async def test_it_takes_the_place_of_the_one_that_failed(api: Api, upstream: Ark):
    named = {"Idempotency-Key": "mine"}
    body = {"prompt": "sea", **BODY}
    upstream.fail(Fault.CUT, acts=True)
    first = await api.ok(api.http.post("/api/video-gen/generate", json=body, headers=named))
    old = await api.finished(first)
    [name] = upstream.tasks
    made = await api.ok(api.http.post(COLLECT, params={**ids(old), "upstream": name}))
    same = await api.ok(api.http.post("/api/video-gen/generate", json=body, headers=named))
    equal = await api.ok(api.http.post("/api/video-gen/generate", json=body))
    assert ids(made) == ids(same) == ids(equal)
    assert upstream.asked == 1


async def test_what_is_not_there_is_not_found(api: Api, upstream: Ark):
    old = await lost(api, upstream, acts=False)
    assert (await refused(api, old))["code"] == "collect_not_found"
    assert (await refused(api, old, upstream="cgt-none"))["code"] == "collect_not_found"
    assert (await api.ok(api.http.get("/api/video-gen/list")))["total"] == 1


async def test_what_another_task_has_is_not_taken(api: Api, upstream: Ark):
    other = await api.finished(await api.create("lake", **BODY))
    [name] = upstream.tasks
    old = await lost(api, upstream, acts=False)
    assert (await refused(api, old))["code"] == "collect_not_found"
    same = await api.ok(api.http.post(COLLECT, params={**ids(old), "upstream": name}))
    assert ids(same) == ids(other)


async def test_only_what_was_sent_and_failed_is_looked_for(api: Api, upstream: Ark):
    done = await api.finished(await api.create("sea", **BODY))
    assert (await refused(api, done))["code"] == "collect_nothing"
    never_sent = await api.finished(await api.create("error", engine="trial"))
    assert never_sent["status"] == "failed"
    assert (await refused(api, never_sent))["code"] == "collect_nothing"


async def test_the_client_collects(api: Api, upstream: Ark):
    old = await lost(api, upstream, acts=True)
    async with VideoClient(BASE, transport=api.http._transport) as client:
        with pytest.raises(RequestRefused, match="This task at the provider may be it"):
            await client.collect(old["message_id"])
        [name] = upstream.tasks
        task = await client.collect(old["message_id"], upstream=name)
        assert (await client.wait(task)).status == "completed"
