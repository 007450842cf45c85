"""The engines of a data folder, each made once; one that cannot be loaded is told as that."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..engines import Engine
from ..engines.configured import load_engines
from ..errors import BadParameter
from ..i18n import Text
from ..protocol.models import EngineInfo, EngineList, Spending

_DEFAULT = "sketch"  # works everywhere, at no cost


class Catalogue:
    """Engines by name. ``default`` is that of requests that name none."""

    def __init__(self, default: str | None, folder: Path) -> None:
        self.default = default or _DEFAULT
        self.engines, self._broken = load_engines(folder)

    def find(self, name: str | None) -> Engine:
        """The engine of a request; None = the default one.

        Raises:
            BadParameter: there is none of this name, or it is not ready here.
        """
        name = name or self.default
        if name in self._broken:
            raise BadParameter(_NOT_READY(name=name, why=self._broken[name]), code=_UNREADY)
        if name not in self.engines:
            installed = ", ".join(self.engines) or "—"
            raise BadParameter(_UNKNOWN(name=name[:100], names=installed), code="unknown_engine")
        engine = self.engines[name]
        if not engine.info("en").ready:
            why = Text(engine.info("en").missing or "", engine.info("zh").missing or "")
            raise BadParameter(_NOT_READY(name=name, why=why), code=_UNREADY)
        return engine

    def listed(self, language: str, spending: Sequence[Spending] = ()) -> EngineList:
        """What each can do, in words of ``language``; the default one first."""
        infos = [
            engine.info(language).model_copy(
                update={"spending": [one for one in spending if one.engine == name]}
            )
            for name, engine in self.engines.items()
        ]
        infos += [
            EngineInfo(name=name, title=name, ready=False, missing=why.render(language))
            for name, why in self._broken.items()
        ]
        infos.sort(key=lambda info: (info.name != self.default, info.name))
        return EngineList(default=self.default, engines=infos)


_UNREADY = "engine_not_ready"
_NOT_READY = Text("The engine {name!r} is not ready: {why}", "引擎 {name!r} 在本机尚不可用：{why}")
_UNKNOWN = Text(
    "Unknown engine {name!r}. Installed engines: {names}.",
    "没有名为 {name!r} 的引擎。已安装：{names}。",
)
