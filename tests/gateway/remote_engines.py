"""Engines that ask elsewhere, set up in a gateway's folder; their upstreams are served for real."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.upstreams import ark, openai
from tests.upstreams.rest import Provider
from videogen_nb.engines.keys import Keyring
from videogen_nb.testing.serving import served


class Sleeps:
    """A sleep that is over soon, and remembers for how long it was to be."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(min(seconds, 0.003))


class NoMinute(Sleeps):
    """A sleep that is over soon, but never one of a minute or more."""

    async def __call__(self, seconds: float) -> None:
        if seconds >= 60:
            await asyncio.Event().wait()
        await super().__call__(seconds)


def set_up(home: Path, name: str, url: str, **settings: Any) -> None:
    """Add a table to the folder's engines.toml."""
    home.mkdir(parents=True, exist_ok=True)
    lines = [f"[{name}]", f'url = "{url}"']
    lines += [f"{setting} = {_toml(value)}" for setting, value in settings.items()]
    with (home / "engines.toml").open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


@contextmanager
def ark_in(home: Path, upstream: ark.Ark, name: str = "ark", **settings: Any) -> Iterator[None]:
    """The ark engine, its key kept and its model named."""
    with served(upstream.app) as base:
        settings = {"engine": "ark", "model": ark.MODEL, **settings}
        set_up(home, name, f"{base}/api/v3", **settings)
        Keyring(home).write(name, ark.KEY)
        yield


@contextmanager
def videos_in(home: Path, upstream: openai.Videos, **settings: Any) -> Iterator[None]:
    """The openai engine on a /v1/videos server."""
    with served(upstream.app) as base:
        set_up(home, "openai", f"{base}/v1", **settings)
        if upstream.kind == "official":
            Keyring(home).write("openai", openai.KEY)
        yield


@contextmanager
def provider_in(home: Path, name: str, upstream: Provider, **settings: Any) -> Iterator[None]:
    """A provider of a shipped table, its key kept."""
    with served(upstream.app) as base:
        set_up(home, name, base + upstream.base, **settings)
        Keyring(home).write(name, upstream.key)
        yield


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, float)) else f'"{value}"'
