"""``Classroom``: methods for teachers on a shared gateway."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from ..protocol import read_people, read_queue
from ..protocol import requests as wire
from ..protocol.filters import FilterArguments, check_told, read_filters
from ..protocol.parameters import expand
from ..protocol.requests import PATHS
from .archives import save
from .tasks import Tasks

if TYPE_CHECKING:
    from ..protocol.models import PeopleAnswer, QueueState


class Classroom(Tasks):
    """People, pauses and bulk downloads. Most of these are for teachers only."""

    async def queue(self) -> QueueState:
        """Return how many of everyone's tasks are waiting and running. Open to everyone."""
        return await self._exchange.ask(wire.queue(), read_queue)

    async def people(self) -> PeopleAnswer:
        """Return the people who share the gateway, with their tasks by status and their spending.

        Raises:
            RequestRefused: you are not a teacher.
        """
        return await self._exchange.ask(wire.people(), read_people)

    async def pause(self, engine: str | None = None) -> QueueState:
        """Pause one engine, or all (None); running tasks continue.

        Raises:
            RequestRefused: you are not a teacher.
        """
        return await self._exchange.ask(wire.pause(engine), read_queue)

    async def resume(self, engine: str | None = None) -> QueueState:
        """Undo :meth:`pause`, with the same errors."""
        return await self._exchange.ask(wire.resume(engine), read_queue)

    @expand
    async def contact_sheet(
        self, path: str | os.PathLike[str], **filters: Unpack[FilterArguments]
    ) -> Path:
        """Save a JPEG with the posters of all matching videos, at most the newest 400.

        Takes the filters of :meth:`list_tasks`; ``person="*"`` means everyone's (teachers only).

        Raises:
            RequestRefused: no videos match, or you may not see them.
            DownloadError: it could not be saved.
        """
        return await self._collected(PATHS.contact_sheet, path, filters)

    @expand
    async def download_zip(
        self, path: str | os.PathLike[str], **filters: Unpack[FilterArguments]
    ) -> Path:
        """Save all matching videos as a zip with a folder for each person.

        Takes the filters of :meth:`list_tasks`; ``person="*"`` means everyone's (teachers only).

        Raises:
            The errors of :meth:`contact_sheet`.
        """
        return await self._collected(PATHS.zip, path, filters)

    async def _collected(
        self, asked: str, path: str | os.PathLike[str], filters: FilterArguments
    ) -> Path:
        check_told(filters)
        now: datetime = self.times.now()
        return await save(self._exchange, asked, path, read_filters(filters, now).to_query())
