"""Estimating a request without creating a task; only its images are stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..requester import Requester
from ..storage.task_record import TaskRecord
from ..threads import in_thread
from .costs.terms import Terms
from .gateway import Gateway
from .validation import read_order


@dataclass(frozen=True, slots=True)
class Estimate:
    """A task that is not stored, with its work time in ``seconds`` (None = unknown)."""

    task: TaskRecord
    terms: Terms
    seconds: float | None


async def estimate(gateway: Gateway, requester: Requester, body: Any) -> Estimate:
    """Plan a request. Raises BadInput, Refusal."""
    order = read_order(body)
    gateway.registry.find(order.engine)  # before anything is downloaded in vain
    uses = await gateway.images.uses_of(requester, order)
    images = await gateway.uploads.find(requester.owner, uses)
    plan, terms = await in_thread(gateway.plan, requester, order, images)
    record = gateway.record(requester, order, uses, plan, terms)
    return Estimate(record, terms, gateway.runner.work_s([record]))
