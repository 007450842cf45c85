"""``Gateway``: creating, finding, cancelling, retrying and deleting tasks."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ...engines import InputImage, Plan
from ...engines.registry import Registry
from ...engines.remote import RemoteEngine
from ...i18n import Text
from ...local.installation import is_gone
from ...people.lookup import People
from ...protocol.models import GenerateRequest, Spending, TaskStatus
from ...settings import Settings
from ..files.uploads import Uploads
from ..files.videos import VideoFiles, new_name
from ..jobs.cluster.config import read_cluster
from ..jobs.runner import Runner
from ..limits.queue_places import QueuePlaces
from ..limits.quotas import Quotas
from ..limits.videos_per_day import allowance_of
from ..notify.notifier import Notifier
from ..notify.webhook import Webhooks
from ..outgoing.connections import Guarded
from ..outgoing.fetcher import Fetcher
from ..outgoing.resolver import Lookup, system_lookup
from ..refusals import Refusal, installation_gone
from ..requester import Requester
from ..storage.database import Database
from ..storage.idempotency import IdempotencyKey, retry_key
from ..storage.store import Store
from ..storage.task_record import HOPS, ImageUse, TaskRecord, new_id
from ..storage.task_writer import Sleep
from ..threads import in_thread
from .costs.consent import Consent
from .costs.spending import spendings
from .costs.terms import Terms, terms
from .images import Images, check_videos, shrunk_notes
from .monitoring.metrics import Metrics
from .monitoring.task_log import log_end
from .upkeep import Upkeep
from .validation import idempotency_key, read_order, requested


class Gateway:
    """A gateway with its data folder. ``open`` it before use, ``close`` it afterwards."""

    def __init__(
        self,
        settings: Settings,
        people: People,
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        lookup: Lookup = system_lookup,
    ) -> None:
        folder = settings.data_folder
        self.settings = settings
        self.people = people
        self.started_at = clock()
        self.instance = secrets.token_hex(16)  # by which whoever started this one knows it again
        self._clock = clock
        self._monotonic = monotonic
        self._touched = monotonic()
        self._in_flight: set[tuple[str, str]] = set()
        self._is_open = False
        self.database = Database(folder)
        self.registry = Registry(folder, settings.engine)
        self.store = Store(self.database, clock)
        self.video_files = VideoFiles(settings.video_folder)
        self.metrics = Metrics(self.store, self.video_files, settings)
        self.quotas = Quotas(settings, people)
        self.uploads = Uploads(folder / "uploads", self.database, self.quotas, clock)
        fetcher = Fetcher(settings.allow_networks, lookup=lookup)
        self.images = Images(self.store, self.uploads, self.video_files, self.quotas, fetcher)
        self.runner = Runner(
            self.store,
            self.video_files,
            self.uploads,
            self.registry.engines,
            people,
            slots=settings.workers,
            cluster=read_cluster(folder),
            clock=clock,
            sleep=sleep,
            on_finished=self._ended,
        )
        self.places = QueuePlaces(
            self.quotas, waiting=self.runner.waiting, unfinished=self.store.unfinished
        )
        self.upkeep = Upkeep(people, self.registry, self.store, self.runner, self.uploads)
        guarded = Guarded(settings.allow_networks, lookup=lookup)
        self.webhooks = Webhooks(settings.notify_hosts, guarded, folder)
        self.notifier = Notifier(
            self.database, self.store, self.webhooks, clock=clock, touch=self.touch
        )

    async def open(self) -> None:
        """Acquire the folder and resume unfinished tasks.

        Raises:
            LocalGatewayError: the folder is in use or unusable.
        """
        await self.database.open()
        try:
            await in_thread(self.video_files.open)
            await self._bury(await self.store.doomed())
            await self.uploads.open()
            await self.runner.open()
        except BaseException:
            await self.database.close()
            raise
        self.notifier.open()
        self.upkeep.open()
        self._is_open = True

    async def close(self) -> None:
        """Stop and release the folder; unfinished tasks are kept. Can be called repeatedly."""
        if not self._is_open:
            return
        self._is_open = False
        self.upkeep.close()
        await self.runner.close()
        await self.notifier.close()
        for engine in self.registry.retired:
            if isinstance(engine, RemoteEngine):
                await engine.aclose()
        await self.uploads.close()
        await self.images.close()
        await self.database.close()

    def touch(self) -> None:
        """Record that the gateway is in use."""
        self._touched = self._monotonic()

    def _ended(self, record: TaskRecord) -> None:
        self.touch()
        self.metrics.count(record)
        log_end(record)
        self.notifier.wake()

    def unfinished(self) -> int:
        """Return the number of unfinished tasks."""
        return self.store.unfinished()

    def idle_s(self) -> float:
        """Return the seconds since the last request or end of a task."""
        return self._monotonic() - self._touched

    async def create(
        self,
        requester: Requester,
        body: Any,
        key: str | None = None,
        notes: tuple[Text, ...] = (),
        consent: Consent | None = None,
    ) -> TaskRecord:
        """Create a task; it is on disk when this returns.

        Args:
            notes: adjustments made by another protocol.
            consent: the agreed cost, if required.

        Raises:
            BadInput, Refusal: nothing was created; the message says why.
        """
        if is_gone():
            raise installation_gone()
        order = read_order(body)
        named = idempotency_key(key, body)
        del body  # of what it holds, only what was read is kept while images are waited for
        if named is None:
            return await self._create(requester, order, None, notes, consent)
        place = (requester.owner, named.key)
        if place in self._in_flight:
            raise Refusal("in_flight", retry_after_s=1)
        self._in_flight.add(place)
        try:
            made = await self.store.made_by(requester.owner, named)
            return made or await self._create(requester, order, named, notes, consent)
        finally:
            self._in_flight.discard(place)

    async def retry(
        self, requester: Requester, conversation_id: str, message_id: str
    ) -> TaskRecord:
        """Retry a failed or cancelled task as a new task with this one as its parent.

        Repeated calls create one attempt: they return the one that is running or succeeded. A
        failed attempt can be retried itself.

        Raises:
            Refusal: the task does not exist, has not ended, or has a video.
        """
        old = await self.find(requester, conversation_id, message_id)
        # It stays that person's task.
        requester = replace(requester, person=self.people.named(old.owner))
        if old.status is TaskStatus.COMPLETED:
            raise Refusal("task_completed")
        if not old.status.finished:
            raise Refusal("task_unfinished", state=old.status)
        while (made := await self.store.made_by(requester.owner, _retry_of(old))) is not None:
            if made.status is not TaskStatus.CANCELLED:
                return made
            old = made
        order = self.order_of(old)
        return await self._plan_and_accept(
            requester, order, old.images, _retry_of(old), instead_of=old.message_id
        )

    def order_of(self, record: TaskRecord) -> GenerateRequest:
        """Return the request of a task, to be repeated with it as the parent."""
        return GenerateRequest(
            prompt=record.prompt,
            engine=record.asked_for,
            conversation_id=record.conversation_id,
            section_id=record.section_id,
            group=record.group,
            labels=list(record.labels),
            parent=str(record.id),
            again=True,
            notify=record.notify if self.webhooks.allows(record.notify or "") else None,
            **record.requested,
        )

    async def spending(self, requester: Requester) -> list[Spending]:
        """Return what paid engines have cost, for everyone or for the sender."""
        engines, sees_all = list(self.registry.engines.values()), requester.person.sees_all
        spent = await self.store.spent(None if sees_all else requester.owner)
        return spendings(engines, spent, budgets_told=sees_all)

    async def cancel(
        self, requester: Requester, conversation_id: str, message_id: str
    ) -> TaskRecord:
        """Cancel a task. Raises Refusal if it does not exist or has already ended."""
        record = await self.find(requester, conversation_id, message_id)
        return await asyncio.shield(self.runner.cancel(record))

    async def adopt(self, old: TaskRecord, record: TaskRecord) -> TaskRecord:
        """Take over a failed task at its provider. Raises Refusal if another person's task did."""
        kept, is_new = await self.store.adopt(old, record)
        if is_new:
            self.runner.submit(kept)
        return kept

    def now(self) -> float:
        """Return UTC seconds."""
        return self._clock()

    async def find(self, requester: Requester, conversation_id: str, message_id: str) -> TaskRecord:
        """Return a task that the sender may access: their own, or any for teachers.

        Raises:
            Refusal: the task does not exist.
        """
        owner = None if requester.person.sees_all else requester.owner
        return await self.store.get(owner, conversation_id, message_id)

    async def forget(
        self, requester: Requester, conversation_id: str, message_id: str
    ) -> TaskRecord:
        """Delete a finished task and its video.

        Raises:
            Refusal: the task does not exist or has not ended.
        """
        record = await self.store.get(requester.owner, conversation_id, message_id)
        if not record.status.finished:
            raise Refusal("task_unfinished", state=record.status)
        await self.forget_all([record])
        return record

    async def forget_all(self, records: Sequence[TaskRecord]) -> None:
        """Delete finished tasks and their videos."""
        await self.store.forget(records)
        await self._bury([record.video for record in records])

    async def _create(
        self,
        requester: Requester,
        order: GenerateRequest,
        key: IdempotencyKey | None,
        notes: tuple[Text, ...],
        consent: Consent | None,
    ) -> TaskRecord:
        self.registry.find(order.engine)  # before anything is downloaded in vain
        await self.places.check(requester.owner)
        uses = await self.images.uses_of(requester, order)
        found = await self.uploads.known(requester.owner, [use.key for use in uses])
        notes = (*notes, *shrunk_notes(order, found))
        return await self._plan_and_accept(requester, order, uses, key, notes, consent=consent)

    async def _plan_and_accept(
        self,
        requester: Requester,
        order: GenerateRequest,
        uses: tuple[ImageUse, ...],
        key: IdempotencyKey | None,
        notes: tuple[Text, ...] = (),
        instead_of: str | None = None,
        consent: Consent | None = None,
    ) -> TaskRecord:
        await self.places.check(requester.owner)  # images may have been waited for
        images = await self.uploads.find(requester.owner, uses)
        plan, price = await in_thread(self.plan, requester, order, images)
        if consent is not None:
            consent.check_terms(price)
        plan = replace(plan, notes=(*notes, *plan.notes))
        record = self.record(requester, order, uses, plan, price)
        # Shielded: a requester who goes away now must not leave a stored task outside the line.
        accepting = self._accept(record, key, price, bool(order.again), instead_of)
        return await asyncio.shield(accepting)

    def plan(
        self, requester: Requester, order: GenerateRequest, images: list[InputImage]
    ) -> tuple[Plan, Terms]:
        """Return the plan of a request, and its terms. Raises BadInput, Refusal."""
        if order.notify is not None:
            self.webhooks.check(order.notify)
        engine = self.registry.find(order.engine)
        check_videos(engine, images)
        plan = engine.plan(order.prompt, requested(order), images)
        allowance = allowance_of(self.people, requester.owner, engine)
        return plan, terms(engine, order.prompt, plan, images, allowance)

    async def _accept(
        self,
        record: TaskRecord,
        key: IdempotencyKey | None,
        price: Terms,
        again: bool,
        instead_of: str | None,
    ) -> TaskRecord:
        with self.places.hold(record.owner):  # the last one may be gone by now
            kept = await self.store.add(
                record,
                key,
                cost=price.cost,
                allowance=price.allowance,
                again=again or record.digest is None,
                instead_of=instead_of,
            )
        if kept is record:
            self.runner.submit(record)
        return kept

    def record(
        self,
        requester: Requester,
        order: GenerateRequest,
        uses: tuple[ImageUse, ...],
        plan: Plan,
        price: Terms,
    ) -> TaskRecord:
        """Return the task for a planned request, not yet stored."""
        now = self._clock()
        return TaskRecord(
            message_id=new_id(),
            conversation_id=order.conversation_id or new_id(),
            section_id=order.section_id or new_id(),
            owner=requester.owner,
            status=TaskStatus.PENDING,
            created_at=now,
            updated_at=now,
            prompt=order.prompt,
            engine=order.engine or self.registry.default,
            video=new_name(),
            requested=requested(order),
            parameters=plan.parameters,
            images=uses,
            seed=plan.seed,
            group=order.group,
            parent=order.parent,
            labels=tuple(order.labels or ()),
            notify=order.notify,
            notify_at=None if order.notify is None else now,
            notes=plan.notes,
            drawn=plan.drawn,
            estimated_s=plan.estimated_s,
            facts=_facts_of(order, price),
            digest=price.digest,
        )

    async def _bury(self, videos: Sequence[str]) -> None:
        for video in videos:
            await in_thread(self.video_files.remove, video)
        await self.store.buried(videos)


def _facts_of(order: GenerateRequest, price: Terms) -> dict[str, Any] | None:
    cost = {"cost": price.cost.to_wire()} if price.cost else {}
    hops = {HOPS: order.hops} if order.hops else {}
    return {**cost, **hops} or None


def _retry_of(record: TaskRecord) -> IdempotencyKey:
    return IdempotencyKey(retry_key(record.message_id), "")
