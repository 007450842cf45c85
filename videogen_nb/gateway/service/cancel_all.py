"""Cancelling many tasks at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ...protocol.filters import Filters
from ...protocol.models import FINISHED, TaskStatus
from ..refusals import Refusal
from ..requester import Requester
from ..storage.task_record import TaskRecord
from .classroom import whose
from .gateway import Gateway

UNFINISHED: Final = tuple(status for status in TaskStatus if status not in FINISHED)


async def cancel_all(gateway: Gateway, requester: Requester, wanted: Filters) -> tuple[int, int]:
    """Cancel all matching unfinished tasks, the last one first, so that no others start.

    Return how many were cancelled, and how many could no longer be.
    """
    wanted = replace(wanted, statuses=wanted.statuses or UNFINISHED)
    records = await gateway.store.matching(whose(requester, wanted), wanted)
    cancelled, late = await cancel_each(gateway, records)
    return len(cancelled), late


async def cancel_each(
    gateway: Gateway, records: Sequence[TaskRecord]
) -> tuple[dict[str, TaskRecord], int]:
    """Cancel unfinished tasks, the last one first.

    Return the cancelled ones by ``message_id``, and how many could no longer be.
    """
    cancelled, late = {}, 0
    for record in reversed(records):
        try:
            cancelled[record.message_id] = await asyncio.shield(gateway.runner.cancel(record))
        except Refusal:
            late += 1
    return cancelled, late
