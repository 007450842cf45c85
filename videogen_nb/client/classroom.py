"""``Classroom``: what a teacher asks of a gateway that a class shares."""

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
from .saving import save
from .tasks import Tasks

if TYPE_CHECKING:
    from ..protocol.models import PeopleAnswer, QueueState


class Classroom(Tasks):
    """People, pauses and collections. Most of it is refused to anybody but a teacher."""

    async def queue(self) -> QueueState:
        """Return how many tasks of everybody wait and are under way; whoever asks."""
        return await self._exchange.ask(wire.queue(), read_queue)

    async def people(self) -> PeopleAnswer:
        """Return who shares the gateway, how many of their tasks stand how, and what they spent.

        Raises:
            RequestRefused: for teachers only.
        """
        return await self._exchange.ask(wire.people(), read_people)

    async def pause(self, engine: str | None = None) -> QueueState:
        """Start no more tasks, of one engine or at all (None); those under way go on.

        Raises:
            RequestRefused: for teachers only.
        """
        return await self._exchange.ask(wire.pause(engine), read_queue)

    async def resume(self, engine: str | None = None) -> QueueState:
        """Undo :meth:`pause`. Raises as it does."""
        return await self._exchange.ask(wire.resume(engine), read_queue)

    @expand
    async def contact_sheet(
        self, path: str | os.PathLike[str], **filters: Unpack[FilterArguments]
    ) -> Path:
        """Save one JPEG with the posters of all videos that match, the newest 400 at most.

        Takes the filters of :meth:`list_tasks`; ``person="*"`` means everybody's, for teachers.

        Raises:
            RequestRefused: there is none, or they are not yours to see.
            DownloadError: it could not be saved.
        """
        return await self._collected(PATHS.contact_sheet, path, filters)

    @expand
    async def download_zip(
        self, path: str | os.PathLike[str], **filters: Unpack[FilterArguments]
    ) -> Path:
        """Save all videos that match as a zip with a folder for each person.

        Takes the filters of :meth:`list_tasks`; ``person="*"`` means everybody's, for teachers.

        Raises:
            As :meth:`contact_sheet`.
        """
        return await self._collected(PATHS.zip, path, filters)

    async def _collected(
        self, asked: str, path: str | os.PathLike[str], filters: FilterArguments
    ) -> Path:
        check_told(filters)
        now: datetime = self.times.now()
        return await save(self._exchange, asked, path, read_filters(filters, now).to_query())
