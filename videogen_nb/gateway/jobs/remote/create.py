"""Creating a task at a provider at most once, and finding it after a lost response."""

from __future__ import annotations

import json
import logging
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ....engines import Engine, Job, Plan
from ....engines.remote import RemoteEngine
from ....errors import UpstreamAway, UpstreamBusy, UpstreamError, UpstreamRefused, UpstreamUnsure
from ....i18n import Text
from ....protocol.models import TaskStatus
from ...limits.budgets import BudgetReached, budgets_of
from ...refusals import Refusal
from ...storage.ledger import Cost
from ...storage.task_record import HOPS, TaskRecord
from ...storage.task_sql import UNCHANGED
from ..expected_cost import cost_of, why_unknown
from . import final_cost, texts
from .retries import LOOKS_S, OVER_BUDGET_S, told_pause_s
from .task_state import TaskState

# Among a task's facts: what to look for begins after this moment; what kind of engine was asked,
# and where: another server's task may have the same name.
SINCE: Final = "since"
_KIND: Final = "asked_kind"
_ADDRESS: Final = "asked_at"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NotStarted:
    """Nothing was created; see ``why``. The provider asked to wait ``seconds`` (None = unknown).

    ``of_owner``: only this person has to wait. ``over_budget``: due to a budget, not the provider.
    """

    why: UpstreamError
    seconds: float | None
    of_owner: bool = False
    over_budget: bool = False


class Create:
    """The creation of one task: store the intent, send the request, store the handle."""

    def __init__(self, job: TaskState) -> None:
        self._job = job
        self._context, self._engine, self._row = job.context, job.engine, job.row

    async def handle(self) -> str | NotStarted:
        """Return the handle of the task, creating it if necessary."""
        record = self._row.record
        if record.handle is not None:
            return record.handle
        if record.intent is not None:  # a former gateway ended between the two
            handle = await self._look_for(job_of(record), texts.INTERRUPTED)
        else:
            made = await self._create(record)
            if isinstance(made, NotStarted):
                return made
            handle = made
        await self._row.change(handle=handle)
        return handle

    async def _create(self, record: TaskRecord) -> str | NotStarted:
        try:
            images = await self._context.uploads.find(record.owner, record.images)
        except Refusal as refusal:
            raise await self._job.failed(refusal.code, refusal.text) from refusal
        if missing := self._engine.missing():
            why = texts.NOT_READY(name=self._engine.name, why=missing)
            if record.pool is not None:
                await self._row.change(engine=record.pool)
                return NotStarted(UpstreamBusy(why), None)
            raise await self._job.failed("engine_not_ready", why)
        self._job.stage, key = texts.SENDING, str(uuid.uuid4())
        since = await self._before()
        job, now = job_of(record, tuple(images)), self._context.clock()
        cost = self._cost(job.plan)
        budgets = budgets_of(self._context.people, record.owner, self._engine)
        if cost is None and budgets:
            raise await self._job.failed("cost_unknown", why_unknown(self._engine, job.plan))
        told = {"cost": cost.to_wire()} if cost else {}
        try:
            await self._row.change(
                cost=cost or UNCHANGED,
                paying=(cost, budgets) if cost and budgets else None,
                status=TaskStatus.PROCESSING,
                started_at=now,
                attempts=record.attempts + 1,
                turn=self._job.turn,
                intent=key,
                intended_at=now,
                facts={
                    **(record.facts or {}),
                    **told,
                    SINCE: since,
                    _KIND: self._engine.instance.kind,
                    _ADDRESS: self._engine.address,
                },
            )
        except BudgetReached as refusal:  # more was spent since it was accepted than expected
            own = refusal.beyond.owner is not None
            if record.pool is not None:
                await self._row.change(engine=record.pool)
            return NotStarted(
                UpstreamBusy(refusal.text), OVER_BUDGET_S, of_owner=own, over_budget=True
            )
        try:
            return await self._engine.start(job, key)
        except UpstreamRefused as refused:
            raise await self._job.failed(refused.code, refused.text) from refused
        except (UpstreamBusy, UpstreamAway) as later:
            await self._row.change(
                status=TaskStatus.PENDING,
                intent=None,
                intended_at=None,
                started_at=None,
                engine=record.asked_for,
            )
            return NotStarted(later, told_pause_s(later))
        except UpstreamUnsure as unsure:
            return await self._look_for(job, unsure.text)
        except Exception:  # an engine's fault: who knows how far it had come
            logger.exception("The engine %r failed in creating a task", self._engine.name)
            return await self._look_for(job, UpstreamUnsure.default)

    def _cost(self, plan: Plan) -> Cost | None:
        """Return the expected cost at the current price."""
        if not self._engine.paid or self._engine.price is None:
            return self._row.expected
        return cost_of(self._engine, plan)

    async def _before(self) -> float | None:
        """Return the time before the create request by the provider's clock; None = unknown.

        It is stored with the intent, since the next gateway may have to look for the task.
        """
        try:
            return await self._engine.before(self._context.clock())
        except UpstreamError:
            return None
        except Exception:
            logger.exception("The engine %r failed before a create", self._engine.name)
            return None

    async def _look_for(self, job: Job, why: Text) -> str:
        """Return the handle after a lost response, if the task is found with certainty."""
        self._job.stage = texts.LOOKING
        record = self._row.record
        since = (record.facts or {}).get(SINCE, record.intended_at)
        found: list[str] = []
        for pause_s in LOOKS_S:
            if since is None:
                break
            await self._context.sleep(pause_s)
            try:
                told = await self._engine.look_for(job, since)
            except UpstreamError:
                continue
            except Exception:
                logger.exception("The engine %r failed in looking for a task", self._engine.name)
                break
            new = [c for c in told if not await self._is_known(c.handle)]
            sure = [c.handle for c in new if c.sure]
            if len(sure) == 1:
                await self._row.note(texts.FOUND)
                return sure[0]
            found = [c.handle for c in new]
        if found:
            names = ", ".join(upstream_name(handle) for handle in found[:5])
            why = texts.MAYBE(why=why, names=names)
        raise await self._job.failed("outcome_unknown", why, cost=final_cost.of_unknown(self._row))

    async def _is_known(self, handle: str) -> bool:
        return await self._context.store.knows_handle(self._engine.name, handle)


def is_of(record: TaskRecord, engine: Engine | None) -> bool:
    """Return whether an engine uses the provider that a task was sent to, if it was sent."""
    if record.intent is None:
        return engine is not None
    facts = record.facts or {}
    return (
        isinstance(engine, RemoteEngine)
        and facts.get(_KIND) in (None, engine.instance.kind)
        and facts.get(_ADDRESS) in (None, engine.address)
    )


def upstream_name(handle: str) -> str:
    """Return the provider's id in a handle, for users who look for the task there."""
    try:
        values = json.loads(handle).values()
    except (ValueError, AttributeError):
        return handle[:100]
    return " ".join(str(value) for value in values)[:100]


def job_of(record: TaskRecord, images: tuple[Any, ...] = ()) -> Job:
    """Return the job for an engine."""
    plan = Plan(record.parameters, record.seed, record.notes, record.estimated_s)
    unused = Path()
    hops = (record.facts or {}).get(HOPS, 0)
    return Job(record.message_id, record.prompt, plan, unused, unused, images, hops=hops)
