"""Batches: creating, querying, retrying and cancelling tables of tasks."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ...engines import InputImage
from ...errors import VideogenError
from ...protocol.batches import Which
from ...protocol.models import ImageRef, TaskStatus
from ..files.uploads import Upload
from ..limits.budgets import payees
from ..refusals import Refusal
from ..requester import Requester
from ..storage.batches import Admitted, BatchStore, Candidate, Entry
from ..storage.task_record import ImageUse, TaskRecord
from ..threads import in_thread
from .batch_rows import Row, RowsRefused, check_name, read_rows
from .cancel_all import cancel_each
from .costs.consent import Consent
from .gateway import Gateway
from .images import shrunk_notes
from .validation import all_images

MAX_LINKS: Final = 200  # images of one batch that are downloaded
LINKS_AT_ONCE: Final = 3  # as many as one person may have in flight
UNKNOWN: Final = "outcome_unknown"


@dataclass(frozen=True, slots=True)
class Weighed:
    """The evaluation of a table: its rows, refused ones, and the estimate for new ones."""

    admitted: list[Admitted]
    refused: list[Row]
    seconds: float | None
    cost: dict[str, float]
    unpriced: int


class Batches:
    """Batch operations of the gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._store = BatchStore(gateway.database, gateway.store)
        self._admitting = asyncio.Lock()  # room is counted and taken in one go

    async def create(
        self,
        requester: Requester,
        name: Any,
        rows: Any,
        *,
        dry_run: bool = False,
        consent: Consent | None = None,
        notify: str | None = None,
    ) -> Weighed:
        """Create a task for every row; they are on disk when this returns.

        Args:
            consent: the agreed cost of the new rows, if required.
            notify: a webhook to call once when all rows have ended.

        Raises:
            RowsRefused: some rows are invalid; nothing was created. Not with ``dry_run``.
            BadParameter, Refusal: the table as a whole is refused.
        """
        check_name(name)
        if notify is not None:
            self._gateway.webhooks.check(notify)
        read = await in_thread(read_rows, rows, name)
        await self._look_up(requester, name, read)
        await self._plan(requester, read)
        refused = [row for row in read if row.problem is not None]
        if refused and not dry_run:
            raise RowsRefused(refused, len(read))
        good = [row for row in read if row.problem is None]
        candidates = [row.candidate for row in good if row.candidate is not None]
        if dry_run:
            return await self._foresee(requester, name, candidates, refused)
        if consent is not None:
            foreseen = await self._foresee(requester, name, candidates)
            consent.check(foreseen.cost, foreseen.unpriced)
        return self._weigh(candidates, await self._accept(requester, name, candidates, notify))

    async def state(
        self, requester: Requester, name: str, changed_since: float | None
    ) -> tuple[list[Admitted], dict[str, int], float]:
        """Return the state of a batch. See :meth:`BatchStore.state`."""
        return await self._store.state(requester.owner, name, changed_since)

    async def again(
        self, requester: Requester, name: str, which: Which, keys: Collection[str] | None
    ) -> list[Admitted]:
        """Retry rows that ended without a video, all or none, with new tasks.

        Raises:
            Refusal: the batch does not exist, or too many tasks are waiting.
        """
        entries = await self._store.entries(requester.owner, name)
        found = await self._store.of(requester.owner, name, keys)
        rows = [row for row in found if _is(row, which) and row.key in entries]
        images = await self._images(requester, [use for row in rows for use in row.record.images])
        candidates = await in_thread(self._anew, requester, rows, entries, images)
        return await self._accept(requester, name, candidates)

    async def cancel(
        self, requester: Requester, name: str, keys: Collection[str] | None
    ) -> tuple[list[Admitted], int]:
        """Cancel unfinished rows, the last one first, so that no others start meanwhile.

        Return the cancelled rows, and the number that could not be cancelled.
        """
        rows = await self._store.of(requester.owner, name, keys)
        unfinished = [row.record for row in rows if not row.record.status.finished]
        cancelled, late = await cancel_each(self._gateway, unfinished)
        return [
            replace(row, record=cancelled[row.record.message_id])
            for row in rows
            if row.record.message_id in cancelled
        ], late

    async def _look_up(self, requester: Requester, name: str, rows: Sequence[Row]) -> None:
        entries = await self._store.entries(requester.owner, name)
        for row in rows:
            entry = entries.get(row.key or "")
            row.known = entry is not None and entry.digest == row.digest

    async def _plan(self, requester: Requester, rows: Sequence[Row]) -> None:
        """Plan each new row, or record its error."""
        fetched = await self._fetch(requester, rows)
        uses = {row.number: _uses(row, fetched) for row in rows if row.to_plan}
        found = await self._images(requester, [use for some in uses.values() for use in some])
        await in_thread(self._plan_all, requester, rows, uses, found)

    async def _fetch(self, requester: Requester, rows: Sequence[Row]) -> dict[str, str]:
        """Store each link and frame once; return the keys of the uploads."""
        wanted: dict[str, tuple[ImageRef, list[Row]]] = {}
        for row in rows:
            for image in all_images(row.to_plan) if row.to_plan else ():
                if image.attachment is None:
                    wanted.setdefault(image.source, (image, []))[1].append(row)
        if len(wanted) > MAX_LINKS:
            raise Refusal("too_many_links", count=len(wanted), limit=MAX_LINKS)
        turns = asyncio.Semaphore(LINKS_AT_ONCE)

        async def fetch(image: ImageRef, rows: list[Row]) -> str | None:
            async with turns:
                try:
                    return await self._gateway.images.key_of(requester, image)
                except VideogenError as error:
                    for row in rows:
                        row.problem = row.problem or error
                    return None

        keys = await asyncio.gather(*(fetch(*one) for one in wanted.values()))
        return {source: key for source, key in zip(wanted, keys, strict=True) if key is not None}

    async def _images(self, requester: Requester, uses: Iterable[ImageUse]) -> dict[str, Upload]:
        return await self._gateway.uploads.known(requester.owner, [use.key for use in uses])

    def _plan_all(
        self,
        requester: Requester,
        rows: Sequence[Row],
        uses: Mapping[int, tuple[ImageUse, ...]],
        found: Mapping[str, Upload],
    ) -> None:
        for row in rows:
            try:
                row.candidate = self._planned(requester, row, uses.get(row.number, ()), found)
            except VideogenError as error:
                row.problem = row.problem or error

    def _planned(
        self,
        requester: Requester,
        row: Row,
        uses: tuple[ImageUse, ...],
        found: Mapping[str, Upload],
    ) -> Candidate:
        key = row.key or ""
        order = row.to_plan
        if order is None:
            return Candidate(row.number, key, row.digest)
        plan, price = self._gateway.plan(requester, order, self._inputs(uses, found))
        plan = replace(plan, notes=(*shrunk_notes(order, found), *plan.notes))
        record = self._gateway.record(requester, order, uses, plan, price)
        again = bool(order.again) or record.digest is None
        return Candidate(row.number, key, row.digest, record, price.cost, price.allowance, again)

    def _anew(
        self,
        requester: Requester,
        rows: Sequence[Admitted],
        entries: Mapping[str, Entry],
        images: Mapping[str, Upload],
    ) -> list[Candidate]:
        candidates = []
        for row in rows:
            order = self._gateway.order_of(row.record)
            plan, price = self._gateway.plan(
                requester, order, self._inputs(row.record.images, images)
            )
            record = self._gateway.record(requester, order, row.record.images, plan, price)
            candidates.append(
                Candidate(
                    row.row,
                    row.key,
                    entries[row.key].digest,
                    record,
                    price.cost,
                    price.allowance,
                    instead_of=row.record.message_id,
                )
            )
        return candidates

    def _inputs(self, uses: Iterable[ImageUse], found: Mapping[str, Upload]) -> list[InputImage]:
        inputs = []
        for use in uses:
            if use.key not in found:
                raise Refusal("unknown_attachment", key=use.key)
            inputs.append(self._gateway.uploads.as_input(found[use.key], use.role))
        return inputs

    async def _foresee(
        self,
        requester: Requester,
        name: str,
        candidates: Sequence[Candidate],
        refused: Sequence[Row] = (),
    ) -> Weighed:
        await self._check_room(requester, candidates)
        admitted = await self._store.admit(requester.owner, name, candidates, dry_run=True)
        return self._weigh(candidates, admitted, refused)

    def _weigh(
        self,
        candidates: Sequence[Candidate],
        admitted: list[Admitted],
        refused: Sequence[Row] = (),
    ) -> Weighed:
        new = [row.record for row in admitted if row.new]
        numbers = {row.row for row in admitted if row.new}
        costs: dict[str, float] = defaultdict(float)
        unpriced = 0
        for candidate in candidates:
            if candidate.row in numbers and candidate.cost is not None:
                costs[candidate.cost.currency] += candidate.cost.amount
            elif candidate.row in numbers and candidate.record is not None:
                unpriced += self._is_paid(candidate.record)
        cost = {currency: round(amount, 6) for currency, amount in costs.items()}
        seconds = self._gateway.runner.work_s(new)
        return Weighed(admitted, list(refused), seconds, cost, unpriced)

    async def _accept(
        self,
        requester: Requester,
        name: str,
        candidates: Sequence[Candidate],
        notify: str | None = None,
    ) -> list[Admitted]:
        # Shielded: a requester who goes away now must not leave stored tasks outside the queue.
        return await asyncio.shield(self._keep(requester, name, candidates, notify))

    async def _keep(
        self, requester: Requester, name: str, candidates: Sequence[Candidate], notify: str | None
    ) -> list[Admitted]:
        async with self._admitting:
            await self._check_room(requester, candidates)
            told = (notify, self._gateway.now())
            with self._gateway.places.hold(requester.owner, _new(candidates)):
                admitted = await self._store.admit(requester.owner, name, candidates, notify=told)
            for row in admitted:
                if row.new:
                    self._gateway.runner.submit(row.record)
        if notify is not None:
            self._gateway.notifier.wake()  # where all rows have ended already
        return admitted

    async def _check_room(self, requester: Requester, candidates: Sequence[Candidate]) -> None:
        if new := _new(candidates):
            await self._gateway.places.check(requester.owner, new)

    def _is_paid(self, record: TaskRecord) -> bool:
        engine = self._gateway.registry.engines.get(record.asked_for)
        return engine is not None and bool(payees(engine))


def _new(candidates: Sequence[Candidate]) -> int:
    return sum(candidate.record is not None for candidate in candidates)


def _uses(row: Row, fetched: Mapping[str, str]) -> tuple[ImageUse, ...]:
    order = row.to_plan
    if order is None:
        return ()
    return tuple(
        ImageUse(fetched[i.source] if i.attachment is None else i.attachment.key, i.role)
        for i in all_images(order)
    )


def _is(row: Admitted, which: Which) -> bool:
    record = row.record
    if which == "unknown":
        return record.error_code == UNKNOWN
    return record.status is TaskStatus(which) and record.error_code != UNKNOWN
