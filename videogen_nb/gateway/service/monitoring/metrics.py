"""Metrics in the text format of Prometheus."""

from __future__ import annotations

import shutil
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from ...._version import __version__
from ....protocol.models import TaskStatus
from ....settings import Settings
from ...files.videos import VideoFiles
from ...storage.ledger import Spent
from ...storage.store import Store
from ...storage.task_record import TaskRecord
from ...threads import in_thread

if TYPE_CHECKING:
    from prometheus_client import Metric

#: Upper ends of the classes of durations, in seconds; the last class has none.
BUCKETS_S: Final = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800)


class Metrics:
    """Counts ended tasks by engine, and reports the current state.

    Counters start at 0 with each gateway, as Prometheus expects; spending is the recorded total.
    """

    def __init__(self, store: Store, video_files: VideoFiles, settings: Settings) -> None:
        self._store = store
        self._video_files = video_files
        self._settings = settings
        self._ended: Counter[tuple[str, str, str]] = Counter()
        self._bytes: Counter[str] = Counter()
        self._seconds: defaultdict[str, _Durations] = defaultdict(_Durations)

    def count(self, record: TaskRecord) -> None:
        """Count an ended task."""
        self._ended[record.engine, record.status.value, record.error_code or ""] += 1
        if record.status is TaskStatus.COMPLETED:
            if record.work_s is not None:
                self._seconds[record.engine].add(record.work_s)
            with suppress(OSError):  # it may be deleted already
                size = self._video_files.video(record.video).stat().st_size
                self._bytes[record.engine] += size

    async def text(self) -> bytes:
        """Return all metrics."""
        spent = await self._store.spent()
        standing = self._store.standing()  # here: meanwhile nothing may come or go
        return await in_thread(self._text, spent, standing)

    def _text(self, spent: Sequence[Spent], standing: Mapping[tuple[str, str], int]) -> bytes:
        # Imported here: it costs a gateway that nobody watches a tenth of its start.
        from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
        from prometheus_client.registry import Collector

        families = [*self._counted(), *_money(spent), *self._standing(standing)]

        class Now(Collector):
            def collect(self) -> list[Metric]:
                return families

        registry = CollectorRegistry()
        registry.register(Now())
        ProcessCollector(registry=registry)
        return generate_latest(registry)

    def _counted(self) -> list[Metric]:
        from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

        ended = CounterMetricFamily(
            "videogen_tasks_ended",
            "Tasks that have ended: how, and with which error code.",
            labels=["engine", "status", "code"],
        )
        for labels, count in self._ended.copy().items():
            ended.add_metric(labels, count)
        size = CounterMetricFamily(
            "videogen_video_bytes", "Bytes of the videos made.", labels=["engine"]
        )
        for engine, count in self._bytes.copy().items():
            size.add_metric([engine], count)
        seconds = HistogramMetricFamily(
            "videogen_task_duration_seconds",
            "Seconds from the start of a completed task to its end.",
            labels=["engine"],
        )
        for engine, durations in self._seconds.copy().items():
            seconds.add_metric([engine], durations.buckets(), durations.sum_s)
        return [ended, size, seconds]

    def _standing(self, standing: Mapping[tuple[str, str], int]) -> list[Metric]:
        from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

        tasks = GaugeMetricFamily(
            "videogen_tasks",
            "Tasks that have not ended: waiting (pending) or under way (processing).",
            labels=["engine", "status"],
        )
        for (engine, status), count in standing.items():
            tasks.add_metric([engine, status], count)
        workers = GaugeMetricFamily(
            "videogen_workers",
            "Videos that are rendered here at the same time.",
            value=self._settings.workers,
        )
        free = GaugeMetricFamily(
            "videogen_free_bytes",
            "Bytes free on the disk of the data folder.",
            value=shutil.disk_usage(self._settings.data_folder).free,
        )
        about = InfoMetricFamily(
            "videogen", "The version that runs.", value={"version": __version__}
        )
        return [tasks, workers, free, about]


class _Durations:
    """A histogram of durations."""

    def __init__(self) -> None:
        self._counts = [0] * (len(BUCKETS_S) + 1)
        self.sum_s = 0.0

    def add(self, seconds: float) -> None:
        """Add a duration."""
        self._counts[bisect_left(BUCKETS_S, seconds)] += 1
        self.sum_s += seconds

    def buckets(self) -> list[tuple[str, float]]:
        """Return cumulative counts by upper bound."""
        ends = [*(f"{end:g}" for end in BUCKETS_S), "+Inf"]
        return list(zip(ends, accumulate(self._counts), strict=True))


def _money(spent: Sequence[Spent]) -> list[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    labels = ["engine", "currency"]
    paid = CounterMetricFamily("videogen_spend", "What the videos have cost.", labels=labels)
    reserved = GaugeMetricFamily(
        "videogen_reserved", "What the tasks under way are expected to cost.", labels=labels
    )
    for one in spent:
        paid.add_metric([one.engine, one.currency], one.spent)
        reserved.add_metric([one.engine, one.currency], one.expected)
    return [paid, reserved]
