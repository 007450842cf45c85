"""``StoryboardPanel``: edit, reorder and generate shots, choose takes, join."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, ClassVar, Final

from traitlets import Instance, Unicode

from ...blocking import Connection
from ...blocking.call import Call
from ...errors import BadInput
from ...i18n import Text
from ...media.probe import poster_jpeg
from ...media.video import VideoFile
from ...storyboard import Estimate, Shot, State, Storyboard
from ..browser.transfer import Content, Message
from ..gateway_link import Link
from ..video import PLAYER_TEXTS
from ..widget import Panel

WORKING: Final = "working"  # beside the states: a shot that is being made
_EDITABLE: Final = ("prompt", "seconds", "link")


class StoryboardPanel(Panel):
    """A panel for ``board``, a :class:`~videogen_nb.Storyboard`; ``value`` is the joined video.

    ``edit``, ``move``, ``add``, ``remove``, ``make``, ``another`` (take), ``choose`` (a take) and
    ``join`` are the buttons; shots count from 1.
    """

    value = Instance(VideoFile, allow_none=True)
    said = Unicode("")
    title = Text("Storyboard", "分镜")
    part = "storyboard"
    texts: ClassVar = {
        **PLAYER_TEXTS,
        "shots": Text("Shots", "镜头"),
        "shot": Text("Shot {number}", "镜头 {number}"),
        "prompt": Text("Prompt of shot {number}", "镜头 {number} 的提示词"),
        "seconds": Text("Seconds", "秒数"),
        "link": Text("How it begins", "开头方式"),
        "cut": Text("Cut", "直接切换"),
        "continue": Text("Continue from the last frame", "从上一镜头的尾帧继续"),
        "earlier": Text("Move shot {number} earlier", "将镜头 {number} 前移"),
        "later": Text("Move shot {number} later", "将镜头 {number} 后移"),
        "play_shot": Text("Play shot {number}", "播放镜头 {number}"),
        "make": Text("Generate", "生成"),
        "another": Text("Another take", "再生成一个"),
        "take": Text("Take {take}", "第 {take} 版"),
        "takes": Text("Takes of shot {number}", "镜头 {number} 的各个版本"),
        "compare": Text("Compare takes", "对比版本"),
        "remove": Text("Remove", "删除"),
        "add": Text("Add a shot", "添加镜头"),
        "make_all": Text("Generate missing shots", "生成缺少的镜头"),
        "join": Text("Join the shots", "拼接镜头"),
        "wipe": Text("Divider between the two takes", "两个版本之间的分界线"),
        "wipe_hint": Text("There is only one take.", "只有一个版本。"),
        "close": Text("Close", "关闭"),
        "pay": Text("Generate", "生成"),
        "no": Text("Cancel", "取消"),
    }

    def __init__(self, board: Storyboard, connection: Connection | Link | None = None) -> None:
        self.board = board
        self._cards: list[dict[str, Any]] = []
        self._working: set[int] = set()
        self._comparing = 0
        self._question: tuple[list[int], Estimate] | None = None
        super().__init__(connection)
        self.ready: Call[None] = self.run(self.refresh)

    def edit(self, number: int, **changes: Any) -> Call[None]:
        """Change a shot: ``edit(2, prompt="…")``."""
        return self.run(self._change, lambda: self.board.edit(number, **changes))

    def move(self, number: int, to: int) -> Call[None]:
        """Move a shot."""
        return self.run(self._change, lambda: self.board.move(number, to))

    def add(self) -> Call[None]:
        """Add a shot at the end, with the prompt of the previous one."""
        return self.run(self._change, lambda: self.board.add(Shot(self.board.shots[-1].prompt)))

    def remove(self, number: int) -> Call[None]:
        """Remove a shot; its videos stay in the storyboard's folder."""
        return self.run(self._change, lambda: self.board.remove(number))

    def choose(self, number: int, take: int) -> Call[None]:
        """Use another take of a shot."""
        return self.edit(number, take=take)

    def make(self, *numbers: int) -> Call[Estimate]:
        """Generate shots (default: all stale or missing ones). Asks first if they cost money."""
        return self.run(self._weigh, list(numbers))

    def another(self, number: int) -> Call[Estimate]:
        """Generate another take of a shot."""
        return self.run(self._another, number)

    def join(self) -> Call[VideoFile]:
        """Join the shots into one video next to the storyboard's file."""
        return self.run(self._join)

    async def refresh(self) -> None:
        """Reload the storyboard, which may have been changed elsewhere."""
        self._cards = await asyncio.to_thread(self._look)
        self.touch()

    def view(self) -> dict[str, Any]:
        stale = sum(card["status"] != State.CURRENT for card in self._cards)
        return {
            "name": self.board.path.name,
            "cards": [
                {**card, "status": WORKING, "state": self.text(_STATES[WORKING])}
                if card["number"] in self._working
                else {**card, "state": self.text(_STATES[card["status"]])}
                for card in self._cards
            ],
            "stale": stale,
            "count": self.text(_COUNT(current=len(self._cards) - stale, total=len(self._cards))),
            "can_join": bool(self._cards) and not stale and not self.busy,
            "compared": self._compared(),
            "question": self.text(_PAY(estimate=str(self._question[1]))) if self._question else "",
            "said": self.said,
        }

    def poster(self) -> bytes | None:
        videos = [card["video"] for card in self._cards if card["video"]]
        return self.outbox.get(videos[0]["poster"]) if videos else None

    def put(self, name: str, value: Any) -> None:
        field, _, number = name.rpartition("-")
        if field in _EDITABLE and number.isdecimal():
            self.run(self._edited, int(number), field, value)
        else:
            super().put(name, value)

    async def _edited(self, number: int, field: str, value: Any) -> None:
        if field == "seconds":
            value = _seconds(value)
        await self._change(lambda: self.board.edit(number, **{field: value}))

    async def _change(self, change: Any) -> None:
        self.clear_error()
        try:
            await asyncio.to_thread(change)
        finally:
            await self.refresh()

    async def _another(self, number: int) -> Estimate:
        await self._change(lambda: self.board.again(number))
        return await self._weigh([number])

    async def _weigh(self, numbers: list[int]) -> Estimate:
        self.clear_error()
        client = await self.link.client()
        estimate = await self.board.estimate(numbers or None, videos=client)
        if any(estimate.engines.values()):
            self._question = (numbers, estimate)
            self.touch()
        else:
            await self._make(numbers)
        return estimate

    async def _make(self, numbers: list[int]) -> None:
        client = await self.link.client()
        self.busy = True
        try:
            await self.board.make(numbers or None, videos=client, on_shot=self._moved)
        finally:
            self.busy = False
            self._working.clear()
            await self.refresh()

    def _moved(self, number: int, state: State) -> None:
        if state is State.CURRENT:
            self._working.discard(number)
            self.follow(self.refresh)
        else:
            self._working.add(number)
        self.touch()

    async def _join(self) -> VideoFile:
        self.clear_error()
        self.busy = True
        try:
            path = self.board.path.with_suffix(".mp4")
            self.value = await asyncio.to_thread(self.board.join, path)
            self.said = self.text(_JOINED(path=path))
            return self.value
        finally:
            self.busy = False

    def _look(self) -> list[dict[str, Any]]:
        """Return what each card shows; reads files, so run it in a thread."""
        states = self.board.states()
        return [
            self._card(number, shot, state)
            for number, (shot, state) in enumerate(zip(self.board.shots, states, strict=True), 1)
        ]

    def _card(self, number: int, shot: Shot, state: State) -> dict[str, Any]:
        takes = [
            {"take": take, "id": f"{number}-{take}", "video": self._offer(video, shot.prompt)}
            for take, video in self.board.takes(number).items()
        ]
        video = next((one["video"] for one in takes if one["take"] == shot.take), None)
        return {
            "number": number,
            "prompt": shot.prompt,
            "seconds": "" if shot.seconds is None else f"{shot.seconds:g}",
            "link": shot.link,
            "engine": shot.engine or self.board.engine or "",
            "status": str(state),
            "take": shot.take,
            "takes": takes,
            "video": video,
        }

    def _offer(self, video: VideoFile, prompt: str) -> dict[str, Any]:
        key, poster = str(video.path), f"poster {video.path}"
        if not self.outbox.has(key):
            self.outbox.put(poster, Content(poster_jpeg(video.path), "image/jpeg"))
            self.outbox.put(key, Content(Path(video.path), "video/mp4"))
        return {
            "key": key,
            "poster": poster,
            "title": prompt,
            "name": video.path.name,
            "path": str(video.path),
            "width": video.facts.width,
            "height": video.facts.height,
        }

    def _compared(self) -> list[dict[str, Any]]:
        """Return the chosen take and the newest other one of the shot whose takes are compared."""
        card = next((card for card in self._cards if card["number"] == self._comparing), None)
        if card is None:
            return []
        chosen = [one for one in card["takes"] if one["take"] == card["take"]]
        others = [one for one in card["takes"] if one["take"] != card["take"]]
        return [
            {**one, "title": self.text(self.texts["take"](take=one["take"]))}
            for one in [*chosen[:1], *others[-1:]]
        ]

    def _on_move(self, message: Message) -> None:
        self.move(int(message["number"]), int(message["place"]))

    def _on_add(self, _message: Message) -> None:
        self.add()

    def _on_remove(self, message: Message) -> None:
        self.remove(int(message["number"]))

    def _on_make(self, message: Message) -> None:
        number = int(message.get("number", 0))
        self.make(*([number] if number else []))

    def _on_another(self, message: Message) -> None:
        self.another(int(message["number"]))

    def _on_choose(self, message: Message) -> None:
        self.choose(int(message["number"]), int(message["take"]))

    def _on_compare(self, message: Message) -> None:
        number = int(message["number"])
        self._comparing = 0 if number == self._comparing else number
        self.touch()

    def _on_uncompare(self, _message: Message) -> None:
        self._comparing = 0
        self.touch()

    def _on_join(self, _message: Message) -> None:
        self.join()

    def _on_pay(self, _message: Message) -> None:
        if self._question is not None:
            (numbers, _), self._question = self._question, None
            self.run(self._make, numbers)
            self.touch()

    def _on_no(self, _message: Message) -> None:
        self._question = None
        self.touch()


def _seconds(value: Any) -> float | None:
    """Return a field's text as seconds; None if it is empty. Raises BadInput for anything else."""
    words = str(value).strip()
    try:
        seconds = float(words) if words else None
    except ValueError:
        raise BadInput(_NO_SECONDS(value=words)) from None
    if seconds is not None and not 0 < seconds < float("inf"):
        raise BadInput(_NO_SECONDS(value=words))
    return seconds


_STATES: Final = {
    State.CURRENT: Text("Current", "最新"),
    State.STALE: Text("Stale", "需重新生成"),
    State.MISSING: Text("Missing", "未生成"),
    WORKING: Text("Generating", "生成中"),
}
_COUNT: Final = Text(
    "{current} of {total} {total:shot is|shots are} current",
    "{total} 个镜头中 {current} 个已是最新",
)
_PAY: Final = Text("Generate? {estimate}", "确定生成？{estimate}")
_JOINED: Final = Text("Saved as {path}.", "已保存为 {path}。")
_NO_SECONDS: Final = Text(
    "Invalid duration: {value!r} is not a number of seconds.",
    "时长 {value!r} 不是秒数，请输入数字。",
)
