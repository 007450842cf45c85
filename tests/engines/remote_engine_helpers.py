"""What the tests of engines that call a server share: jobs, instances, engines on a served app."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, TypeVar

import httpx
from PIL import Image

from videogen_nb.engines import InputImage, Job
from videogen_nb.engines.instances import Instance
from videogen_nb.engines.keys import Keyring
from videogen_nb.engines.remote import RemoteEngine, Upstream

E = TypeVar("E", bound=RemoteEngine)


def engine_of(
    kind: type[E], url: str, *, app: Any = None, key: str | None = None, **settings: Any
) -> E:
    """An engine named "it" whose key stands in an environment of its own.

    With ``app`` it is asked in this process; a cut answer then lacks bytes.
    """
    environment = {"VIDEOGEN_KEY_IT": key} if key else {}
    keyring = Keyring(None, environment)
    transport = None if app is None else httpx.ASGITransport(app)
    return kind(Instance("it", kind.kind, keyring, url=url, **settings), transport=transport)


def job_of(
    engine: RemoteEngine,
    prompt: str = "雪山日出 ❄",
    images: tuple[InputImage, ...] = (),
    **requested: Any,
) -> Job:
    """A planned job; nothing is written to its output."""
    plan = engine.plan(prompt, requested, images)
    return Job("1", prompt, plan, Path("unused.mp4"), Path("unused.jpg"), images)


def image_of(folder: Path, role: Any = "first", name: str = "a.png") -> InputImage:
    """A kept image."""
    path = folder / name
    Image.linear_gradient("L").resize((64, 48)).convert("RGB").save(path)
    return InputImage(path, "0" * 64, 64, 48, role)


async def ended(engine: RemoteEngine, handle: str) -> list[Upstream]:
    """All that is told of a task until it has ended."""
    told: list[Upstream] = []
    async with asyncio.timeout(30):
        while not told or told[-1].where in ("queued", "running"):
            told.append(await engine.poll(handle))
    return told
