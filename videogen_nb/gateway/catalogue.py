"""The engines that are installed, each made once; one that cannot be loaded is told as that."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from ..engines import Engine, engine_names, load_engine
from ..errors import BadParameter
from ..i18n import Text
from ..schemas import EngineInfo, EngineList

logger = logging.getLogger(__name__)


class Catalogue:
    """Engines by name."""

    def __init__(self, default: str) -> None:
        self.default = default
        self._broken: dict[str, Text] = {}
        engines: dict[str, Engine] = {}
        for name in engine_names():
            try:
                engines[name] = load_engine(name)
            except Exception as error:  # the boundary: an outside package's fault is its own
                logger.exception("The engine %r cannot be loaded", name)
                self._broken[name] = _BROKEN(kind=type(error).__name__, message=str(error))
        self.engines: Mapping[str, Engine] = engines

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

    def listed(self, language: str) -> EngineList:
        """What each can do, in words of ``language``; the default one first."""
        infos = [engine.info(language) for engine in self.engines.values()]
        infos += [
            EngineInfo(name=name, title=name, ready=False, missing=why.render(language))
            for name, why in self._broken.items()
        ]
        infos.sort(key=lambda info: (info.name != self.default, info.name))
        return EngineList(default=self.default, engines=infos)


_UNREADY = "engine_not_ready"
_BROKEN = Text("it cannot be loaded ({kind}: {message})", "无法加载（{kind}：{message}）")
_NOT_READY = Text(
    "The engine {name!r} is not ready here: {why}", "引擎 {name!r} 在本机尚不可用：{why}"
)
_UNKNOWN = Text(
    "There is no engine named {name!r} here. Installed: {names}.",
    "没有名为 {name!r} 的引擎。已安装：{names}。",
)
