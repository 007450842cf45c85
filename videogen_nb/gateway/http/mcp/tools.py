"""The eight tools: each parses its arguments, calls the service, and formats the result."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ....errors import VideogenError
from ....media.probe import poster_jpeg
from ....protocol.filters import Filters
from ....protocol.models import EngineInfo, TaskStatus
from ...files.videos import VIDEOS
from ...refusals import Refusal
from ...requester import Requester
from ...service.batches import Batches
from ...service.costs.consent import Consent, cost_words
from ...service.engines import engine_list
from ...service.estimate import estimate as estimate_of
from ...service.gateway import Gateway
from ...threads import in_thread
from . import arguments as take
from .answers import batch_words, error_words, foreseen_words, plain, task_words
from .catalogue import TOOLS, UNTRUSTED, Answer

LOOK_S: Final = 0.25  # between looks at a task that is waited for …
LOOK_BATCH_S: Final = 1.0  # … and at a batch, whose rows are read from the disk
LATEST: Final = 10  # tasks that ``get`` tells without an id
POSTER: Final = (40_000, 512)  # bytes and pixels

Progress = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its sender, gateway, arguments and progress callback."""

    gateway: Gateway
    batches: Batches
    requester: Requester
    progress: Progress


async def call_tool(name: str, given: Mapping[str, Any] | None, call: Call) -> Answer:
    """Execute a call; errors are returned, not raised."""
    try:
        if name not in _RUN:
            raise Refusal("not_found")
        return await _RUN[name](call, take.read(TOOLS[name].arguments, given))
    except VideogenError as error:
        return Answer(error_words(error, call.requester.language), failed=True)


async def _engines(call: Call, _: Any) -> Answer:
    spending = await call.gateway.spending(call.requester)
    listed = engine_list(call.gateway, call.requester.language, spending)
    return Answer({"default": listed.default, "engines": [_engine(one) for one in listed.engines]})


def _engine(info: EngineInfo) -> dict[str, Any]:
    told = info.model_dump(
        mode="json",
        include={"name", "ready", "modes", "durations", "ratios", "resolutions", "cancel"},
        exclude_none=True,
    )
    spending = [one.model_dump(mode="json", exclude={"engine"}) for one in info.spending]
    words = {"title": info.title, "missing": info.missing, "cost": info.cost}
    return {
        **told,
        "paid": info.cost is not None,
        **({"spending": spending} if spending else {}),
        UNTRUSTED: {name: plain(text) for name, text in words.items() if text},
    }


async def _estimate(call: Call, given: Any) -> Answer:
    made = await estimate_of(call.gateway, call.requester, take.body_of(given))
    record, terms = made.task, made.terms
    costs = {terms.cost.currency: terms.cost.amount} if terms.cost else {}
    unpriced = int(terms.digest is not None and terms.cost is None)
    told = {
        "engine": record.engine,
        "cost": cost_words(costs, unpriced),
        "seconds": made.seconds and round(made.seconds, 1),
        "parameters": record.parameters,
        "next": "Nothing was created. If the person agrees to the cost, call create.",
    }
    notes = [plain(note.render(call.requester.language)) for note in record.notes]
    return Answer({**told, UNTRUSTED: {"notes": notes}})


async def _create(call: Call, given: Any) -> Answer:
    body = take.body_of(given)
    digest = hashlib.sha256(body.pop("key").encode("utf-8", "replace")).hexdigest()
    consent = Consent(given.expected_cost)
    record = await call.gateway.create(call.requester, body, f"mcp-{digest}", consent=consent)
    return _task(call, record)


async def _batch(call: Call, given: Any) -> Answer:
    rows = [take.body_of(row) for row in given.rows]
    consent = Consent(given.expected_cost)
    weighed = await call.batches.create(
        call.requester,
        given.name,
        rows,
        dry_run=given.dry_run,
        consent=consent,
        notify=given.notify,
    )
    return Answer(foreseen_words(given.name, weighed, dry_run=given.dry_run))


async def _get(call: Call, given: Any) -> Answer:
    if given.batch is not None:
        rows, counts, _ = await call.batches.state(call.requester, given.batch, None)
        return Answer(batch_words(given.batch, rows, counts))
    if given.id is not None:
        return _task(call, await _record(call, given.id))
    records, total = await call.gateway.store.page(
        call.requester.owner, wanted=Filters(), limit=LATEST, offset=0
    )
    tasks = [task_words(record, call.gateway.runner, call.requester) for record in records]
    return Answer({"tasks": tasks, "total": total})


async def _wait(call: Call, given: Any) -> Answer:
    if given.id is None and given.batch is None:
        raise Refusal("malformed", where="id", what="give an id or a batch")
    deadline = time.monotonic() + min(given.seconds, take.WAIT_S)
    look_s, last = LOOK_BATCH_S if given.batch else LOOK_S, 0.0
    while True:
        answer = await _get(call, given)
        if _has_ended(answer.told) or time.monotonic() >= deadline:
            return answer
        share = _share(answer.told)
        if share > last:
            await call.progress(share)
            last = share
        await asyncio.sleep(min(look_s, max(0.0, deadline - time.monotonic())))


async def _cancel(call: Call, given: Any) -> Answer:
    record = await call.gateway.cancel(call.requester, *take.read_id(given.id))
    return _task(call, record)


async def _video(call: Call, given: Any) -> Answer:
    record = await _record(call, given.id)
    if record.status is not TaskStatus.COMPLETED:
        answer = _task(call, record)
        return Answer({**answer.told, "error": "video_not_ready"}, failed=True)
    path = await call.gateway.video_files.original(record)
    most, side = POSTER
    poster = await in_thread(poster_jpeg, path, max_bytes=most, max_side=side)
    link = f"{call.requester.base}{VIDEOS}/{record.video}"
    told = {
        "id": str(record.id),
        "url": f"{link}.mp4",
        "poster_url": f"{link}.jpg",
        "seconds": record.video_s,
        "sha256": record.sha256,
        "next": "Give the person the link (or the path). The image is one frame of the video.",
    }
    return Answer(told, (poster,))


def _task(call: Call, record: Any) -> Answer:
    return Answer(task_words(record, call.gateway.runner, call.requester))


async def _record(call: Call, words: str) -> Any:
    return await call.gateway.store.get(call.requester.owner, *take.read_id(words))


def _has_ended(told: Mapping[str, Any]) -> bool:
    counts: Mapping[str, int] = told.get("counts", {told.get("status"): 1})
    return not any(counts.get(status.value) for status in TaskStatus if not status.finished)


def _share(told: Mapping[str, Any]) -> float:
    """Return the progress, 0 to 1."""
    counts: Mapping[str, int] | None = told.get("counts")
    if counts is None:
        return float(told.get("progress") or 0.0)
    ended = sum(counts.get(status.value, 0) for status in TaskStatus if status.finished)
    return ended / max(1, sum(counts.values()))


_RUN: Final[Mapping[str, Callable[[Call, Any], Awaitable[Answer]]]] = {
    "engines": _engines,
    "estimate": _estimate,
    "create": _create,
    "batch": _batch,
    "get": _get,
    "wait": _wait,
    "cancel": _cancel,
    "video": _video,
}
