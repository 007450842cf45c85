"""Finding engines: installed ones, and the instances in ``engines.toml``."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol, runtime_checkable

from ..errors import BadParameter
from ..i18n import Text
from ..protocol.models import EngineInfo, EngineList, Spending
from ..security.file_stamp import Stamp, file_stamp
from ..text.encoding import read_config
from .base import ComputeEngine, Engine
from .instances import FILE, POOL, Instance, in_table, read_instances
from .pool import add_pools, bind_pools

GROUP = "videogen_nb.engines"
TABLES = "providers"  # the folder of tables in the data folder
_DEFAULT = "sketch"  # works everywhere, at no cost

logger = logging.getLogger(__name__)


@runtime_checkable
class Family(Protocol):
    """What an entry point may name instead of one engine: several, each with its own name."""

    def kinds(self, folder: Path) -> Mapping[str, Callable[[Instance], Engine] | BadParameter]:
        """Return a factory for each kind; an invalid one is replaced by its error."""


def engine_names() -> list[str]:
    """Return the names of all installed engines in alphabetical order."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def load_engine(name: str) -> Engine:
    """Create an engine object.

    Raises:
        BadParameter: no engine has this name; the message lists the available ones.
    """
    for point in entry_points(group=GROUP, name=name):
        engine = point.load()()
        if not isinstance(engine, Engine):
            raise TypeError(f"entry point {point.value} of {GROUP} is not an Engine")
        return engine
    raise _unknown(name, engine_names())


class Registry:
    """The engines of one data folder, each created once.

    ``default`` is the engine for requests that do not name one; ``engines`` has the usable ones by
    name; ``broken`` says why the others cannot be loaded.
    """

    def __init__(self, folder: Path, default: str | None = None) -> None:
        self.default = default or _DEFAULT
        self._folder = folder
        self._read = _stamps(folder)
        self._written = _is_written(folder)
        self._leaving: set[str] = set()  # removed from the settings, with tasks to end
        self.engines, self.broken = load_engines(folder)
        bind_pools(self.engines)
        #: Engines whose place another one has taken; tasks under way may still use them.
        self.retired: list[Engine] = []

    def changed(self) -> bool:
        """Return whether the settings have changed."""
        return bool(self._leaving) or _stamps(self._folder) != self._read

    def reload(self, in_use: Collection[str]) -> None:
        """Reload the settings; running tasks keep the engine they started with.

        Errors in the settings are listed in ``broken``, and the previous settings stay in use, as
        do engines that compute here, whose workers have already started. An empty engines.toml
        counts as not yet saved: editors empty a file before they write it.

        Args:
            in_use: names of the engines of unfinished tasks.
        """
        self._read = _stamps(self._folder)
        engines, broken = load_engines(self._folder)
        if (written := _is_written(self._folder)) is False and self._written:
            broken[FILE] = _BLANK(file=self._folder / FILE)
        if FILE in broken:
            logger.warning("%s", broken[FILE])
            self.broken = {**self.broken, FILE: broken[FILE]}
            return
        self._written, self._leaving = written, set()
        for name in {*self.engines, *engines}:
            self._settle(name, engines, broken, in_use)
        self.engines.update(engines)
        for name in self.engines.keys() - engines.keys():
            del self.engines[name]
        bind_pools(self.engines)
        self.broken = broken

    def _settle(
        self,
        name: str,
        engines: dict[str, Engine],
        broken: dict[str, Text],
        in_use: Collection[str],
    ) -> None:
        """Choose between two engines with the same name and store the result in ``engines``."""
        old, new = self.engines.get(name), engines.get(name)
        if old is None:
            if isinstance(new, ComputeEngine):
                del engines[name]
                broken[name] = _RESTART
            return
        if new is not None and _is_same(old, new):
            engines[name] = old
            return
        if isinstance(old, ComputeEngine) or isinstance(new, ComputeEngine) or name in broken:
            engines[name] = old
            broken[f"[{name}]"] = _KEPT(why=broken.pop(name, _RESTART))
            logger.warning("%s", broken[f"[{name}]"])
        elif new is None and name in in_use:
            engines[name] = old
            self._leaving.add(name)
        else:
            self.retired.append(old)

    def find(self, name: str | None) -> Engine:
        """Return the engine for a request; None = the default.

        Raises:
            BadParameter: no engine has this name, or it is not ready.
        """
        name = name or self.default
        if name in self.broken:
            raise BadParameter(_NOT_READY(name=name, why=self.broken[name]), code=_UNREADY)
        if name not in self.engines:
            raise _unknown(name, self.engines)
        if name in self._leaving:
            raise BadParameter(_NOT_READY(name=name, why=_LEAVING), code=_UNREADY)
        engine = self.engines[name]
        if not engine.info("en").ready:
            why = Text(engine.info("en").missing or "", engine.info("zh").missing or "")
            raise BadParameter(_NOT_READY(name=name, why=why), code=_UNREADY)
        return engine

    def known(self, name: str) -> Engine:
        """Return an engine by name, ready or not. Raises BadParameter if there is none."""
        if name not in self.engines:
            raise _unknown(name, self.engines)
        return self.engines[name]

    def listed(self, language: str, spending: Sequence[Spending] = ()) -> EngineList:
        """Return what each engine can do, in ``language``; the default and ready ones first."""
        leaving = {"ready": False, "missing": _LEAVING.render(language)}
        infos = [
            engine.info(language).model_copy(
                update={"spending": [one for one in spending if one.engine == name]}
                | (leaving if name in self._leaving else {})
            )
            for name, engine in self.engines.items()
        ]
        infos += [
            EngineInfo(name=name, title=name, ready=False, missing=why.render(language))
            for name, why in self.broken.items()
        ]
        infos.sort(key=lambda info: (info.name != self.default, not info.ready, info.name))
        return EngineList(default=self.default, engines=infos)


