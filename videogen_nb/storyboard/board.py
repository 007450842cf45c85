"""``Storyboard``: generate the shots of a storyboard and join them."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from ..blocking import Connection, connect
from ..blocking.display import Displayed
from ..client import VideoClient
from ..errors import BadInput, TaskCancelled, TaskFailed, TaskNotFound
from ..i18n import Text
from ..media.editing.join import join
from ..media.editing.join_plan import Part
from ..media.editing.sources import clip
from ..media.editing.timeline_export import timeline
from ..media.paths import expanded, new_name
from ..media.probe import probe
from ..media.video import VideoFile
from ..protocol.values import as_count, as_list
from . import file
from .file import Take
from .shots import Shot, State, as_shot, keys_of

Videos = Connection | VideoClient


@dataclass(frozen=True, slots=True)
class Estimate:
    """What ``make`` would generate: the shots, their total duration and cost.

    ``seconds`` leaves out shots whose duration is chosen by the engine.
    """

    shots: list[int]
    seconds: float
    engines: dict[str, str | None]

    def __str__(self) -> str:
        told = ", ".join(
            name if not cost else f"{name} ({cost})" for name, cost in self.engines.items()
        )
        return str(_ESTIMATE(count=len(self.shots), seconds=self.seconds, engines=told or "–"))


class Storyboard(Displayed):
    """An ordered list of shots, stored in one JSON file, with their videos in a folder.

    As a cell's last line it shows its :attr:`panel`, a card for each shot.

    Args:
        shots: each a :class:`Shot` or just a prompt; None = those in the file.
        path: the file, with the suffix ``.json`` by default; it is written completely whenever
            something changes.
        references: images for every shot, so that people and places stay the same.
        engine: the engine for shots that do not name one. You can draft with "sketch" and then
            switch to a real video model.
        parameters: further arguments of ``generate`` for every shot, such as ``ratio``.

    Raises:
        BadInput: the file is not a storyboard, or there are no shots.
    """

    shown_by = "StoryboardPanel"

    def __init__(
        self,
        shots: Iterable[Shot | str] | None = None,
        path: str | os.PathLike[str] = "storyboard.json",
        *,
        references: Sequence[str | os.PathLike[str]] = (),
        engine: str | None = None,
        **parameters: Any,
    ) -> None:
        self.path = new_name(path)
        if not self.path.suffix:  # the videos lie in a folder of the name without it
            self.path = self.path.with_suffix(".json")
        known = file.read(self.path)
        with file.understanding(self.path):
            self._takes = file.read_takes(known)
            kept = [Shot(**shot) for shot in known.get("shots", [])]
            self._former = dict(known.get("made", {}))  # the key that each place was made from
        given = kept if shots is None else as_list("shots", shots, str | Shot)
        self.shots = [as_shot(shot) for shot in given]
        if not self.shots:
            raise BadInput(_NO_SHOTS)
        images = as_list("references", references, (str, os.PathLike))
        self.references = [expanded(image) for image in images]
        self.engine = engine
        self.parameters = parameters
        self.save()

    def __repr__(self) -> str:
        return f"<Storyboard {str(self.path)!r}: {len(self.shots)} shots>"

    def states(self) -> list[State]:
        """Return the state of each shot."""
        return [self._state(number, key) for number, key in enumerate(self.keys(), start=1)]

    def keys(self) -> list[str]:
        """Return the key of each shot's inputs."""
        return self._keys(self.shots)

    def videos(self) -> list[VideoFile | None]:
        """Return the video of each current shot; None for the others."""
        return [
            VideoFile(path, probe(path, whole=False)) if path else None
            for path in map(self._file, self.keys())
        ]

    def edit(self, number: int, **changes: Any) -> None:
        """Change a shot: ``board.edit(2, prompt="…")``. Shots count from 1."""
        index = self._index(number)
        shots = [*self.shots]
        shots[index] = replace(shots[index], **changes)
        self._arrange(shots)

    def move(self, number: int, to: int) -> None:
        """Move a shot. Videos stay with their shots."""
        start, end = self._index(number), self._index(to)
        shots = [*self.shots]
        shots.insert(end, shots.pop(start))
        self._arrange(shots)

    def add(self, shot: Shot | str) -> None:
        """Add a shot, or a prompt for one, at the end."""
        self.shots.append(as_shot(shot))
        self.save()

    def remove(self, number: int) -> None:
        """Remove a shot; its videos stay in the storyboard's folder.

        Raises:
            BadInput: the shot does not exist, is the only one, or is continued by the new first
                one.
        """
        rest = [shot for n, shot in enumerate(self.shots, 1) if n != self._index(number) + 1]
        if not rest:
            raise BadInput(_NO_SHOTS)
        self._arrange(rest)

    def again(self, number: int) -> None:
        """Request another take of a shot, which makes shots that continue it stale."""
        take = self.shots[self._index(number)].take
        newest = max(self.takes(number), default=0)
        self.edit(number, take=max(take, newest) + 1)

    def takes(self, number: int) -> dict[int, VideoFile]:
        """Return the videos of a shot's current version by take; see ``edit(2, take=1)``."""
        index, found = self._index(number), dict[int, VideoFile]()
        for take in range(1, self.shots[index].take + _TAKES):
            shots = [*self.shots]
            shots[index] = replace(shots[index], take=take)
            path = self._file(self._keys(shots)[index])
            if path is not None:
                found[take] = VideoFile(path, probe(path, whole=False))
        return found

    async def estimate(
        self, shots: int | Iterable[int] | None = None, *, videos: Videos | None = None
    ) -> Estimate:
        """Return what :meth:`make` would generate and what it would cost."""
        numbers, states = self._with_former(shots), self.states()
        wanted = [n for n in numbers if states[n - 1] is not State.CURRENT]
        engines = await (videos or connect()).engines()
        shots_of = [self.shots[number - 1] for number in wanted]
        used = {shot.engine or self.engine or engines.default for shot in shots_of}
        costs = {info.name: info.cost for info in engines.engines}
        seconds = sum(shot.seconds or 0 for shot in shots_of)
        return Estimate(wanted, seconds, {name: costs.get(name) for name in sorted(used)})

    async def make(
        self,
        shots: int | Iterable[int] | None = None,
        *,
        videos: Videos | None = None,
        on_shot: Callable[[int, State], object] | None = None,
    ) -> list[VideoFile]:
        """Generate stale and missing shots; return the videos of all shots.

        Args:
            shots: numbers of the shots to generate, along with those they continue; None = all.
            videos: the connection or client to use; None = ``connect()``.
            on_shot: called with a shot's number and state when it starts and when it is ready.

        A shot that was requested before (by a kernel that has ended, for example) is awaited, not
        generated again. A failed shot does not stop the others; it is retried the next time.

        Raises:
            TaskFailed, TaskCancelled, TaskNotFound: the error of the first shot without a video;
                the others are generated.
        """
        wanted = self._with_former(shots)
        videos = videos or connect()
        keys, made = self.keys(), dict[str, asyncio.Task[None]]()
        for number in wanted:
            shot, key = self.shots[number - 1], keys[number - 1]
            before = keys[number - 2] if shot.link == "continue" else None
            first = made.get(before) if before else None
            made[key] = asyncio.create_task(
                self._made(videos, number, shot, key, before, first, on_shot)
            )
        results = await asyncio.gather(*made.values(), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return [video for video in self.videos() if video is not None]

    def join(self, path: str | os.PathLike[str] | None = None, **how: Any) -> VideoFile:
        """Join the shots: see :func:`videogen_nb.join`.

        The frame that a continued shot shares with the previous one is shown once.

        Raises:
            BadInput: a shot has no current video.
        """
        return join(self._parts(), path=path, **how)

    def timeline(self, path: str | os.PathLike[str] | None = None, **how: Any) -> Path:
        """Export a timeline for video editors: see :func:`videogen_nb.timeline`.

        Raises:
            BadInput: a shot has no current video.
        """
        return timeline(self._parts(), path or self.path.with_suffix(".otio"), **how)

    def _parts(self) -> list[Part]:
        """Return the parts to join, without frames that a shot shares with the previous one.

        Raises:
            BadInput: a shot has no current video.
        """
        parts: list[Part] = []
        for number, (shot, video) in enumerate(zip(self.shots, self.videos(), strict=True), 1):
            if video is None:
                raise BadInput(_NOT_MADE(number=number, prompt=shot.prompt))
            start = 1 / video.facts.fps if shot.link == "continue" else 0.0
            parts.append(clip(video, start))
        return parts

    def save(self) -> None:
        """Write the file, keeping takes that another kernel has added."""
        known = file.read(self.path)
        with file.understanding(self.path):
            self._takes = {**file.read_takes(known), **self._takes}
        document = {
            "shots": [shot.to_json() for shot in self.shots],
            "takes": {key: asdict(take) for key, take in self._takes.items()},
            "made": self._former,
        }
        file.write(self.path, document)

    async def _made(
        self,
        videos: Videos,
        number: int,
        shot: Shot,
        key: str,
        before: str | None,
        first: Awaitable[None] | None,
        on_shot: Callable[[int, State], object] | None,
    ) -> None:
        if first is not None:
            await first
        if self._file(key) is None:
            if on_shot is not None:
                on_shot(number, self._state(number, key))
            take = self._takes.get(key)
            if take is None or take.failed:
                take = await self._asked(videos, shot, key, before)
            await self._fetched(videos, key, take)
        self._former[str(number)] = key
        self.save()
        if on_shot is not None:
            on_shot(number, State.CURRENT)

    async def _asked(self, videos: Videos, shot: Shot, key: str, before: str | None) -> Take:
        """Create a shot's task, or return the existing one."""
        attempt = sum(name.startswith(f"{key} ") for name in self._takes)
        arguments: dict[str, Any] = {**self.parameters, **shot.parameters}
        arguments |= {"duration": shot.seconds} if shot.seconds is not None else {}
        named = [("first", shot.first), ("last", shot.last)]
        named += [("reference", image) for image in self.references]
        images = [
            {"attachment": await videos.upload_image(Path(image)), "role": role}
            for role, image in named
            if image is not None
        ]
        if images:
            arguments["images"] = images
        if before is not None:
            arguments["after"] = self._takes[before].task
        task = await videos.create_task(
            shot.prompt,
            engine=shot.engine or self.engine,
            group=self.path.stem,
            idempotency_key=self._name_of(key, attempt),
            **arguments,
        )
        take = self._takes[key] = Take(str(task.id))
        self.save()
        return take

    def _name_of(self, key: str, attempt: int) -> str:
        """Return the idempotency key of a shot; it differs between storyboards."""
        words = f"{self.path.absolute()} {key} {attempt}"
        return f"storyboard-{hashlib.sha256(words.encode()).hexdigest()}"

    async def _fetched(self, videos: Videos, key: str, take: Take) -> None:
        target = self.path.with_suffix("") / f"{key[:12]}.mp4"
        try:
            done = await videos.wait(take.task)
        except (TaskFailed, TaskCancelled, TaskNotFound):
            self._takes[f"{key} {take.task}"] = replace(take, failed=True)
            self._takes[key] = replace(take, failed=True)
            self.save()
            raise
        await videos.download(done, target)
        self._takes[key] = replace(take, file=f"{target.parent.name}/{target.name}")

    def _arrange(self, shots: list[Shot]) -> None:
        """Replace the shots. Raises BadInput if the first shot continues another one."""
        self._keys(shots)
        self.shots = shots
        self.save()

    def _keys(self, shots: Sequence[Shot]) -> list[str]:
        return keys_of(shots, self.references, {"engine": self.engine, **self.parameters})

    def _with_former(self, numbers: int | Iterable[int] | None) -> list[int]:
        """Return these shots (None = all) and those that they continue, in order."""
        if numbers is None:
            return list(range(1, len(self.shots) + 1))
        wanted: set[int] = set()
        for number in as_list("shots", numbers, int):
            index = self._index(number)
            while self.shots[index].link == "continue" and index + 1 not in wanted:
                wanted.add(index + 1)
                index -= 1
            wanted.add(index + 1)
        return sorted(wanted)

    def _state(self, number: int, key: str) -> State:
        if self._file(key) is not None:
            return State.CURRENT
        return State.STALE if self._former.get(str(number)) else State.MISSING

    def _file(self, key: str) -> Path | None:
        take = self._takes.get(key)
        path = self.path.parent / take.file if take and take.file else None
        return path if path is not None and path.is_file() else None

    def _index(self, number: int) -> int:
        found = as_count("number", number) or 0
        if not 1 <= found <= len(self.shots):
            raise BadInput(_NO_SHOT(number=number, count=len(self.shots)))
        return found - 1


_TAKES: Final = 20  # beyond the chosen one, that are looked for

_ESTIMATE = Text(
    "{count} {count:shot|shots} to generate, {seconds:g} s: {engines}",
    "需生成 {count} 个镜头，共 {seconds:g} 秒：{engines}",
)
_NO_SHOTS = Text("A storyboard needs at least one shot.", "分镜至少需要一个镜头。")
_NO_SHOT = Text(
    "There is no shot {number}. Shots are numbered from 1 to {count}.",
    "没有第 {number} 个镜头，编号为 1 到 {count}。",
)
_NOT_MADE = Text(
    "Shot {number} ({prompt}) has no current video. Generate it first: await board.make().",
    "第 {number} 个镜头（{prompt}）尚未生成视频，或视频已不是最新。请先运行 await board.make()。",
)
