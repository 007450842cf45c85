"""Polling one task at a provider until it has ended, however long the provider is away."""

from __future__ import annotations

from typing import Final

from ....engines.remote import Stopped, Upstream
from ....errors import EngineError, UpstreamGone
from ....protocol.polling import PollingPolicy, next_delay
from . import final_cost, texts
from .fetch import Fetch
from .retries import away_s, told_pause_s
from .task_state import TaskState

_STAGES: Final = {"queued": texts.QUEUED, "running": texts.RUNNING, "succeeded": texts.FETCHING}


class Poll:
    """Follows one task that was created."""

    def __init__(self, job: TaskState) -> None:
        self._job = job
        self._context, self._engine, self._row = job.context, job.engine, job.row

    async def follow(self, handle: str) -> None:
        """Poll, and fetch the video once there is one. Raises :class:`Ended`."""
        policy = PollingPolicy(first_s=self._engine.first_look_s, growth=1.3, longest_s=15.0)
        looks = away = 0
        asked_ms: int | None = None
        told_s: float | None = None
        while True:
            pause_s = next_delay(policy, looks=looks, poll_after_ms=asked_ms)
            await self._job.pause(away_s(away, told_s) if away else pause_s)
            if self._job.stopped is not None:
                await self._job.cancelled(self._job.stopped)
            try:
                told = await self._engine.poll(handle)
            except UpstreamGone as gone:
                cost = final_cost.of_unknown(self._row)
                why = texts.GONE(why=gone.text) if self._engine.paid else gone.text
                raise await self._job.failed(gone.code, why, cost=cost) from gone
            except EngineError as error:
                away += 1
                told_s = told_pause_s(error)
                await self._job.bear(error, self._job.lifetime_end())
                continue
            asked_ms = None if told.poll_after_s is None else int(told.poll_after_s * 1000)
            same = away == 0 and self._is_unchanged(told)
            looks, away = looks + 1 if same else 0, 0
            await self._hear(told)
            if told.where == "succeeded":
                await Fetch(self._job).fetch(handle, told)
            else:
                await self._job.end_of_life(texts.NEVER_ENDED)

    def _is_unchanged(self, told: Upstream) -> bool:
        return (told.where, told.progress) == (self._job.where, self._job.progress)

    async def _hear(self, told: Upstream) -> None:
        if told.where == "failed":
            cost = final_cost.of_failure(self._row, self._engine, told)
            code = told.error_code or "upstream_failed"
            raise await self._job.failed(code, told.error or texts.FAILED, cost=cost, told=told)
        if told.where == "cancelled":
            await self._job.cancelled(self._job.stopped or Stopped(True, texts.STOPPED_THERE))
        if told.where == "running" and self._job.where == "queued":
            await self._row.change(started_at=self._context.clock())
        await self._job.hear_cost(told)
        self._job.where, self._job.progress = told.where, told.progress
        self._job.position, self._job.eta_s = told.position, told.eta_s
        self._job.stage = told.stage or _STAGES[told.where]
