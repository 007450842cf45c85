"""The engines of a gateway with their current state."""

from __future__ import annotations

from collections.abc import Sequence

from ...engines.pool import PoolEngine
from ...protocol.models import EngineInfo, EngineList, PoolMember, Spending
from ..jobs.pool.members import Member
from .gateway import Gateway


def engine_list(gateway: Gateway, language: str, spending: Sequence[Spending] = ()) -> EngineList:
    """Return all engines and, for pools, the load of each member."""
    listed = gateway.registry.listed(language, spending)
    infos = [_with_members(gateway, info, language) for info in listed.engines]
    return listed.model_copy(update={"engines": infos})


def _with_members(gateway: Gateway, info: EngineInfo, language: str) -> EngineInfo:
    pool = gateway.registry.engines.get(info.name)
    if not isinstance(pool, PoolEngine):
        return info
    members = [_member(one, language) for one in gateway.runner.pools.members(pool)]
    return info.model_copy(update={"members": members})


def _member(member: Member, language: str) -> PoolMember:
    return PoolMember(
        name=member.name,
        available=member.why is None,
        why=member.why and member.why.render(language),
        running=member.load.running,
        waiting=member.load.waiting,
        slots=member.load.slots,
    )