def load_engines(folder: Path) -> tuple[dict[str, Engine], dict[str, Text]]:
    """Load all engines; return them by name, and the errors of those that cannot be loaded.

    Engines with settings are loaded as instances (see :mod:`.instances`): remote engines, and every
    class with a ``kind`` that is created from an :class:`.instances.Instance`.
    """
    engines: dict[str, Engine] = {}
    broken: dict[str, Text] = {}
    kinds: dict[str, Callable[[Instance], Engine]] = {}
    for point in entry_points(group=GROUP):
        try:
            made = point.load()
            if getattr(made, "kind", None) == point.name:
                kinds[point.name] = made
                continue
            if isinstance(made, Family):
                _add_family(made.kinds(folder), kinds, broken)
                continue
            engine = made()
            if not isinstance(engine, Engine):
                raise TypeError(f"entry point {point.value} of {GROUP} is not an Engine")
            engines[point.name] = engine
        except Exception as error:  # the boundary: an outside package's fault is its own
            logger.exception("The engine %r cannot be loaded", point.name)
            broken[point.name] = _BROKEN(kind=type(error).__name__, message=str(error))
    _add_instances(folder, kinds, engines, broken)
    return engines, broken


def _add_family(
    family: Mapping[str, Callable[[Instance], Engine] | BadParameter],
    kinds: dict[str, Callable[[Instance], Engine]],
    broken: dict[str, Text],
) -> None:
    for name, kind in family.items():
        if isinstance(kind, BadParameter):
            broken[name] = kind.text
        else:
            kinds.setdefault(name, kind)


def _add_instances(
    folder: Path,
    kinds: Mapping[str, Callable[[Instance], Engine]],
    engines: dict[str, Engine],
    broken: dict[str, Text],
) -> None:
    pools = []
    for name, instance in read_instances(folder, kinds).items():
        if isinstance(instance, BadParameter):
            broken[name] = instance.text
        elif name in engines:
            broken[f"[{name}]"] = in_table(name, _TAKEN)
        elif instance.kind == POOL:
            pools.append(instance)
        else:
            engines[name] = kinds[instance.kind](instance)
    add_pools(pools, engines, broken)
    bind_pools(engines)


def _stamps(folder: Path) -> dict[Path, Stamp]:
    """Return the stamps of the settings files."""
    found = {}
    for path in (folder / FILE, *sorted((folder / TABLES).glob("*.toml"))):
        with contextlib.suppress(OSError):
            found[path] = file_stamp(path)
    return found


def _is_written(folder: Path) -> bool | None:
    """Return whether there is anything in engines.toml; None = there is no such file."""
    try:
        return bool(read_config(folder / FILE).strip())
    except (OSError, UnicodeError):
        return None


def _is_same(old: Engine, new: Engine) -> bool:
    """Return whether two engines have the same settings."""
    old, new = (getattr(one, "here", one) for one in (old, new))  # without a cluster's part in it
    parts = [(getattr(one, "instance", None), getattr(one, "table", None)) for one in (old, new)]
    return type(old) is type(new) and parts[0] == parts[1]


def _unknown(name: str, installed: Sequence[str] | Mapping[str, Engine]) -> BadParameter:
    text = _UNKNOWN(name=name[:100], names=", ".join(installed) or "—")
    return BadParameter(text, code="unknown_engine")


_UNREADY = "engine_not_ready"
_UNKNOWN = Text(
    "Unknown engine {name!r}. Installed engines: {names}.",
    "没有名为 {name!r} 的引擎。已安装：{names}。",
)
_NOT_READY = Text("The engine {name!r} is not ready: {why}", "引擎 {name!r} 在本机尚不可用：{why}")
_LEAVING = Text(
    "it was removed from engines.toml and is only finishing its existing tasks",
    "已从 engines.toml 中移除，只完成已有任务",
)
_RESTART = Text(
    "an engine that runs on this machine applies new settings when the gateway restarts "
    "(videogen-nb stop --force)",
    "在本机计算的引擎需重启网关后才使用新设置（videogen-nb stop --force）",
)
_BLANK = Text(
    "{file} is empty; the previous engines stay in use. To have none, delete the file.",
    "{file} 是空的，之前的引擎继续使用。如不再需要，请删除该文件。",
)
_KEPT = Text("{why} (the previous settings stay in use)", "{why}（仍使用之前的设置）")
_BROKEN = Text("it cannot be loaded ({kind}: {message})", "无法加载（{kind}：{message}）")
_TAKEN = Text(
    "this name belongs to an engine without settings. Choose another.",
    "与一个不接受设置的引擎同名，请换一个名称。",
)
