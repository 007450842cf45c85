"""Collecting a video that may have been paid for, without paying again.

A task that failed after it was sent is looked up at the provider. If it is found, a new task takes
it over: nothing is created there, and the cost moves to the new task.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from ...engines.remote import RemoteEngine
from ...errors import UpstreamError, UpstreamGone
from ...protocol.models import TaskStatus
from ..files.videos import new_name
from ..jobs.remote.create import SINCE, is_of, job_of, upstream_name
from ..refusals import Refusal
from ..requester import Requester
from ..storage.task_record import TaskRecord, new_id
from .gateway import Gateway

_SHOWN: Final = 5  # candidates that are named


async def collect(
    gateway: Gateway, requester: Requester, ids: tuple[str, str], upstream: str | None = None
) -> TaskRecord:
    """Return the task that takes over; the same one if called again.

    Args:
        upstream: the task's id at the provider, if known.

    Raises:
        Refusal: it was not sent, was not found, or several tasks match.
    """
    old = await gateway.store.get(requester.owner, *ids)
    if old.status is not TaskStatus.FAILED or old.intent is None:
        raise Refusal("collect_nothing")
    engine = gateway.registry.engines.get(old.engine)
    if not (isinstance(engine, RemoteEngine) and is_of(old, engine)):
        raise Refusal("collect_engine", name=old.engine)
    handle = await _handle(gateway, engine, old, upstream)
    return await asyncio.shield(gateway.adopt(old, _again(old, handle, gateway.now())))


async def _handle(
    gateway: Gateway, engine: RemoteEngine, old: TaskRecord, upstream: str | None
) -> str:
    if upstream is None and old.handle is not None:
        return old.handle
    named = None if upstream is None else engine.handle_of(upstream)
    try:
        if named is not None:
            await engine.poll(named)
            return named
        return await _found(gateway, engine, old, upstream)
    except UpstreamGone as error:
        if upstream is not None:  # a wrong id, not a task that was forgotten
            raise Refusal("collect_not_found", id=old.id) from error
        raise Refusal(error.code, error.text) from error
    except UpstreamError as error:
        raise Refusal(error.code, error.text) from error


async def _found(
    gateway: Gateway, engine: RemoteEngine, old: TaskRecord, upstream: str | None
) -> str:
    since = (old.facts or {}).get(SINCE, old.intended_at)
    told = [] if since is None else await engine.look_for(job_of(old), since)
    new = [one for one in told if not await gateway.store.knows_handle(engine.name, one.handle)]
    if upstream is not None:
        fitting = [one.handle for one in told if upstream_name(one.handle) == upstream]
    else:
        fitting = [one.handle for one in new if one.sure]
    if len(fitting) == 1:
        return fitting[0]
    if not new:
        raise Refusal("collect_not_found", id=old.id)
    names = ", ".join(upstream_name(one.handle) for one in new[:_SHOWN])
    raise Refusal("collect_unsure", id=old.id, names=names, count=len(new))


def _again(old: TaskRecord, handle: str, now: float) -> TaskRecord:
    """Return the same task as running at the provider."""
    return replace(
        old,
        message_id=new_id(),
        video=new_name(),
        handle=handle,
        status=TaskStatus.PROCESSING,
        parent=str(old.id),
        created_at=now,
        updated_at=now,
        started_at=now,
        turn=None,
        finished_at=None,
        error=None,
        error_code=None,
    )
