"""Actions on selected tasks: marking, downloading as a zip, deleting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from traitlets import Instance, List, Unicode

from ...blocking import Connection
from ...blocking.call import Call
from ...errors import VideogenError
from ...i18n import Text
from ...media.video import Video
from ...protocol.models import TaskId, TaskStatus, VideoTask
from ...settings import Settings
from ..browser.transfer import Message
from ..gateway_link import Link
from ..widget import Panel
from . import texts
from .marks import mark, read_marks
from .zip import export_zip


class ChoosingPanel(Panel):
    """A panel with ``tasks``, some of which are selected (``chosen``, ids)."""

    tasks = List(Instance(VideoTask))
    chosen = List(Unicode())

    def __init__(self, connection: Connection | Link | None = None) -> None:
        self._zipping: Call[Path] | None = None
        self._said: Text | None = None
        self._loading: Text | None = None
        super().__init__(connection)

    def save_zip(self) -> Call[Path]:
        """Pack the selected videos into a zip, which the browser downloads; return its path."""
        if self._zipping is None or self._zipping.done():
            self._zipping = self.run(self._zip)
        return self._zipping

    def delete_chosen(self) -> Call[list[VideoTask]]:
        """Delete the selected finished tasks from the gateway; return them. The button asks first.

        Saved videos are kept. Running tasks stay selected.

        Raises (when the call's result is retrieved):
            GatewayError: one could not be deleted; those before it were.
        """
        return self.run(self._delete_chosen)

    def star(self, task: TaskId | str) -> Call[list[VideoTask]]:
        """Star or unstar a task."""
        known = next(t for t in self.tasks if str(t.id) == str(task))
        return self.run(self._mark, [known], {"starred": not known.starred})

    def mark_chosen(self, **values: Any) -> Call[list[VideoTask]]:
        """Set ``title``, ``labels`` or ``group`` (the folder) of the selected tasks."""
        chosen = [task for task in self.tasks if str(task.id) in self.chosen]
        return self.run(self._mark, chosen, values)

    def _noted(self, tasks: list[VideoTask]) -> None:
        """Update tasks that were changed by the user."""
        raise NotImplementedError

    def _removed(self, task: VideoTask) -> None:
        """Remove a deleted task."""
        raise NotImplementedError

    def _marks(self) -> dict[str, str] | None:
        """Return the fields of the selected tasks; None if they cannot be changed."""
        chosen = [task for task in self.tasks if str(task.id) in self.chosen]
        if not chosen or not self.link.capabilities.engines:
            return None
        first = chosen[0]
        shared = all(task.labels == first.labels for task in chosen)
        folder = first.group if all(task.group == first.group for task in chosen) else None
        told = {"labels": ", ".join(first.labels) if shared else "", "group": folder or ""}
        return {**told, "title": first.title or ""} if len(chosen) == 1 else told

    async def _mark(self, tasks: list[VideoTask], values: dict[str, Any]) -> list[VideoTask]:
        self.clear_error()
        marked = await mark(await self.link.client(), tasks, values)
        self._noted(marked)
        return marked

    def _chosen_done(self) -> list[VideoTask]:
        done = {str(t.id): t for t in self.tasks if t.status is TaskStatus.COMPLETED}
        return [done[one] for one in self.chosen if one in done]

    def _chosen_over(self) -> list[VideoTask]:
        over = {str(t.id): t for t in self.tasks if t.status.finished}
        return [over[one] for one in self.chosen if one in over]

    async def _videos_of_chosen(self, say: Callable[[int, int], None]) -> list[Video]:
        """Return the selected videos, downloaded; ``say(n, of)`` is called before each."""
        wanted = self._chosen_done()
        if not wanted:
            raise VideogenError(texts.NONE_DONE)
        client = await self.link.client()
        videos = []
        for n, task in enumerate(wanted, 1):
            say(n, len(wanted))
            videos.append(await client.download(task))
        return videos

    def _say_loading(self, n: int, of: int) -> None:
        self._loading = texts.LOADING(n=n, of=of)
        self.touch()

    async def _delete_chosen(self) -> list[VideoTask]:
        self.busy = True
        gone: list[VideoTask] = []
        try:
            client = await self.link.client()
            for task in self._chosen_over():
                self._say(texts.DELETING(n=len(gone) + 1))
                await client.delete(task)
                gone.append(task)
                self._removed(task)
            self._say(texts.DELETED(n=len(gone)))
            return gone
        except Exception:
            self._say(None)
            raise
        finally:
            self.busy = False

    async def _zip(self) -> Path:
        self.busy = True
        try:
            videos = await self._videos_of_chosen(lambda _, of: self._say(texts.ZIPPING(n=of)))
            name = f"videos-{datetime.now().astimezone():%Y%m%d-%H%M%S}.zip"
            path = Settings.from_environment().output / name
            await asyncio.to_thread(export_zip, videos, path, self.link.language)
            self.send_file(path, "application/zip")
            self._say(texts.ZIPPED(path=path))
            return path
        except Exception:
            self._say(None)
            raise
        finally:
            self.busy = False

    def _say(self, text: Text | None) -> None:
        self._said = text
        self.touch()

    def _on_zip(self, _message: Message) -> None:
        self.save_zip()

    def _on_delete(self, _message: Message) -> None:
        self.delete_chosen()

    def _on_star(self, message: Message) -> None:
        self.star(str(message.get("id", "")))

    def _on_mark(self, message: Message) -> None:
        self.mark_chosen(**read_marks(message))
