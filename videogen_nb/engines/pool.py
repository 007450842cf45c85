"""Pools: several engines under one name. A pool assigns each task to a member."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any, Final

from ..errors import BadParameter
from ..i18n import Text, current_language
from ..protocol.models import EngineInfo, PoolMember
from .base import Engine, InputImage, Plan
from .instances import POOL, Instance, in_table

CANCEL: Final = ("never", "queued", "always")  # from the least to the most


class PoolEngine(Engine):
    """An engine that supports what all of its ready members support.

    ``instance.members`` has their names; :meth:`bind` provides the engines.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.name = instance.name
        words = ", ".join(instance.members)
        told = Text.same(instance.title) if instance.title else None
        self.title = told or _TITLE(name=instance.name, members=words)
        self._engines: Mapping[str, Engine] = {}

    def bind(self, engines: Mapping[str, Engine]) -> None:
        """Use these engines to find the members."""
        self._engines = engines

    def members(self) -> dict[str, Engine]:
        """Return the existing members by name, in the order of the settings."""
        found = {name: self._engines.get(name) for name in self.instance.members}
        return {name: engine for name, engine in found.items() if engine is not None}

    def ready(self) -> dict[str, Engine]:
        """Return the members that are ready."""
        return {name: one for name, one in self.members().items() if one.info("en").ready}

    def info(self, language: str) -> EngineInfo:
        """Return what all ready members support."""
        told = {name: engine.info(language) for name, engine in self.members().items()}
        members = [_member(name, told.get(name), language) for name in self.instance.members]
        infos = [info for info in told.values() if info.ready]
        missing = None if infos else _NOBODY(members="; ".join(map(_words, members)))
        return EngineInfo(
            name=self.name,
            title=self.title.render(language),
            ready=missing is None,
            missing=missing and missing.render(language),
            modes=_common(info.modes for info in infos),
            durations=_overlap([info.durations for info in infos]),
            ratios=_common(info.ratios for info in infos if info.ratios),
            resolutions=_common(info.resolutions for info in infos if info.resolutions),
            progress=bool(infos) and all(info.progress for info in infos),
            cancel=min((info.cancel for info in infos), key=CANCEL.index, default="never"),
            cost=" / ".join(dict.fromkeys(info.cost for info in infos if info.cost)) or None,
            members=members,
        )

    def plan(
        self, prompt: str, requested: Mapping[str, Any], images: Sequence[InputImage] = ()
    ) -> Plan:
        """Return the common plan of all ready members; the member decides the rest.

        Raises:
            BadParameter, BadPrompt, BadImage: one of them refuses it, or none is ready.
        """
        plans = [one.plan(prompt, requested, images) for one in self.ready().values()]
        if not plans:
            missing = self.info(current_language()).missing or self.name
            raise BadParameter(Text.same(missing), code="engine_not_ready")
        first, *others = plans
        guesses = [plan.estimated_s for plan in plans if plan.estimated_s is not None]
        return Plan(
            {
                name: value
                for name, value in first.parameters.items()
                if all(name in plan.parameters and plan.parameters[name] == value for plan in plans)
            },
            next((plan.seed for plan in plans if plan.seed is not None), None),
            tuple(note for note in first.notes if all(note in plan.notes for plan in others)),
            fmean(guesses) if len(guesses) == len(plans) else None,
            first.drawn if all(plan.drawn == first.drawn for plan in others) else None,
        )


def plan_of_member(
    engine: Engine,
    prompt: str,
    requested: Mapping[str, Any],
    images: Sequence[InputImage],
    seed: int | None,
) -> Plan:
    """Return a member's plan for a request that its pool has planned with ``seed``.

    Raises:
        BadParameter, BadPrompt, BadImage: the member refuses it.
    """
    plan = engine.plan(prompt, requested, images)
    if plan.seed in (None, seed) or seed is None:
        return plan
    return engine.plan(prompt, {**requested, "seed": seed}, images)


def add_pools(
    pools: Iterable[Instance], engines: dict[str, Engine], broken: dict[str, Text]
) -> None:
    """Add the configured pools after all other engines."""
    others = {*engines, *broken, *(name.strip("[]") for name in broken)}
    known = ", ".join(sorted(engines))
    for pool in pools:
        unknown = [name for name in pool.members if name not in others]
        if unknown:
            wrong = _UNKNOWN(member=unknown[0], known=known)
            broken[pool.name] = in_table(pool.name, wrong, POOL)
        else:
            engines[pool.name] = PoolEngine(pool)


def bind_pools(engines: Mapping[str, Engine]) -> None:
    """Bind each pool to its members among these engines."""
    for engine in engines.values():
        if isinstance(engine, PoolEngine):
            engine.bind(engines)


def _member(name: str, info: EngineInfo | None, language: str) -> PoolMember:
    if info is None:
        return PoolMember(name=name, available=False, why=_GONE.render(language))
    return PoolMember(name=name, available=info.ready, why=info.missing)


def _words(member: PoolMember) -> str:
    return f"{member.name}: {member.why}"


def _common(lists: Iterable[list[str]]) -> list[str]:
    """Return the values that all of them contain, in the order of the first."""
    first, *others = [*lists] or [[]]
    return [one for one in first if all(one in other for other in others)]


def _overlap(ranges: Sequence[tuple[float, float] | None]) -> tuple[float, float] | None:
    told = [one for one in ranges if one is not None]
    if not told:
        return None
    shortest, longest = max(low for low, _ in told), min(high for _, high in told)
    return (shortest, longest) if shortest <= longest else None


_TITLE = Text("{name}: pool of {members}", "{name}：引擎池（{members}）")
_GONE = Text("it is not set up correctly", "设置有误")
_NOBODY = Text("no member of the pool is ready ({members})", "池中没有可用的引擎（{members}）")
_UNKNOWN = Text(
    "unknown member {member!r}. Choose from {known}; a pool cannot contain another pool.",
    "没有名为 {member!r} 的成员，可用：{known}；引擎池不能包含另一个引擎池。",
)
