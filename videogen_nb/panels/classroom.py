"""``ClassPanel``: a teacher's view of a class."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, ClassVar, Final

from traitlets import Instance, List, Unicode

from ..blocking import Connection
from ..blocking.call import Call
from ..errors import VideogenError
from ..i18n import Text
from ..protocol.filters import EVERYBODY, OWNER
from ..protocol.models import PeopleAnswer, PersonWork, QueueState, VideoTask
from ..protocol.status_texts import STATES
from ..settings import Settings
from .browser.transfer import Content, Message
from .gateway_link import Link
from .widget import Panel

LOOK_S: Final = 2.0
SHOWN: Final = 20  # tasks of the person that is looked at
_SHEET: Final = "sheet"

_OWNER = Text("(owner)", "（管理者）")
_QUEUE = Text("{waiting} waiting, {running} running", "排队 {waiting}，生成中 {running}")
_SAVED = Text("Saved {path}", "已保存 {path}")


class ClassPanel(Panel):
    """A panel with everyone's tasks, for teachers and the gateway's owner.

    ``value`` is the state of the class, ``selected`` the name of the person whose latest tasks are
    shown (None = nobody), ``tasks`` those tasks.
    """

    value = Instance(PeopleAnswer, allow_none=True)
    selected = Unicode(None, allow_none=True)
    tasks = List(Instance(VideoTask))
    title = Text("Class", "班级")
    part = "class"
    texts: ClassVar = {
        "name": Text("Name", "名称"),
        "waiting": Text("Waiting", "排队"),
        "running": Text("Running", "生成中"),
        "made": Text("Completed", "完成"),
        "failed": Text("Failed", "失败"),
        "spent": Text("Spent", "花费"),
        "pause": Text("Pause the queue", "暂停队列"),
        "resume": Text("Resume the queue", "恢复队列"),
        "sheet": Text("Contact sheet", "封面总览"),
        "zip": Text("Save all as ZIP", "打包保存"),
        "stop": Text("Cancel", "取消"),
        "retry": Text("Retry", "重试"),
        "sheet_alt": Text("Class videos", "班级的视频"),
    }

    def __init__(self, connection: Connection | Link | None = None) -> None:
        self._saved = ""
        super().__init__(connection)
        self.looking: Call[None] = self.follow(self._look)

    def refresh(self) -> Call[None]:
        """Ask the gateway for the current state."""
        return self.run(self._refresh)

    def pause(self, engine: str | None = None) -> Call[QueueState]:
        """Pause the queue, or one engine."""
        return self.run(self._set_paused, engine, True)

    def resume(self, engine: str | None = None) -> Call[QueueState]:
        """Undo :meth:`pause`."""
        return self.run(self._set_paused, engine, False)

    def select(self, name: str | None) -> Call[None]:
        """Show the latest tasks of a person by name, of ``_owner``, or of nobody (None)."""
        self.selected, self.tasks = name, []
        return self.refresh()

    def stop(self, task: VideoTask | str) -> Call[None]:
        """Cancel anyone's task."""
        return self.run(self._act, "cancel", str(_id(task)))

    def retry(self, task: VideoTask | str) -> Call[None]:
        """Retry anyone's failed task; it still belongs to its owner."""
        return self.run(self._act, "retry", str(_id(task)))

    def sheet(self) -> Call[Path]:
        """Save and show a contact sheet of everyone's videos, or the selected person's."""
        return self.run(self._collect, "class.jpg")

    def save_zip(self) -> Call[Path]:
        """Save the videos of :meth:`sheet` as a zip with a folder for each person."""
        return self.run(self._collect, "class.zip")

    def view(self) -> dict[str, Any]:
        told = self.value
        return {
            "people": [self._row(person) for person in told.people] if told else [],
            "queue": self.text(_QUEUE(waiting=told.waiting, running=told.running)) if told else "",
            "paused": bool(told and told.paused),
            "note": (told.problem if told else None) or "",
            "tasks": [self._task(task) for task in self.tasks],
            "saved": self._saved,
            "sheet": _SHEET if self.outbox.has(_SHEET) else "",
        }

    def poster(self) -> bytes | None:
        return self.outbox.get(_SHEET)

    def _row(self, person: PersonWork) -> dict[str, Any]:
        counts = ("waiting", "running", "made", "failed")
        return {
            "id": person.name,
            "name": self.text(_OWNER) if person.name == OWNER else person.name,
            "cells": [str(getattr(person, name)) for name in counts],
            "spent": "; ".join(one.words.render(self.link.language) for one in person.spent),
            "selected": person.name == self.selected,
        }

    def _task(self, task: VideoTask) -> dict[str, Any]:
        ended = task.status.finished
        return {
            "id": str(task.id),
            "line": f"{self.text(STATES[task.status])} · {task.title or task.prompt or task.id}",
            "error": task.error or "",
            "can_stop": not ended,
            "can_retry": ended and task.status != "completed",
        }

    async def _look(self) -> None:
        while True:
            try:
                await self._refresh()
            except VideogenError as problem:
                self.fail(problem)  # it may be there again in a moment
            await asyncio.sleep(LOOK_S)

    async def _refresh(self) -> None:
        client = await self.link.client()
        told = await client.people()
        if self.selected is not None:
            name = self.selected
            page = await client.list_tasks(limit=SHOWN, person=name)
            if name == self.selected:  # else another one was chosen meanwhile
                self.tasks = page.tasks
        self.value = told
        self.clear_error()

    async def _set_paused(self, engine: str | None, paused: bool) -> QueueState:
        client = await self.link.client()
        state = await (client.pause(engine) if paused else client.resume(engine))
        await self._refresh()
        return state

    async def _act(self, deed: str, task: str) -> None:
        client = await self.link.client()
        await getattr(client, deed)(task)
        await self._refresh()

    async def _collect(self, name: str) -> Path:
        self.busy = True
        try:
            client = await self.link.client()
            person = EVERYBODY if self.selected is None else self.selected
            path = _free(Settings.from_environment().output / name)
            if path.suffix == ".zip":
                saved = await client.download_zip(path, person=person)
            else:
                saved = await client.contact_sheet(path, person=person)
                self.outbox.put(
                    _SHEET, Content(await asyncio.to_thread(saved.read_bytes), "image/jpeg")
                )
            self._saved = self.text(_SAVED(path=saved))
            return saved
        finally:
            self.busy = False

    def _on_pause(self, _message: Message) -> None:
        self.resume() if self.value and self.value.paused else self.pause()

    def _on_select(self, message: Message) -> None:
        name = str(message.get("id", ""))
        self.select(None if name == self.selected else name)

    def _on_stop(self, message: Message) -> None:
        self.stop(str(message.get("id")))

    def _on_retry(self, message: Message) -> None:
        self.retry(str(message.get("id")))

    def _on_sheet(self, _message: Message) -> None:
        self.sheet()

    def _on_zip(self, _message: Message) -> None:
        self.save_zip()


def _id(task: VideoTask | str) -> Any:
    return task.id if isinstance(task, VideoTask) else task


def _free(path: Path) -> Path:
    """Return an unused file name: class.zip, class-2.zip …"""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = (path.with_stem(f"{path.stem}-{n}" if n > 1 else path.stem) for n in range(1, 10_000))
    return next(one for one in names if not one.exists())
