"""``GridPanel``: play variations in sync, compare, star, reject, generate more like one."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar, Final

from traitlets import Bool, Instance, List, Unicode

from ...blocking import Connection
from ...blocking.batch import BatchRun
from ...blocking.call import Call
from ...client.batch import Batch, Estimate
from ...client.batch.variations import like
from ...i18n import Text
from ...media.video import Video
from ...protocol.models import VideoTask
from ...protocol.status_texts import STATES
from ..browser.transfer import Message
from ..gateway_link import Link
from ..video import PLAYER_TEXTS, offer
from .base import Place, RunsPanel

#: The label of a rejected task: it can be found by it, and pruned.
REJECTED: Final = "rejected"
MORE: Final = 4  # videos that one press on "More like this" asks for


class GridPanel(RunsPanel):
    """A panel to choose among variations. ``value`` is the list of starred videos.

    ``compared`` has the keys of at most two videos being compared; ``hide_rejected`` hides rejected
    ones. ``star``, ``reject``, ``compare``, ``like`` and ``open`` are the
    buttons; they take a tile's key from ``view()["tiles"]``.
    """

    value = List(Instance(Video))
    compared = List(Unicode())
    hide_rejected = Bool(False)
    title = Text("Variations", "候选视频")
    part = "grid"
    fields = ("hide_rejected",)
    pieces = ("tiles",)
    texts: ClassVar = {
        **PLAYER_TEXTS,
        **RunsPanel.texts,
        "tiles": Text("Videos to choose from", "候选视频"),
        "open": Text("Open", "打开"),
        "star": Text("Star", "星标"),
        "reject": Text("Reject", "淘汰"),
        "compare": Text("Compare", "对比"),
        "like": Text("More like this", "生成类似视频"),
        "of": Text("{action}: {title}", "{action}：{title}"),
        "hide": Text("Hide rejected", "隐藏已淘汰"),
        "keys": Text("Keyboard shortcuts", "键盘快捷键"),
        "key_play": Text("play or pause all", "全部播放或暂停"),
        "key_seek": Text("back or forward 1 s", "后退或前进 1 秒"),
        "key_move": Text("choose a video", "选择视频"),
        "wipe": Text("Divider between the two videos", "两个视频之间的分界线"),
        "wipe_hint": Text(
            "Select “Compare” on a second video to compare the two.",
            "再对另一个视频选择“对比”，即可将两者叠放比较。",
        ),
        "pay": Text("Generate", "生成"),
        "no": Text("Cancel", "取消"),
    }

    def __init__(self, run: BatchRun | Batch, connection: Connection | Link | None = None) -> None:
        self._offered: dict[str, dict[str, Any]] = {}  # by key: what the player is told
        self._asked: dict[str, int] = {}  # by task id: how many like it
        self._question: tuple[Place, Estimate] | None = None
        super().__init__(run, connection)

    def star(self, key: str) -> Call[VideoTask]:
        """Star or unstar a video, so that it can be found in the gallery."""
        return self.run(self._star, self._place({"id": key}))

    def reject(self, key: str) -> Call[VideoTask]:
        """Reject a video, or undo that: its task gets the label ``rejected``."""
        return self.run(self._reject, self._place({"id": key}))

    def compare(self, key: str) -> None:
        """Add a video to the comparison, or remove it; a third one replaces the second."""
        if key in self.compared:
            self.compared = [other for other in self.compared if other != key]
        else:
            self.compared = [*self.compared[:1], key]

    def like(self, key: str, n: int = MORE) -> Call[Estimate]:
        """Generate more like one. If it costs money, the panel shows the price and asks first."""
        return self.run(self._like, self._place({"id": key}), n)

    def view(self) -> dict[str, Any]:
        shown = [p for p in self.places() if not (self.hide_rejected and _rejected(p.task))]
        return {
            **super().view(),
            "tiles": [self._tile(place) for place in shown],
            "compared": [key for key in self.compared if key in self._offered],
            "hide_rejected": self.hide_rejected,
            "rejected": sum(_rejected(place.task) for place in self.places()),
            "question": self._question_text(),
        }

    def poster(self) -> bytes | None:
        posters = (self.outbox.get(one["poster"]) for one in self._offered.values())
        return next(filter(None, posters), None)

    async def moved(self, keys: set[str]) -> None:
        for place in self.places():
            if place.key not in keys:
                continue
            if place.video is not None:  # decodes a frame: work for a thread
                [told] = await asyncio.to_thread(offer, self.outbox, [place.video])
                self._offered[place.key] = told
            else:
                self._offered.pop(place.key, None)
        videos = [p.video for p in self.places() if p.video and p.task and p.task.starred]
        self.value = [video for video in videos if video is not None]

    def _tile(self, place: Place) -> dict[str, Any]:
        task = place.task
        title = _difference(place)
        why = place.why
        return {
            "id": place.key,
            "title": title,
            "prompt": str(place.row.prompt),
            "state": self.text(STATES[task.status]) if task else "",
            "status": str(task.status) if task else "",
            "live": task is not None and not task.status.finished,
            "progress": task.progress if task else None,
            "why": self.text(why) if why is not None else "",
            "starred": task is not None and task.starred,
            "rejected": _rejected(task),
            "video": self._offered.get(place.key),
        }

    def _question_text(self) -> str:
        if self._question is None:
            return ""
        place, estimate = self._question
        return self.text(_PAY(n=estimate.new, title=_difference(place), estimate=str(estimate)))

    async def _star(self, place: Place) -> VideoTask:
        task = _task(place)
        return await self._annotate(place, starred=not task.starred)

    async def _reject(self, place: Place) -> VideoTask:
        task = _task(place)
        labels = [label for label in task.labels if label != REJECTED]
        rejected = REJECTED in task.labels
        return await self._annotate(place, labels=labels if rejected else [*labels, REJECTED])

    async def _annotate(self, place: Place, **values: Any) -> VideoTask:
        self.clear_error()
        client = await self.link.client()
        task = await client.annotate(_task(place), **values)
        place.batch.tasks[place.row.number] = task
        return task

    async def _like(self, place: Place, n: int) -> Estimate:
        self.clear_error()
        client = await self.link.client()
        task = await client.get_task(_task(place))
        count = self._asked.get(str(task.id), 0) + n
        name = f"like-{task.message_id}"
        estimate = await client.batch(like(task, count, {}), name, dry_run=True)
        if estimate.cost or estimate.unpriced:
            self._question = (place, estimate)
            self.touch()
        else:
            await self._make_like(place, count)
        return estimate

    async def _make_like(self, place: Place, count: int) -> None:
        client = await self.link.client()
        batch = await client.like(_task(place), count)
        self._asked[str(_task(place).id)] = count
        self.add(batch)

    def _on_star(self, message: Message) -> None:
        self.star(str(message.get("id")))

    def _on_reject(self, message: Message) -> None:
        self.reject(str(message.get("id")))

    def _on_compare(self, message: Message) -> None:
        self.compare(str(message.get("id")))

    def _on_uncompare(self, _message: Message) -> None:
        self.compared = []

    def _on_like(self, message: Message) -> None:
        self.like(str(message.get("id")))

    def _on_pay(self, _message: Message) -> None:
        if self._question is not None:
            (place, estimate), self._question = self._question, None
            self.run(self._make_like, place, estimate.rows)
            self.touch()

    def _on_no(self, _message: Message) -> None:
        self._question = None
        self.touch()


def _rejected(task: VideoTask | None) -> bool:
    return task is not None and REJECTED in task.labels


def _task(place: Place) -> VideoTask:
    assert place.task is not None  # a tile without a task has no buttons
    return place.task


def _difference(place: Place) -> str:
    """Return what distinguishes a video from the others in its batch: the cells that differ."""
    rows = place.batch.rows
    cells = place.row.cells
    differing = [name for name in cells if len({str(row.cells.get(name)) for row in rows}) > 1]
    differing.sort(key=lambda name: name != "prompt")  # the prompt first
    parts = [
        str(cells[name]) if name == "prompt" else f"{name} {cells[name]}" for name in differing
    ]
    return " · ".join(parts) or str(place.row.prompt)


_PAY: Final = Text(
    "Generate {n} more like “{title}”? {estimate}", "再生成 {n} 个与“{title}”类似的视频？{estimate}"
)
