"""Webhooks: signed, only to allowed hosts, told at least once whatever ends in between."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from videogen_nb.gateway.notify.notifier import PAUSES_S
from videogen_nb.gateway.notify.secret import FILE_NAME
from videogen_nb.gateway.storage.notifications import due
from videogen_nb.testing.serving import served

from .conftest import ids

BATCH = "/api/video-gen/batch"
LOCAL = {"notify_hosts": "127.0.0.1", "allow_networks": "127.0.0.0/8"}


class Receiver:
    """Keeps what it is told; answers with ``statuses`` in turn, then with 204."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        self.url = ""

    async def hear(self, request: Request) -> Response:
        self.heard.append((dict(request.headers), await request.body()))
        status = self.statuses.pop(0) if self.statuses else 204
        return Response(status_code=status, headers={"location": f"{self.url}/elsewhere"})

    async def until(self, count: int) -> None:
        async with asyncio.timeout(60):
            while len(self.heard) < count:
                await asyncio.sleep(0.01)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    routes = [Route("/{path:path}", receiver.hear, methods=["GET", "POST"])]
    with served(Starlette(routes=routes)) as url:
        receiver.url = url
        yield receiver


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


async def settled(api: Any, task: dict[str, Any], tries: int) -> Any:
    """The task's row once it was tried so often."""
    async with asyncio.timeout(60):
        while (record := api.gateway.store.cached(task["message_id"])).notify_tries < tries:
            await asyncio.sleep(0.01)
    return record


async def told_all(api: Any) -> None:
    """Wait until nothing is left to tell."""
    async with asyncio.timeout(60):
        while await api.gateway.database.read(due):
            await asyncio.sleep(0.01)


async def test_the_end_is_told_and_signed(opened, receiver, gateway_home: Path):
    async with opened(**LOCAL) as api:
        task = await api.create("quick", notify=f"{receiver.url}/hook?a=1", labels=["l"])
        await receiver.until(1)
        record = await settled(api, task, 1)
    assert record.notify_at is None
    [(headers, body)] = receiver.heard
    secret = (gateway_home / FILE_NAME).read_text().strip()
    told = Webhook(secret).verify(body, headers)
    assert told["type"] == "task.completed"
    assert told["data"]["message_id"] == task["message_id"]
    assert told["data"]["labels"] == ["l"]
    assert headers["webhook-id"] == f"msg_{task['message_id']}"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body + b" ", headers)
    if os.name == "posix":
        assert (gateway_home / FILE_NAME).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("prompt", "kind"), [("error", "task.failed"), ("gate", "task.cancelled")])
async def test_other_ends_are_told_too(opened, receiver, tmp_path, prompt, kind):
    async with opened(**LOCAL) as api:
        extra = {"gate": str(tmp_path / "gate")}
        task = await api.create(prompt, notify=receiver.url, extra=extra)
        if prompt == "gate":
            await api.ok(api.http.post("/api/video-gen/cancel", params=ids(task)))
        await receiver.until(1)
    assert f'"type":"{kind}"'.encode() in receiver.heard[0][1]


async def test_what_does_not_arrive_is_told_again_under_the_same_name(opened, receiver):
    receiver.statuses = [500, 302]
    clock = Clock()
    async with opened(clock=clock, **LOCAL) as api:
        task = await api.create("quick", notify=receiver.url)
        for tries in (1, 2):
            record = await settled(api, task, tries)
            assert record.notify_at == clock.now + PAUSES_S[tries - 1]
            clock.now = record.notify_at
            api.gateway.notifier.wake()
        await settled(api, task, 3)
    names = {headers["webhook-id"] for headers, _ in receiver.heard}
    moments = [headers["webhook-timestamp"] for headers, _ in receiver.heard]
    assert len(receiver.heard) == 3  # a redirect is not followed
    assert names == {f"msg_{task['message_id']}"}
    assert len(set(moments)) == 3


async def test_a_restart_tells_what_was_not_told(opened, receiver, monkeypatch):
    from videogen_nb.gateway.notify.notifier import Notifier

    receiver.statuses = [500, 500]
    clock = Clock()
    with monkeypatch.context() as patched:
        patched.setattr(Notifier, "open", lambda self: None)  # killed before anything was told
        async with opened(clock=clock, **LOCAL) as api:
            row = {"prompt": "quick", "engine": "trial", "notify": receiver.url}
            sent = {"name": "ads", "rows": [row], "notify": receiver.url}
            made = await api.ok(api.http.post(BATCH, json=sent))
            await api.finished(made["rows"][0]["task"])
    assert receiver.heard == []
    async with opened(clock=clock, **LOCAL):
        await receiver.until(2)
    clock.now += PAUSES_S[0]
    async with opened(clock=clock, **LOCAL) as api:
        await receiver.until(4)
        await told_all(api)
    async with opened(clock=clock, **LOCAL) as api:
        await told_all(api)
    assert len(receiver.heard) == 4
    kinds = sorted(body.split(b'"')[3] for _, body in receiver.heard)
    assert kinds == [b"batch.finished"] * 2 + [b"task.completed"] * 2
    assert len({headers["webhook-id"] for headers, _ in receiver.heard}) == 2


async def test_it_is_given_up_in_the_end_and_the_task_says_so(opened, receiver):
    receiver.statuses = [503] * 99
    clock = Clock()
    async with opened(clock=clock, **LOCAL) as api:
        task = await api.create("quick", notify=receiver.url)
        for tries in range(1, len(PAUSES_S) + 2):
            clock.now = (await settled(api, task, tries)).notify_at or clock.now
            api.gateway.notifier.wake()
        told = await api.task(task)
    assert len(receiver.heard) == len(PAUSES_S) + 1
    assert "could not be delivered after 10 attempts (127.0.0.1: HTTP 503)" in told["notes"][-1]


