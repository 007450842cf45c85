"""Whether the server that an engine's ``url`` names can be reached; nothing is sent to it."""

from __future__ import annotations

import asyncio
from typing import Final

import httpx

from ...engines.base import Engine
from ...engines.pool import PoolEngine
from ...engines.remote import RemoteEngine
from ...engines.rest.engine import RestEngine
from ...i18n import Text, current_language
from ...network.proxy_selection import proxy_for
from ...protocol.models import PoolMember

_WITHIN_S: Final = 5.0


def members_of(pool: PoolEngine) -> list[PoolMember]:
    """Return a pool's members, and whether each can be used."""
    there = pool.members()
    told = pool.info(current_language()).members
    return asyncio.run(_all(told, there))


def unreachable(engine: Engine) -> Text | None:
    """Return why an engine's server cannot be reached; None = it can, or is not checked."""
    return asyncio.run(_why(engine))


async def _all(told: list[PoolMember], there: dict[str, Engine]) -> list[PoolMember]:
    ready = [one for one in told if one.available]
    whys = await asyncio.gather(*(_why(there[one.name]) for one in ready))
    wrong = {one.name: str(why) for one, why in zip(ready, whys, strict=True) if why is not None}
    return [
        one.model_copy(update={"available": False, "why": wrong[one.name]})
        if one.name in wrong
        else one
        for one in told
    ]


async def _why(engine: Engine) -> Text | None:
    """Return why a server in engines.toml cannot be reached; None for one that is not checked."""
    if not isinstance(engine, RemoteEngine) or isinstance(engine, RestEngine):
        return None
    if engine.instance.url is None or engine.address is None:
        return None
    url = httpx.URL(engine.address)
    if proxy_for(url) is not None:
        return None
    port = url.port or {"https": 443}.get(url.scheme, 80)
    try:
        async with asyncio.timeout(_WITHIN_S):
            _, writer = await asyncio.open_connection(url.host, port)
    except (OSError, TimeoutError, UnicodeError) as error:  # the last: a name that cannot be asked
        return _AWAY(address=engine.address, why=_reason(error))
    writer.close()
    return None


def _reason(error: Exception) -> str | Text:
    told = getattr(error, "strerror", None) or str(error)
    return _SILENT if isinstance(error, TimeoutError) else told


_AWAY = Text("{address} cannot be reached: {why}", "无法连接 {address}：{why}")
_SILENT = Text("no response within 5 seconds", "5 秒内没有响应")
