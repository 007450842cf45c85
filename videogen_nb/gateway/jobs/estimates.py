"""How long a video will take, from what this gateway's own videos took."""

from __future__ import annotations

import statistics
from collections import defaultdict, deque
from collections.abc import Iterable
from typing import Final

from ..storage.records import TaskRecord

REMEMBERED: Final = 50  # videos an engine and resolution
FIT_FOR_USE: Final = 0.05  # progress below this share says nothing about the rest


class Estimates:
    """Medians of work seconds per video second, by engine and resolution."""

    def __init__(self) -> None:
        self._costs: dict[tuple[str, str], deque[float]] = defaultdict(
            lambda: deque(maxlen=REMEMBERED)
        )

    def learn(self, records: Iterable[TaskRecord]) -> None:
        """Take completed tasks into account, oldest first."""
        for record in records:
            if record.work_s is not None and record.video_s:
                cost = record.work_s / record.video_s
                for resolution in ("", _resolution(record)):
                    self._costs[record.engine, resolution].append(cost)

    def whole_s(self, record: TaskRecord) -> float | None:
        """Work seconds of a task: from videos like it, else the engine's own guess, else None."""
        duration = record.parameters.get("duration")
        costs = self._costs.get((record.engine, _resolution(record))) or self._costs.get(
            (record.engine, "")
        )
        if costs and isinstance(duration, (int, float)):
            return statistics.median(costs) * duration
        return record.estimated_s

    def remaining_s(self, record: TaskRecord, progress: float | None, now: float) -> float | None:
        """Return what is left of a task under way; None once it has outlived its estimate."""
        if record.started_at is None:
            return self.whole_s(record)
        elapsed = max(0.0, now - record.started_at)
        if progress is not None and progress >= FIT_FOR_USE:
            return elapsed / progress * (1.0 - progress)
        whole = self.whole_s(record)
        return whole - elapsed if whole is not None and whole > elapsed else None


def _resolution(record: TaskRecord) -> str:
    return str(record.parameters.get("resolution", ""))