async def test_who_says_gone_is_not_told_again(opened, receiver):
    receiver.statuses = [410]
    async with opened(**LOCAL) as api:
        task = await api.create("quick", notify=receiver.url)
        record = await settled(api, task, 1)
    assert record.notify_at is None


@pytest.mark.parametrize(
    ("hosts", "url", "code"),
    [
        pytest.param("", "https://example.com/a", "notify_not_allowed", id="none-allowed"),
        pytest.param("a.org", "https://b.org", "notify_not_allowed", id="another"),
        pytest.param("*.a.org", "https://a.org", "notify_not_allowed", id="only-below"),
        pytest.param("a.org", "https://a.org.b.org", "notify_not_allowed", id="longer"),
        pytest.param("a.org", "https://a.org@b.org", "notify_invalid", id="user-name"),
        pytest.param("a.org", "ftp://a.org", "notify_invalid", id="scheme"),
        pytest.param("a.org", "", "notify_invalid", id="empty"),
    ],
)
async def test_only_allowed_hosts_are_told(opened, hosts, url, code):
    async with opened(notify_hosts=hosts) as api:
        body = {"prompt": "quick", "engine": "trial", "notify": url}
        answer = await api.http.post("/api/video-gen/generate", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        rows = {"name": "b", "rows": [body]}
        answer = await api.http.post("/api/video-gen/batch", json=rows)
        assert answer.json()["rows"][0]["code"] == code
        rows = {"name": "b", "rows": [{"prompt": "quick", "engine": "trial"}], "notify": url}
        answer = await api.http.post("/api/video-gen/batch", json=rows)
        assert (answer.status_code, answer.json()["code"]) in {(422, code), (422, "malformed")}
        assert (await api.ok(api.http.get("/api/video-gen/list")))["total"] == 0


async def test_an_allowed_name_leads_nowhere_private(opened, receiver):
    async with opened(notify_hosts="*.a.org", lookup=lambda host, port: ["127.0.0.1"]) as api:
        url = receiver.url.replace("127.0.0.1", "hooks.a.org")
        task = await api.create("quick", notify=url)
        record = await settled(api, task, 1)
    assert record.notify_at is not None
    assert receiver.heard == []


async def test_a_host_that_is_no_longer_allowed_is_not_told(opened, receiver):
    receiver.statuses = [500]
    clock = Clock()
    async with opened(clock=clock, **LOCAL) as api:
        task = await api.create("quick", notify=receiver.url)
        await settled(api, task, 1)
    clock.now += 60
    async with opened(clock=clock) as api:
        task = await api.until(
            task, lambda told: "could not be delivered" in "".join(told["notes"])
        )
    assert len(receiver.heard) == 1


async def test_rows_of_a_batch_and_what_is_tried_anew_are_told_too(opened, receiver):
    async with opened(**LOCAL) as api:
        row = {"prompt": "quick", "engine": "trial", "notify": receiver.url}
        rows = [row, {**row, "prompt": "error"}]
        made = await api.ok(api.http.post("/api/video-gen/batch", json={"name": "b", "rows": rows}))
        await receiver.until(2)
        failed = made["rows"][1]["task"]
        await api.ok(api.http.post("/api/video-gen/retry", params=ids(failed)))
        await receiver.until(3)
    kinds = sorted(body.split(b'"')[3] for _, body in receiver.heard)
    assert kinds == [b"task.completed", b"task.failed", b"task.failed"]


async def test_a_batch_is_told_once_each_time_that_its_last_row_has_ended(
    opened, receiver, gateway_home
):
    hook = f"{receiver.url}/hook"
    row = {"prompt": "quick 1", "engine": "trial"}
    sent = {"name": "ads", "rows": [row, {**row, "prompt": "error"}], "notify": hook}
    more = {**sent, "rows": [*sent["rows"], {**row, "prompt": "quick 2"}]}
    async with opened(**LOCAL) as api:
        await api.ok(api.http.post(BATCH, json=sent))
        await receiver.until(1)
        await told_all(api)
        assert (await api.ok(api.http.post(BATCH, json=sent)))["new"] == 0  # was told: not again
        await api.ok(api.http.post(BATCH, json=more))
        await receiver.until(2)
        await api.ok(api.http.post(f"{BATCH}/again", json={"name": "ads", "which": "failed"}))
        await receiver.until(3)
        state = await api.ok(api.http.get(BATCH, params={"name": "ads"}))
        [failed] = [row["task"] for row in state["rows"] if row["task"]["status"] == "failed"]
        await api.ok(api.http.post("/api/video-gen/retry", params=ids(failed)))
        await receiver.until(4)
        await api.ok(api.http.post(BATCH, json={**more, "notify": f"{receiver.url}/late"}))
        await receiver.until(5)  # all rows have ended: at once
        await told_all(api)
        for told in (await api.ok(api.http.get(BATCH, params={"name": "ads"})))["rows"]:
            await api.ok(api.http.delete("/api/video-gen/task", params=ids(told["task"])))
        count = "SELECT count(*) FROM batch_webhooks"
        assert await api.gateway.database.read(lambda c: c.execute(count).fetchone()[0]) == 0
    secret = (gateway_home / FILE_NAME).read_text().strip()
    ends = [Webhook(secret).verify(body, headers) for headers, body in receiver.heard]
    assert {end["type"] for end in ends} == {"batch.finished"}
    assert [end["data"]["total"] for end in ends] == [2, 3, 3, 3, 3]
    counts = {"completed": 1, "failed": 1}
    first = {"name": "ads", "total": 2, "counts": counts, "finished_at": ends[0]["timestamp"]}
    assert ends[0]["data"] == first
    assert len({headers["webhook-id"] for headers, _ in receiver.heard}) == 5
