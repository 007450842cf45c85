"""One task's way through an engine that asks elsewhere: create at most once, poll, fetch, keep.

That a create is about to be sent is on the disk before it is, its handle right after it. Between
the two nobody knows whether it was made: it is looked for upstream, and never sent again unasked.
"""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ....engines import Engine, Job, Plan
from ....engines.remote import RemoteEngine, Stopped, Upstream
from ....errors import (
    EngineError,
    UpstreamAway,
    UpstreamBusy,
    UpstreamError,
    UpstreamGone,
    UpstreamRefused,
    UpstreamUnsure,
)
from ....i18n import Text
from ....protocol.models import TaskStatus
from ....protocol.polling import PollingPolicy, next_delay
from ...files.ingest import CheckFailed, Undecodable
from ...refusal import SENTENCES, Refusal
from ...storage.ledger import Budget, Cost
from ...storage.records import TaskRecord
from ...storage.store import UNCHANGED
from ...storage.task_writer import PAUSE_S, TaskRow
from ..backend import JobContext
from . import texts

LOOKS_S: Final = (0.0, 4.0, 15.0)  # a lost create may still be under way upstream
OVER_BUDGET_S: Final = 60.0  # until the budget is looked at again
AWAY_LONGEST_S: Final = 60.0  # between questions to an upstream that cannot be reached
BAD_VIDEOS: Final = 3  # a video that arrives broken so often is broken where it lies

# Among a task's facts: what to look for begins after this moment; what kind of engine was asked.
_SINCE: Final = "since"
_KIND: Final = "asked_kind"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NotStarted:
    """Nothing was made; ``why``. The upstream asked to wait ``seconds``, None = it did not say."""

    why: UpstreamError
    seconds: float | None


class Ended(Exception):
    """The task has ended; there is nothing more to do."""


