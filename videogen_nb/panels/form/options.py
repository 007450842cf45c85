"""The options of a prompt: engine, duration, aspect ratio, resolution, caption, seed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from traitlets import HasTraits, Unicode

from ...errors import BadParameter
from ...i18n import Text
from ...protocol.models import EngineInfo, EngineList

#: The value of the field for captions that turns them off.
NO_CAPTION: Final = "off"

_AUTO: Final = Text("Auto", "自动")
_SECONDS: Final = Text("{s} s", "{s} 秒")
_NEEDS: Final = Text("{title} (not ready)", "{title}（未就绪）")
_LABELS: Final = {
    "engine": Text("Engine", "引擎"),
    "duration": Text("Duration", "时长"),
    "ratio": Text("Aspect ratio", "宽高比"),
    "resolution": Text("Resolution", "分辨率"),
    "caption": Text("Caption", "说明文字"),
}
_OFF: Final = Text("None", "不加")
_NO_CAPTION: Final = Text("no caption", "不加说明文字")
_ANY_DURATION: Final = Text("auto duration", "时长自动")
_ANY_RATIO: Final = Text("auto aspect ratio", "宽高比自动")
_ANY_SEED: Final = Text("random seed", "随机种子")
_SEED: Final = Text("seed {seed}", "种子 {seed}")
_SEED_WRONG: Final = Text(
    "Invalid seed: {seed!r} is not a whole number. Enter one (the same number gives the same "
    "video), or leave the field empty.",
    "种子 {seed!r} 不是整数。请输入整数（相同的种子生成相同的视频），或留空。",
)
_DURATION_WRONG: Final = Text(
    "Invalid duration: {duration!r} is not a number of seconds.",
    "时长 {duration!r} 不是数字，请输入秒数。",
)
_USUAL_SECONDS: Final = (2, 3, 5, 8, 10, 12, 15, 20, 30)

Choices = list[tuple[str, str]]


class Options(HasTraits):
    """Options as traits: each field's value as text, "" = automatic. See ``parameters()``."""

    engine = Unicode("")
    duration = Unicode("", help="seconds")
    ratio = Unicode("", help='such as "16:9"')
    resolution = Unicode("", help='such as "720p"')
    caption = Unicode("", help='"off": nothing is lettered on the video')
    seed = Unicode("")

    def __init__(self, render: Callable[[Text], str]) -> None:
        super().__init__()
        self._render = render
        self._engines: EngineList | None = None
        self.observe(lambda _: self._settle(), "engine")

    def offer(self, engines: EngineList) -> None:
        """Offer what the gateway's engines support."""
        self._engines = engines
        self._settle()

    def chosen(self) -> EngineInfo | None:
        """Return the engine that would be used, if known."""
        if self._engines is None:
            return None
        name = self.engine or self._engines.default
        return next((e for e in self._engines.engines if e.name == name), None)

    def choices(self, name: str) -> Choices:
        """Return a field's choices as pairs of text and value, including its current value."""
        choices = [(self._render(_AUTO), ""), *self._offered(name)]
        value = getattr(self, name)
        if value not in _values(choices):
            choices.append((self._label(name, value), value))
        return choices

    def view(self) -> list[dict[str, Any]]:
        """Return the fields and choices that the engine supports, as plain values."""
        return [
            {
                "name": name,
                "title": self._render(label),
                "choices": [list(choice) for choice in self.choices(name)],
            }
            for name, label in _LABELS.items()
            if name != "caption" or self._offered(name)
        ]

    def values(self) -> dict[str, str]:
        """Return the values of the fields by name."""
        return {name: getattr(self, name) for name in (*_LABELS, "seed")}

    def summary(self) -> str:
        """Return a summary on one line: ``5 s · 16:9 · Procedural sketch (no model) · seed 7``."""
        engine, seed = self.chosen(), self.seed.strip()
        parts = [
            self._label("duration", self.duration) or self._render(_ANY_DURATION),
            self.ratio or self._render(_ANY_RATIO),
            self.resolution,
            self._render(_NO_CAPTION) if self.caption else "",
            engine.title if engine is not None else "",
            self._render(_SEED(seed=seed) if seed else _ANY_SEED),
        ]
        return " · ".join(part for part in parts if part)

    def use(self, wanted: Mapping[str, Any]) -> None:
        """Set the fields to a task's parameters; missing ones become automatic."""
        self.engine = str(wanted.get("engine") or "")
        self.caption = NO_CAPTION if wanted.get("caption") is False else ""
        for name in ("duration", "ratio", "resolution", "seed"):
            value = wanted.get(name)
            as_text = f"{value:g}" if isinstance(value, float) else str(value)
            self.set_trait(name, "" if value is None else as_text)
        self._settle()

    def parameters(self) -> dict[str, Any]:
        """Return the fields that are set as request parameters.

        Raises:
            BadParameter: the seed or the duration is not a number.
        """
        found: dict[str, Any] = {
            name: getattr(self, name)
            for name in ("engine", "ratio", "resolution")
            if getattr(self, name)
        }
        if self.duration:
            found["duration"] = seconds = _number(self.duration)
            if seconds is None:
                raise BadParameter(_DURATION_WRONG(duration=self.duration))
        if self.caption == NO_CAPTION:
            found["caption"] = False
        if seed := self.seed.strip():
            try:
                found["seed"] = int(seed)
            except ValueError:
                raise BadParameter(_SEED_WRONG(seed=seed)) from None
        return found

    def _settle(self) -> None:
        """Reset fields that the engine does not support, once that is known."""
        if self._engines is None:
            return
        for name in _LABELS:
            value = getattr(self, name)
            if value and value not in _values(self._offered(name)) and not self._may_be(name):
                self.set_trait(name, "")

    def _may_be(self, name: str) -> bool:
        return name == "duration" and self._fits(_number(self.duration))

    def _fits(self, seconds: float | None) -> bool:
        shortest, longest = self._span()
        return seconds is not None and shortest <= seconds <= longest

    def _span(self) -> tuple[float, float]:
        engine = self.chosen()
        shortest, longest = (engine.durations if engine else None) or (2, 15)
        return shortest, longest

    def _offered(self, name: str) -> Choices:
        engine = self.chosen()
        if name == "engine":
            return (
                [(self._title(e), e.name) for e in self._engines.engines] if self._engines else []
            )
        if name == "duration":
            fitting = [s for s in _USUAL_SECONDS if self._fits(s)]
            return [(self._label(name, str(s)), str(s)) for s in fitting]
        if engine is None:
            return []
        if name == "caption":  # only the built-in engine's scenes have one
            return [(self._render(_OFF), NO_CAPTION)] if engine.scenes else []
        return _same(engine.ratios if name == "ratio" else engine.resolutions)

    def _title(self, engine: EngineInfo) -> str:
        return engine.title if engine.ready else self._render(_NEEDS(title=engine.title))

    def _label(self, name: str, value: str) -> str:
        seconds = _number(value) if name == "duration" else None
        return value if seconds is None else self._render(_SECONDS(s=f"{seconds:g}"))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _values(choices: Choices) -> list[str]:
    return [value for _, value in choices]


def _same(names: Iterable[str]) -> Choices:
    return [(name, name) for name in names]
