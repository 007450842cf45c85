"""The fields beside a prompt: engine, duration, shape, resolution, seed."""

from __future__ import annotations

from typing import Any

import ipywidgets
from traitlets import HasTraits, Unicode

from ..errors import BadParameter
from ..i18n import Text
from ..protocol.models import EngineInfo, EngineList
from .base import stack
from .wording import Wording

_AUTO = Text("Automatic", "自动")
_SECONDS = Text("{s} s", "{s} 秒")
_NEEDS = Text("{title} (not ready)", "{title}（未就绪）")
_LABELS = {
    "engine": Text("Engine", "引擎"),
    "duration": Text("Length", "时长"),
    "ratio": Text("Shape", "画面比例"),
    "resolution": Text("Resolution", "分辨率"),
    "seed": Text("Seed", "随机种子"),
}
_ANY_SEED = Text("random", "随机")
_SEED_WRONG = Text(
    "The seed {seed!r} is not a whole number. Give one (the same number makes the same video), or "
    "leave the field empty.",
    "随机种子 {seed!r} 不是整数。请输入整数（相同的种子生成相同的视频），或留空。",
)
_USUAL_SECONDS = (2, 3, 5, 8, 10, 12, 15, 20, 30)


class Options(HasTraits):
    """Each trait is a field's value as text; "" = automatic. ``parameters()`` reads them."""

    engine = Unicode("")
    duration = Unicode("", help="seconds")
    ratio = Unicode("", help='such as "16:9"')
    resolution = Unicode("", help='such as "720p"')
    seed = Unicode("")

    def __init__(self, wording: Wording) -> None:
        super().__init__()
        self._wording = wording
        self._engines: EngineList | None = None
        self.fields: dict[str, Any] = {
            name: ipywidgets.Dropdown(options=[("", "")], value="")
            for name in ("engine", "duration", "ratio", "resolution")
        }
        self.fields["seed"] = ipywidgets.Text(continuous_update=True)
        for name, field in self.fields.items():
            wording.say(field, "description", _LABELS[name])
            field.observe(lambda c, name=name: self._picked(name, c["new"]), "value")
            self.observe(lambda c, name=name: self._set(name, c["new"]), name)
        self.fields["seed"].add_class("vnb-seed")
        wording.say(self.fields["seed"], "placeholder", _ANY_SEED)
        self.widget = stack(*self.fields.values(), classes=("vnb-fields",))
        self.observe(lambda _: self.relist(), "engine")
        self.relist()

    def offer(self, engines: EngineList) -> None:
        """Offer what the gateway's engines can do."""
        self._engines = engines
        self.relist()

    def relist(self) -> None:
        """Name the choices anew, for the engine that is chosen and the language."""
        engine = self.chosen()
        auto = (self._wording.render(_AUTO), "")
        self._options("engine", [auto, *self._engine_choices()])
        self._options("duration", [auto, *self._durations(engine)])
        self._options("ratio", [auto, *_same(engine.ratios if engine else ())])
        self._options("resolution", [auto, *_same(engine.resolutions if engine else ())])

    def chosen(self) -> EngineInfo | None:
        """The engine that would be used, as far as it is known."""
        if self._engines is None:
            return None
        name = self.engine or self._engines.default
        return next((e for e in self._engines.engines if e.name == name), None)

    def parameters(self) -> dict[str, Any]:
        """The fields that are set, as a request's parameters.

        Raises:
            BadParameter: the seed or the duration is not a number.
        """
        found: dict[str, Any] = {
            name: getattr(self, name)
            for name in ("engine", "ratio", "resolution")
            if getattr(self, name)
        }
        if self.duration:
            found["duration"] = float(self.duration)
        if seed := self.seed.strip():
            try:
                found["seed"] = int(seed)
            except ValueError:
                raise BadParameter(_SEED_WRONG(seed=seed)) from None
        return found

    def _picked(self, name: str, value: Any) -> None:
        setattr(self, name, "" if value is None else str(value))

    def _set(self, name: str, value: str) -> None:
        field = self.fields[name]
        if isinstance(field, ipywidgets.Dropdown) and value not in _values(field):
            label = value
            if name == "duration":
                label = self._wording.render(_SECONDS(s=f"{float(value):g}"))
            field.options = [*field.options, (label, value)]
        if field.value != value:
            field.value = value

    def _options(self, name: str, choices: list[tuple[str, str]]) -> None:
        field, kept = self.fields[name], getattr(self, name)
        if self._engines is None and kept not in [value for _, value in choices]:
            choices = [*choices, (kept, kept)]  # what the gateway offers is not known yet
        if list(field.options) == choices:
            return
        field.options = choices
        # What the newly chosen engine does not offer goes back to automatic.
        value = kept if kept in _values(field) else ""
        field.value = value
        setattr(self, name, value)

    def _engine_choices(self) -> list[tuple[str, str]]:
        engines = self._engines.engines if self._engines else []
        render = self._wording.render
        return [(e.title if e.ready else render(_NEEDS(title=e.title)), e.name) for e in engines]

    def _durations(self, engine: EngineInfo | None) -> list[tuple[str, str]]:
        shortest, longest = (engine.durations if engine else None) or (2, 15)
        return [
            (self._wording.render(_SECONDS(s=s)), str(s))
            for s in _USUAL_SECONDS
            if shortest <= s <= longest
        ]


def _values(field: Any) -> list[str]:
    return [value for _, value in field.options]


def _same(names: Any) -> list[tuple[str, str]]:
    return [(name, name) for name in names]
