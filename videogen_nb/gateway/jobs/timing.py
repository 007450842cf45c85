"""How long a video will take: as the engine guesses, set right by what its videos took here."""

from __future__ import annotations

import statistics
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ..storage.task_record import TaskRecord

REMEMBERED: Final = 15  # videos an engine: how busy a machine is changes
FORESEEN: Final = 100  # beyond so many others an estimate is a guess, and costs time each time
FIT_FOR_USE: Final = 0.05  # progress by less than this share says nothing about the rest

#: When progress was seen first (epoch seconds), and how far it was.
Begun = tuple[float, float]


class Estimates:
    """Medians of how long work took, per second of the engine's own guess and of video."""

    def __init__(self) -> None:
        self._costs: dict[tuple[str, ...], deque[float]] = defaultdict(
            lambda: deque(maxlen=REMEMBERED)
        )

    def learn(self, records: Iterable[TaskRecord]) -> None:
        """Take completed tasks into account, oldest first."""
        for record in records:
            if record.work_s is not None:
                for kind, size in _sizes(record):
                    self._costs[kind].append(record.work_s / size)

    def whole_s(self, record: TaskRecord) -> float | None:
        """Work seconds of a task: from videos like it, else the engine's own guess, else None."""
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
        """Return what is left of a task under way; None once it has outlived its estimate.

        Args:
            begun: from where its pace is measured; None = from the start of its work. A worker
                that had to start first says nothing about how quickly it draws.
        """
        if record.started_at is None:
            return self.whole_s(record)
        since, before = begun or (record.started_at, 0.0)
        if progress is not None and progress - before >= FIT_FOR_USE:
            return max(0.0, now - since) / (progress - before) * (1.0 - progress)
        whole, elapsed = self.whole_s(record), max(0.0, now - record.started_at)
        return whole - elapsed if whole is not None and whole > elapsed else None


def until_done_s(shares: Sequence[float | None], slots: int) -> float | None:
    """Return the seconds until the last of some tasks is done, where ``slots`` are made at once.

    Args:
        shares: seconds of work left of each, in the order in which they are begun; None = unknown,
            and then so is the whole.
    """
    known = [share for share in shares if share is not None]
    if len(known) < len(shares) or not known:
        return None
    return sum(known[:-1]) / max(1, slots) + known[-1]


def _sizes(record: TaskRecord) -> Iterator[tuple[tuple[str, ...], float]]:
    """What the work of a task grows with, the truest first, each with its kind."""
    if record.estimated_s:
        yield (record.engine, "guess"), record.estimated_s
    seconds = record.video_s or record.parameters.get("duration")
    if isinstance(seconds, (int, float)) and seconds > 0:
        yield (record.engine, "resolution", str(record.parameters.get("resolution"))), seconds
        yield (record.engine, "video"), seconds
