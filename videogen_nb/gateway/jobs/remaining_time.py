"""Estimating durations from engines' guesses and from measured times."""

from __future__ import annotations

import statistics
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ...protocol.status_texts import LEAST_PROGRESS
from ..storage.task_record import TaskRecord

REMEMBERED: Final = 15  # videos an engine: how busy a machine is changes
FORESEEN: Final = 100  # beyond so many others an estimate is a guess, and costs time each time

#: When progress was seen first (epoch seconds), and how far it was.
Begun = tuple[float, float]


class Estimates:
    """Medians of work time per second of the engine's guess, and per second of video."""

    def __init__(self) -> None:
        self._costs: dict[tuple[str, ...], deque[float]] = defaultdict(
            lambda: deque(maxlen=REMEMBERED)
        )

    def learn(self, records: Iterable[TaskRecord]) -> None:
        """Learn from completed tasks, oldest first."""
        for record in records:
            if record.work_s is not None:
                for kind, size in _sizes(record):
                    self._costs[kind].append(record.work_s / size)

    def whole_s(self, record: TaskRecord) -> float | None:
        """Return the work time of a task, from similar videos or the engine's guess; else None."""
        for kind, size in _sizes(record):
            if costs := self._costs.get(kind):
                return statistics.median(costs) * size
        return record.estimated_s

    def remaining_s(
        self,
        record: TaskRecord,
        progress: float | None,
        now: float,
        begun: Begun | None = None,
    ) -> float | None:
        """Return the remaining time of a running task; None once the estimate is exceeded.

        Args:
            begun: when to start measuring its pace; None = the start of its work. The start-up time
                of a worker says nothing about its speed.
        """
        if record.started_at is None:
            return self.whole_s(record)
        since, before = begun or (record.started_at, 0.0)
        if progress is not None and progress - before >= LEAST_PROGRESS:
            return max(0.0, now - since) / (progress - before) * (1.0 - progress)
        whole, elapsed = self.whole_s(record), max(0.0, now - record.started_at)
        return whole - elapsed if whole is not None and whole > elapsed else None


def until_done_s(shares: Sequence[float | None], slots: int) -> float | None:
    """Return the seconds until all of these tasks are done, ``slots`` at a time.

    Args:
        shares: seconds of work left for each, in the order in which they start; None = unknown,
            and then so is the result.
    """
    known = [share for share in shares if share is not None]
    if len(known) < len(shares) or not known:
        return None
    return sum(known[:-1]) / max(1, slots) + known[-1]


def _sizes(record: TaskRecord) -> Iterator[tuple[tuple[str, ...], float]]:
    """Yield measures that the work time is proportional to, the best first, with their kinds."""
    if record.estimated_s:
        yield (record.engine, "guess"), record.estimated_s
    seconds = record.video_s or record.parameters.get("duration")
    if isinstance(seconds, (int, float)) and seconds > 0:
        yield (record.engine, "resolution", str(record.parameters.get("resolution"))), seconds
        yield (record.engine, "video"), seconds
    yield (record.engine, "any"), 1.0  # its length is the engine's to choose
