"""The real gateway app over ASGI, with the trial engine beside the built-in one."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from videogen_nb.gateway.http.app import create_app
from videogen_nb.people.people_file import FILE
from videogen_nb.people.person import Role
from videogen_nb.people.tokens import digest_of
from videogen_nb.settings import Settings

from .trial_engine import install

BASE = "http://127.0.0.1:8000"
Query = dict[str, Any]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "RUNTIME", "OUTPUT"):
        monkeypatch.setenv(f"VIDEOGEN_{name}", str(tmp_path / name.lower()))
    monkeypatch.setenv("VIDEOGEN_LANG", "en")


@pytest.fixture(autouse=True)
def _engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trial engine, beside the built-in ones."""
    monkeypatch.syspath_prepend(str(install(tmp_path / "site")))


def write_people(home: Path, tokens: Mapping[str, str], **roles: Role) -> Path:
    """A gateway's file of people: names and their tokens; students, unless stated otherwise."""
    home.mkdir(mode=0o700, exist_ok=True)
    file = home / FILE
    entries = [
        f'[people.{name}]\nrole = "{roles.get(name, "student")}"\ntokens = ["{digest_of(token)}"]\n'
        for name, token in tokens.items()
    ]
    file.touch(mode=0o600)
    file.write_text("\n".join(entries))
    return file


class Api:
    """A small tongue for tests: the protocol's calls, and waiting for a task to end."""

    def __init__(self, http: httpx.AsyncClient, app: Any) -> None:
        self.http = http
        self.app = app
        self.gateway = app.state.gateway

    async def create(self, prompt: str, **body: Any) -> dict[str, Any]:
        body = {"prompt": prompt, "engine": "trial", **body}
        return await self.ok(self.http.post("/api/video-gen/generate", json=body))

    async def task(self, created: dict[str, Any]) -> dict[str, Any]:
        answer = await self.ok(self.http.get("/api/video-gen/status", params=ids(created)))
        task: dict[str, Any] = answer["task"]
        return task

    async def until(
        self, created: dict[str, Any], meets: Callable[[dict[str, Any]], bool]
    ) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while not meets(task := await self.task(created)):
                await asyncio.sleep(0.01)
        return task

    async def finished(self, created: dict[str, Any]) -> dict[str, Any]:
        return await self.until(created, lambda task: task["finished_at"] is not None)

    async def upload(self, data: bytes, name: str = "a.jpg") -> dict[str, Any]:
        params: Query = {"file_type": 2, "file_name": name}
        return await self.ok(self.http.post("/api/file/upload", params=params, content=data))

    @staticmethod
    async def ok(pending: Any) -> dict[str, Any]:
        answer = await pending
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def ids(task: dict[str, Any]) -> Query:
    return {name: task[name] for name in ("conversation_id", "message_id")}


Opener = Callable[..., AbstractAsyncContextManager[Api]]


@pytest.fixture
def gateway_home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def opened(gateway_home: Path) -> Opener:
    """Opens a gateway on the test's folder: ``async with opened(token=…) as api``."""

    @asynccontextmanager
    async def open_(
        *, headers: Query | None = None, base_url: str = BASE, **options: Any
    ) -> AsyncIterator[Api]:
        parts = {
            k: options.pop(k)
            for k in ("token", "hub", "clock", "monotonic", "sleep", "lookup")
            if k in options
        }
        app = create_app(Settings(home=gateway_home, **options), **parts)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url=base_url, headers=headers) as http,
        ):
            yield Api(http, app)

    return open_


@pytest.fixture
async def api(opened: Opener) -> AsyncIterator[Api]:
    async with opened() as api:
        yield api


def image_bytes(width: int = 64, height: int = 48, kind: str = "JPEG", **options: Any) -> bytes:
    """An image's bytes: a gradient, so that it is no single colour."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