class RemoteJob:
    """One task under way. ``progress`` and ``stage`` are what is known and not worth keeping."""

    def __init__(self, context: JobContext, engine: RemoteEngine, message_id: str) -> None:
        self._context = context
        self._engine = engine
        self._row = TaskRow(context.store, message_id, clock=context.clock, sleep=context.sleep)
        self._stop_wanted = asyncio.Event()
        self._stopped: Stopped | None = None
        self._where: str | None = None
        self.progress: float | None = None
        self.stage: Text | None = None
        self.created = asyncio.Event()  # its handle is known, or it is over
        self.over = asyncio.Event()

    async def run(self) -> NotStarted | None:
        """Do all of it; return :class:`NotStarted` where it has to be begun again."""
        try:
            while True:
                try:
                    handle = await self._handle()
                    if isinstance(handle, NotStarted):
                        return handle
                    self.created.set()
                    await self._follow(handle)
                except (Ended, asyncio.CancelledError):
                    raise
                except Exception:  # the boundary: what is paid for is not lost to a fault of ours
                    logger.exception("Task %s met a fault of the gateway", self._row.record.id)
                    await self._after_fault()
        except Ended:
            return None
        finally:
            self.created.set()
            self.over.set()

    async def cancel(self) -> None:
        """Ask the upstream to stop; returns when the task is over.

        Raises:
            Refusal: where it cannot be stopped any more, where it cannot be asked.
        """
        await self.created.wait()
        if self.over.is_set():
            return
        handle = self._row.record.handle
        if handle is None:  # a fault of ours came before it was sent
            self._stop_wanted.set()
            await self.over.wait()
            return
        try:
            done = self._where == "succeeded"  # some upstreams delete what is done
            stopped = Stopped(False) if done else await self._engine.cancel(handle)
        except UpstreamGone as gone:
            stopped = Stopped(True, gone.text)
        except UpstreamError as error:
            raise Refusal(error.code, error.text) from error
        except Exception as error:  # a fault of ours is told like one that will pass
            logger.exception("The engine %r failed in stopping a task", self._engine.name)
            raise Refusal(UpstreamAway.code, SENTENCES["internal_error"]) from error
        if not stopped.done and not self.over.is_set():
            why = stopped.note or texts.CANNOT_STOP
            await self._row.note(why)
            raise Refusal("cancel_refused", why)
        self._stopped = stopped
        self._stop_wanted.set()
        await self.over.wait()

    async def _handle(self) -> str | NotStarted:
        record = self._row.record
        if record.handle is not None:
            return record.handle
        if record.intent is not None:  # a former gateway ended between the two
            handle = await self._look_for(_job(record, ()), texts.INTERRUPTED)
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
            raise await self._failed(refusal.code, refusal.text) from refusal
        if missing := self._engine.missing():
            why = texts.NOT_READY(name=self._engine.name, why=missing)
            raise await self._failed("engine_not_ready", why)
        self.stage, key = texts.SENDING, str(uuid.uuid4())
        since = await self._before()
        job, now = _job(record, tuple(images)), self._context.clock()
        cost = self._cost(job.plan)
        if cost is None and self._budget is not None:
            text = SENTENCES["cost_unknown"](name=self._engine.name)
            raise await self._failed("cost_unknown", text)
        told = {"cost": cost.to_wire()} if cost else {}
        try:
            await self._row.change(
                cost=cost or UNCHANGED,
                paying=(cost, self._budget) if cost and self._budget else None,
                status=TaskStatus.PROCESSING,
                started_at=now,
                attempts=record.attempts + 1,
                intent=key,
                intended_at=now,
                facts={
                    **(record.facts or {}),
                    **told,
                    _SINCE: since,
                    _KIND: self._engine.instance.kind,
                },
            )
        except Refusal as refusal:  # what was spent since it was accepted was more than expected
            return NotStarted(UpstreamBusy(refusal.text), OVER_BUDGET_S)
        try:
            return await self._engine.start(job, key)
        except UpstreamRefused as refused:
            raise await self._failed(refused.code, refused.text) from refused
        except (UpstreamBusy, UpstreamAway) as later:
            await self._row.change(
                status=TaskStatus.PENDING, intent=None, intended_at=None, started_at=None
            )
            return NotStarted(later, later.retry_after_s)
        except UpstreamUnsure as unsure:
            return await self._look_for(job, unsure.text)
        except Exception:  # an engine's fault: who knows how far it had come
            logger.exception("The engine %r failed in creating a task", self._engine.name)
            return await self._look_for(job, UpstreamUnsure.default)

    def _cost(self, plan: Plan) -> Cost | None:
        """What it is expected to cost now: the price may be another than when it was accepted."""
        price, amount = self._engine.price, self._engine.expected_cost(plan)
        if not self._engine.paid or price is None:
            return self._row.expected
        return None if amount is None else Cost(amount, price.currency)

    @property
    def _budget(self) -> Budget | None:
        """What may be spent with the engine as it is set up now."""
        price, limit = self._engine.price, self._engine.instance.budget
        if not self._engine.paid or price is None or limit is None:
            return None
        return Budget(limit, price.currency)

    async def _before(self) -> float | None:
        """The moment before the create by the upstream's clock; None = nothing can be looked for.

        Written with the intent: the next gateway may be the one that looks.
        """
        try:
            return await self._engine.before(self._context.clock())
        except UpstreamError:
            return None
        except Exception:
            logger.exception("The engine %r failed before a create", self._engine.name)
            return None

    async def _look_for(self, job: Job, why: Text) -> str:
        """Return the handle of a create whose answer was lost, where it is found for certain."""
        self.stage = texts.LOOKING
        record = self._row.record
        since = (record.facts or {}).get(_SINCE, record.intended_at)
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
        raise await self._failed("outcome_unknown", why, cost=self._row.settled())

    async def _is_known(self, handle: str) -> bool:
        return await self._context.store.knows_handle(self._engine.name, handle)

    async def _follow(self, handle: str) -> None:
        policy = PollingPolicy(first_s=self._engine.first_look_s, growth=1.3, longest_s=15.0)
        looks = away = 0
        asked_ms: int | None = None
        while True:
            pause_s = next_delay(policy, looks=looks, poll_after_ms=asked_ms)
            await self._pause(_away_s(away) if away else pause_s)
            if self._stopped is not None:
                await self._cancelled(self._stopped)
            try:
                told = await self._engine.poll(handle)
            except UpstreamGone as gone:
                cost = self._row.settled()
                why = texts.GONE(why=gone.text) if self._engine.paid else gone.text
                raise await self._failed(gone.code, why, cost=cost) from gone
            except EngineError as error:
                away += 1
                await self._bear(error, self._lifetime_end())
                continue
            asked_ms = None if told.poll_after_s is None else int(told.poll_after_s * 1000)
            same = away == 0 and (told.where, told.progress) == (self._where, self.progress)
            looks, away = looks + 1 if same else 0, 0
            await self._hear(told)
            if told.where == "succeeded":
                await self._fetch(handle, told)
            else:
                await self._end_of_life(texts.NEVER_ENDED)

    async def _hear(self, told: Upstream) -> None:
        if told.where == "failed":
            cost = self._actual(told) if told.usage or told.cost else None
            code = told.error_code or "upstream_failed"
            raise await self._failed(code, told.error or texts.FAILED, cost=cost, told=told)
        if told.where == "cancelled":
            await self._cancelled(self._stopped or Stopped(True, texts.STOPPED_THERE))
        if told.where == "running" and self._where == "queued":
            await self._row.change(started_at=self._context.clock())
        self._where, self.progress = told.where, told.progress
        self.stage = texts.QUEUED if told.where == "queued" else texts.RUNNING

    async def _fetch(self, handle: str, told: Upstream) -> None:
        self.stage, self.progress = texts.FETCHING, None
        deadline = told.expires_at or self._lifetime_end()
        away = bad = 0
        with self._context.ingest.draft() as draft:
            while True:
                try:
                    facts = await self._engine.fetch(handle, draft.video)
                    facts = {**told.facts, **facts, "usage": told.usage, "handle": handle}
                    images = await self._images()
                    done = await self._context.ingest.keep(draft, self._row.record, images, facts)
                    return await self._complete(told, done)
                except Undecodable as error:
                    bad += 1
                    if bad >= BAD_VIDEOS:
                        cost = self._actual(told)
                        raise await self._failed("not_a_video", error.text, cost=cost) from error
                except UpstreamGone as gone:
                    cost = self._actual(told)
                    raise await self._failed(gone.code, gone.text, cost=cost) from gone
                except UpstreamRefused as no:  # some say so only when the result is asked for
                    cost = self._actual(told) if told.usage or told.cost else None
                    raise await self._failed(no.code, no.text, cost=cost, told=told) from no
                except (EngineError, CheckFailed) as error:
                    away += 1
                    await self._bear(error, deadline)
                except OSError as error:  # what is paid for is not given up for a full disk
                    logger.warning("The video of %s cannot be kept: %s", self._row.record.id, error)
                    self.stage = texts.DISK(why=error.strerror or str(error))
                    await self._end_of_life(self.stage)
                await self._context.sleep(_away_s(away) if away else PAUSE_S)

    async def _complete(self, told: Upstream, done: dict[str, Any]) -> None:
        cost = self._actual(told)
        facts = {
            "video": done["video"],
            "usage": told.usage,
            "cost": cost.to_wire() if cost else told.cost,
            "last_frame": done["last_frame"],
            **told.facts,
        }
        ended = await self._row.change(
            cost=cost,
            status=TaskStatus.COMPLETED,
            finished_at=self._context.clock(),
            sha256=done["sha256"],
            video_s=done["video"]["duration_s"],
            facts=facts,
        )
        self._context.finished(ended)
        raise Ended

    async def _images(self) -> list[tuple[str, str]]:
        record = self._row.record
        try:
            found = await self._context.uploads.find(record.owner, record.images)
        except Refusal:
            return []  # a video is kept whatever became of its images
        return [(image.sha256, image.role) for image in found]

    async def _bear(self, error: EngineError | CheckFailed, deadline: float) -> None:
        """Ask again what could not be asked, as long as the upstream keeps it."""
        self.stage = error.text
        if self._context.clock() > deadline:
            code = "video_unchecked" if isinstance(error, CheckFailed) else "upstream_gone"
            raise await self._failed(code, error.text, cost=self._row.settled())

    async def _after_fault(self) -> None:
        """Wait and begin anew where it stands: what was sent is never sent again."""
        await self._end_of_life(texts.FAULT)
        if self._row.record.intent is None:
            self.created.set()
        await self._pause(AWAY_LONGEST_S)
        if self._stop_wanted.is_set() and self._stopped is None:
            await self._cancelled(Stopped(True))

    async def _end_of_life(self, why: Text) -> None:
        """Past its lifetime a task ends, whatever is wrong: it must not hold its place for ever."""
        if self._context.clock() > self._lifetime_end():
            raise await self._failed("upstream_gone", why, cost=self._row.settled())

    async def _pause(self, seconds: float) -> None:
        """Sleep, unless it is stopped meanwhile."""
        sleeping = asyncio.ensure_future(self._context.sleep(seconds))
        stopping = asyncio.ensure_future(self._stop_wanted.wait())
        try:
            await asyncio.wait({sleeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            stopping.cancel()

    async def _cancelled(self, stopped: Stopped) -> None:
        if stopped.note is not None:
            await self._row.note(stopped.note)
        cost = self._row.settled() if stopped.charged else None
        self._context.finished(await self._row.end(TaskStatus.CANCELLED, cost))
        raise Ended

    async def _failed(
        self, code: str, text: Text, *, cost: Cost | None = None, told: Upstream | None = None
    ) -> Ended:
        facts = {"usage": told.usage} if told and told.usage else {}
        ended = await self._row.end(
            TaskStatus.FAILED, cost, error=text, error_code=code, facts=facts
        )
        self._context.finished(ended)
        return Ended()

    def _actual(self, told: Upstream) -> Cost | None:
        """What it has cost: as the provider tells, as counted by its usage, or as expected."""
        price = self._engine.price
        parameters = self._row.record.parameters
        counted = None if price is None else price.actual(parameters, told.usage)
        if price is not None and counted is not None:
            return Cost(counted, price.currency, settled=True)
        return Cost.from_wire(told.cost) or self._row.settled()

    def _lifetime_end(self) -> float:
        record = self._row.record
        return (record.intended_at or record.created_at) + self._engine.lifetime_s


def is_of(record: TaskRecord, engine: Engine | None) -> bool:
    """Whether an engine is of the kind that a task was sent by; true of one that was not sent."""
    if record.intent is None:
        return engine is not None
    kind = (record.facts or {}).get(_KIND)
    return isinstance(engine, RemoteEngine) and kind in (None, engine.instance.kind)


def upstream_name(handle: str) -> str:
    """Return what a handle is called upstream, for people who look for it there."""
    try:
        values = json.loads(handle).values()
    except (ValueError, AttributeError):
        return handle[:100]
    return " ".join(str(value) for value in values)[:100]


def _job(record: TaskRecord, images: tuple[Any, ...]) -> Job:
    plan = Plan(record.parameters, record.seed, record.notes, record.estimated_s)
    unused = Path()
    return Job(record.message_id, record.prompt, plan, unused, unused, images)


def _away_s(failures: int) -> float:
    return float(min(AWAY_LONGEST_S, 2.0 ** min(failures, 10)))
