"""What an engine is: it tells what it can do, plans a request, and makes the video.

An engine object is made once in the gateway and once in each worker process, so making one is
cheap and importing its module is too: whatever is heavy is imported inside ``run``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

from ..i18n import Text
from ..protocol.models import EngineInfo


@dataclass(frozen=True, slots=True)
class InputImage:
    """A checked image on the gateway's disk: upright, RGB, no metadata."""

    path: Path
    sha256: str
    width: int
    height: int
    role: Literal["first", "last", "reference"] = "first"


@dataclass(frozen=True, slots=True)
class Drawn:
    """What of the prompt a video shows and what not, where an engine knows: names in order.

    ``line`` says it in one sentence or two, for people who see the video; ``ahead`` says it before
    there is one.
    """

    shown: tuple[Text, ...]
    missing: tuple[Text, ...]
    line: Text
    ahead: Text

    def to_json(self) -> dict[str, Any]:
        """In both languages, for storing."""
        names = {"shown": self.shown, "missing": self.missing}
        lists = {name: [text.to_json() for text in texts] for name, texts in names.items()}
        return {**lists, "line": self.line.to_json(), "ahead": self.ahead.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Drawn:
        """The inverse of :meth:`to_json`; ``ahead`` was not always stored."""
        shown, missing = (tuple(map(Text.from_json, data[name])) for name in ("shown", "missing"))
        line, ahead = (Text.from_json(data.get(name, data["line"])) for name in ("line", "ahead"))
        return cls(shown, missing, line, ahead)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an engine will do with a request: every parameter settled, before anything is made.

    ``parameters`` holds at least ``duration`` (s), ``ratio``, ``resolution``, ``fps``, ``width``,
    ``height`` where the engine knows them; ``notes`` say what was chosen, snapped or dropped and
    why; ``estimated_s`` is the engine's own guess of its work time, None where it has none;
    ``drawn`` is what of the prompt will be seen, None where the engine cannot tell.
    """

    parameters: dict[str, Any]
    seed: int | None = None
    notes: tuple[Text, ...] = ()
    estimated_s: float | None = None
    drawn: Drawn | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One video to make. Picklable: it crosses into a worker process.

    ``output`` is where the MP4 goes, ``poster`` where its JPEG poster goes; both are temporary
    names that the runner renames when ``run`` has returned. ``parent`` is the id of the task that
    this one continues, ``hops`` how many gateways have passed it on.
    """

    task_id: str
    prompt: str
    plan: Plan
    output: Path
    poster: Path
    images: tuple[InputImage, ...] = ()
    parent: str | None = None
    hops: int = 0


@dataclass(frozen=True, slots=True)
class Rendered:
    """What came of it: further notes, and what the engine wants to be known of the video."""

    notes: tuple[Text, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


#: What engines say that letter nothing on their videos, where it was asked for.
NO_CAPTION: Final = Text(
    "This engine does not add captions to videos; caption was ignored.",
    "该引擎不会在视频上加文字，已忽略 caption。",
)

#: ``report(progress 0–1 or None, stage)``; cheap to call at every frame.
Report = Callable[[float | None, Text | None], None]


class Engine(ABC):
    """What all engines share. ``info()`` and ``plan()`` are quick and touch no network.

    ``name`` is what requests call it by: one of its class, or one of each configured instance.
    """

    name: str
    title: Text

    @abstractmethod
    def info(self, language: str) -> EngineInfo:
        """Return what it can do, and whether it is ready here, in words of ``language``."""

    @abstractmethod
    def plan(
        self, prompt: str, requested: Mapping[str, Any], images: Sequence[InputImage] = ()
    ) -> Plan:
        """Settle every parameter of a request.

        Args:
            prompt: 1 to 4,000 characters.
            requested: the request's ``duration``, ``ratio``, ``resolution``, ``fps``, ``seed``,
                ``extra`` where they were given; a missing one is the engine's to choose.
            images: checked images, in the request's order.

        Raises:
            BadParameter, BadPrompt, BadImage: the request does not fit; the text says what does.
        """


class ComputeEngine(Engine):
    """An engine that computes here, in a worker process of the gateway."""

    silence_s: ClassVar[float] = 120.0  # a worker that reports nothing for so long is ended
    stop_s: ClassVar[float] = 2.0  # a worker that has not stopped after so long is ended
    warm_s: ClassVar[float] = 60.0  # a worker without work is ended after so long

    @property
    def entry_point(self) -> str:
        """What a worker process loads it by; an instance of another name is made by the same."""
        return self.name

    @property
    def place(self) -> str:
        """Engines of one place share its worker process; "" = any of those on the processor."""
        return ""

    @abstractmethod
    def run(self, job: Job, report: Report, cancelled: Callable[[], bool]) -> Rendered:
        """Make the video at ``job.output`` and its poster at ``job.poster``.

        Calls ``report`` as it goes (at least 5 times a second while rendering) and looks at
        ``cancelled()`` at every frame.

        Raises:
            EngineCancelled: ``cancelled()`` became true.
            EngineError: it cannot be made; the text says why.
        """
