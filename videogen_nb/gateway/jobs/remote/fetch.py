"""Downloading, checking and storing the video of a finished task."""

from __future__ import annotations

import logging
from typing import Any

from ....engines.remote import Upstream
from ....errors import EngineError, UpstreamGone, UpstreamRefused
from ....protocol.models import TaskStatus
from ...files.ingest import CheckFailed, Undecodable
from ...refusals import Refusal
from ...storage.task_writer import PAUSE_S
from . import final_cost, texts
from .retries import BAD_VIDEOS, away_s
from .task_state import Ended, TaskState

logger = logging.getLogger(__name__)


class Fetch:
    """Downloads one task's video, with retries until it is no longer available."""

    def __init__(self, job: TaskState) -> None:
        self._job = job
        self._context, self._engine, self._row = job.context, job.engine, job.row

    async def fetch(self, handle: str, told: Upstream) -> None:
        """Download and store the video. Raises :class:`Ended` with or without it."""
        self._job.stage, self._job.progress = texts.FETCHING, None
        self._job.position = self._job.eta_s = None
        deadline = told.expires_at or self._job.lifetime_end()
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
                        cost = final_cost.of_video(self._row, self._engine, told)
                        raise await self._job.failed(
                            "not_a_video", error.text, cost=cost
                        ) from error
                except UpstreamGone as gone:
                    cost = final_cost.of_video(self._row, self._engine, told)
                    raise await self._job.failed(gone.code, gone.text, cost=cost) from gone
                except UpstreamRefused as no:  # some say so only when the result is asked for
                    cost = final_cost.of_failure(self._row, self._engine, told)
                    raise await self._job.failed(no.code, no.text, cost=cost, told=told) from no
                except (EngineError, CheckFailed) as error:
                    away += 1
                    await self._job.bear(error, deadline)
                except OSError as error:  # what is paid for is not given up for a full disk
                    logger.warning("The video of %s cannot be kept: %s", self._row.record.id, error)
                    self._job.stage = texts.DISK(why=error.strerror or str(error))
                    await self._job.end_of_life(self._job.stage)
                await self._context.sleep(away_s(away) if away else PAUSE_S)

    async def _complete(self, told: Upstream, done: dict[str, Any]) -> None:
        cost = final_cost.of_video(self._row, self._engine, told)
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
