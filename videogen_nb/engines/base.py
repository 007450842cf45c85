"""Base classes of engines, which say what they can do, plan requests, and generate videos.

An engine object is created once in the gateway and once in each worker process, so creating it and
importing its module must be cheap: import heavy libraries inside ``run``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

from ..i18n import Text
from ..protocol.models import EngineInfo

#: Where something stands in an engine's table: names, and numbers from 0 in lists.
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class InputImage:
    """A checked image on the gateway's disk: upright, RGB, no metadata.

    With the role "video" it is a whole video, an MP4, for engines with the mode ``video``.
    """

    path: Path
    sha256: str
    width: int
    height: int
    role: Literal["first", "last", "reference", "video"] = "first"


@dataclass(frozen=True, slots=True)
class Drawn:
    """Which parts of the prompt a video shows and which it does not, in order.

    ``line`` says it in one or two sentences under the video; ``ahead`` says it beforehand.
    """

    shown: tuple[Text, ...]
    missing: tuple[Text, ...]
    line: Text
    ahead: Text

    def to_json(self) -> dict[str, Any]:
        """Return plain values in both languages, for storing."""
        names = {"shown": self.shown, "missing": self.missing}
        lists = {name: [text.to_json() for text in texts] for name, texts in names.items()}
        return {**lists, "line": self.line.to_json(), "ahead": self.ahead.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Drawn:
        """Return the inverse of :meth:`to_json`; old entries have no ``ahead``."""
        shown, missing = (tuple(map(Text.from_json, data[name])) for name in ("shown", "missing"))
        line, ahead = (Text.from_json(data.get(name, data["line"])) for name in ("line", "ahead"))
        return cls(shown, missing, line, ahead)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an engine will do with a request: all parameters, decided before work starts.

    ``parameters`` has at least ``duration`` (s), ``ratio``, ``resolution``, ``fps``, ``width``,
    ``height``, as far as the engine knows them; ``notes`` say what was chosen, adjusted or ignored
    and why; ``estimated_s`` is the engine's estimate of its work time, or None; ``drawn`` says
    which parts of the prompt will be shown, None if the engine cannot tell.
    """

    parameters: dict[str, Any]
    seed: int | None = None
    notes: tuple[Text, ...] = ()
    estimated_s: float | None = None
    drawn: Drawn | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One video to generate. Picklable, since it is sent to a worker process.

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
    """The result of ``run``: further notes, and the engine's information about the video."""

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
    """The base class of all engines. ``info()`` and ``plan()`` are quick and use no network.

    ``name`` is used in requests; each configured instance has its own.
    """

    name: str
    title: Text

    @abstractmethod
    def info(self, language: str) -> EngineInfo:
        """Return what it can do, and whether it is ready here, in ``language``."""

    @abstractmethod
    def plan(
        self, prompt: str, requested: Mapping[str, Any], images: Sequence[InputImage] = ()
    ) -> Plan:
        """Decide every parameter of a request.

        Args:
            prompt: 1 to 4,000 characters.
            requested: the request's ``duration``, ``ratio``, ``resolution``, ``fps``, ``seed``,
                ``extra`` if given; the engine chooses missing ones.
            images: checked images, in the request's order.

        Raises:
            BadParameter, BadPrompt, BadImage: the request is invalid; the message says what is
                valid.
        """

    def mistakes(self) -> Iterable[tuple[Place, Text]]:
        """Return what is wrong in its table in engines.toml, and where."""
        return ()


class ComputeEngine(Engine):
    """An engine that computes on this machine, in a worker process of the gateway."""

    silence_s: ClassVar[float] = 120.0  # a worker that reports nothing for so long is ended
    stop_s: ClassVar[float] = 2.0  # a worker that has not stopped after so long is ended
    warm_s: ClassVar[float] = 60.0  # a worker without work is ended after so long

    @property
    def entry_point(self) -> str:
        """The entry point that a worker process loads; shared by all instances."""
        return self.name

    @property
    def place(self) -> str:
        """Engines with the same place share a worker process; "" = any worker on the CPU."""
        return ""

    @abstractmethod
    def run(self, job: Job, report: Report, cancelled: Callable[[], bool]) -> Rendered:
        """Generate the video at ``job.output`` and its poster at ``job.poster``.

        Must call ``report`` regularly (at least 5 times per second while rendering) and check
        ``cancelled()`` at every frame.

        Raises:
            EngineCancelled: ``cancelled()`` became true.
            EngineError: it failed; the message says why.
        """
