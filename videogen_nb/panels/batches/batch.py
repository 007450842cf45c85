"""``BatchPanel``: a batch as a table; only visible rows are sent to the page."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from traitlets import List, Unicode

from ...i18n import Text
from ...protocol.models import TaskStatus
from ...protocol.status_texts import stage_of
from ..results.cards import RUNNING
from ..results.texts import FILTERS
from .base import Place, RunsPanel

_MOST: Final = 200  # rows that are told at once; a screen shows some 30
_TITLE_LENGTH: Final = 300


class BatchPanel(RunsPanel):
    """A panel with the rows of a batch, filtered by ``status`` ("" = all, "running", a status).

    ``window`` is the range of matching rows sent to the page: the first one and the count.
    ``open_video(key)`` shows a row's video; ``again()`` and ``cancel()`` are the buttons.
    """

    status = Unicode("")
    window = List(default_value=[0, 30])
    title = Text("Batch", "批次")
    part = "batch"
    fields = ("status", "window")
    pieces = ("rows",)
    texts: ClassVar = {
        **RunsPanel.texts,
        "filter": Text("Show", "显示"),
        "rows": Text("Rows of the batch", "批次中的行"),
        "row": Text("Row", "行"),
        "prompt": Text("Prompt", "提示词"),
        "state": Text("Status", "状态"),
        "file": Text("File", "文件"),
        "open": Text("Open row {row}", "打开第 {row} 行"),
    }

    def view(self) -> dict[str, Any]:
        matching = [place for place in self.places() if self._fits(place)]
        first, count = self._in_sight(len(matching))
        counts = self.counts()
        return {
            **super().view(),
            "name": next(iter(self._batches), ""),
            "status": self.status,
            "filters": [[self._choice(text, key, counts), key] for text, key in FILTERS],
            "total": len(matching),
            "first": first,
            "rows": [self._row(place) for place in matching[first : first + count]],
            "share": counts["completed"] / max(1, sum(counts.values())),
        }

    def put(self, name: str, value: Any) -> None:
        if name == "window":
            first, count = value
            value = [max(0, int(first)), min(max(1, int(count)), _MOST)]
        super().put(name, value)

    def _in_sight(self, total: int) -> tuple[int, int]:
        first, count = self.window
        return min(first, max(0, total - 1)), count

    def _fits(self, place: Place) -> bool:
        task = place.task
        if self.status in ("", None):
            return True
        if self.status == RUNNING:
            return task is not None and not task.status.finished
        return task is not None and task.status == self.status

    def _choice(self, text: Text, key: str, counts: Any) -> str:
        running = counts["pending"] + counts["processing"]
        n = {"": sum(counts.values()), RUNNING: running}.get(key, counts[key])
        return f"{self.text(text)} ({n})"

    def _row(self, place: Place) -> dict[str, Any]:
        task, video, why = place.task, place.video, place.why
        return {
            "id": place.key,
            "row": place.row.number,
            "prompt": str(place.row.prompt)[:_TITLE_LENGTH],
            "state": self.text(stage_of(task)) if task is not None else "",
            "status": str(task.status) if task is not None else "",
            "live": task is not None and task.status is TaskStatus.PROCESSING,
            "progress": task.progress if task is not None else None,
            "why": self.text(why) if why is not None else "",
            "file": video.path.name if video is not None else "",
        }
