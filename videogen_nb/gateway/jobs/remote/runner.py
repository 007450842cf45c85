"""All tasks that are made elsewhere: a lane an engine, and those whose engine is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from ....engines import Engine
from ....engines.remote import RemoteEngine
from ....i18n import Text
from ....protocol.models import TaskStatus
from ...storage.records import TaskRecord
from ...storage.task_writer import TaskRow
from . import texts
from .job import Means, upstream_name
from .queue import Lane


class Remotes:
    """The part of the runner that computes nothing."""

    def __init__(self, means: Means, engines: Mapping[str, Engine]) -> None:
        self._means = means
        self._engines = engines
        self._lanes: dict[str, Lane] = {}
        self._orphans: dict[str, TaskRecord] = {}

    def takes(self, record: TaskRecord) -> bool:
        """Whether a task is made elsewhere."""
        engine = self._engines.get(record.engine)
        return isinstance(engine, RemoteEngine) or (engine is None and record.intent is not None)

    def take_up(self, record: TaskRecord) -> None:
        """A task that a former gateway left."""
        if record.engine in self._engines:
            self._lane(record.engine).take_up(record)
        else:  # what may be paid for is not given up for a line missing in a settings file
            self._orphans[record.message_id] = record

    def move_on(self) -> None:
        """Begin what may be begun, once all are taken up."""
        for lane in self._lanes.values():
            lane.move_on()

    def submit(self, record: TaskRecord) -> None:
        """Put a stored task at the end of its engine's line."""
        self._lane(record.engine).submit(record.message_id)

    def waiting(self) -> int:
        """How many tasks stand in lines."""
        return sum(len(lane.waiting()) for lane in self._lanes.values())

    def position(self, record: TaskRecord) -> int | None:
        """The place in its engine's line, 0 = next; None for a task that does not wait."""
        lane = self._lanes.get(record.engine)
        line = lane.waiting() if lane else []
        return line.index(record.message_id) if record.message_id in line else None

    def progress(self, record: TaskRecord) -> float | None:
        """0 to 1 of a task under way; None where it is not told."""
        lane = self._lanes.get(record.engine)
        errand = lane.errand(record.message_id) if lane else None
        return errand.progress if errand else None

    def stage(self, record: TaskRecord) -> Text | None:
        """What is going on with it; None where nothing is known beyond its status."""
        if record.message_id in self._orphans:
            name = upstream_name(record.handle or record.intent or "?")
            return texts.ORPHAN(name=record.engine, upstream=name)
        lane = self._lanes.get(record.engine)
        if lane is None:
            return None
        errand = lane.errand(record.message_id)
        return errand.stage if errand else lane.reason(record.message_id)

    async def cancel(self, record: TaskRecord) -> None:
        """Stop a task. Raises Refusal: 409 where it cannot be stopped, 503 where not now."""
        if self._orphans.pop(record.message_id, None) is not None:
            row = TaskRow(
                self._means.store,
                record.message_id,
                clock=self._means.clock,
                sleep=self._means.sleep,
            )
            self._means.on_finished(await row.end(TaskStatus.CANCELLED, row.settled()))
        elif lane := self._lanes.get(record.engine):
            await lane.cancel(record)

    async def close(self) -> None:
        """Stop asking; what was sent is asked for again by the next gateway."""
        await asyncio.gather(*(lane.close() for lane in self._lanes.values()))
        await self._means.ingest.close()
        for engine in self._engines.values():
            if isinstance(engine, RemoteEngine):
                await engine.aclose()

    def _lane(self, name: str) -> Lane:
        if name not in self._lanes:
            self._lanes[name] = Lane(self._means, self._engines, name)
        return self._lanes[name]
