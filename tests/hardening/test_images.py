"""Hostile images get their verdicts from the real gateway, which goes on as before.

The largest ones stand in the table of ``python -m tests.hardening.images``, with their cost.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from videogen_nb.gateway.http.app import create_app
from videogen_nb.gateway.workers.worker import IMAGE_MEMORY
from videogen_nb.settings import Settings

from .images import HOSTILE, SLOW


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings(home=tmp_path / "home"))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as http,
    ):
        yield http


def test_the_limit_of_memory_is_the_one_that_is_promised():
    promises = (Path(__file__).parents[2] / "docs" / "promises.md").read_text("utf-8")
    assert f"within 10 s and {IMAGE_MEMORY >> 20} MiB" in promises


async def test_every_hostile_image_gets_its_verdict(http: httpx.AsyncClient, tmp_path: Path):
    told = {}
    for name, (make, _) in HOSTILE.items():
        if name in SLOW:
            continue
        params = {"file_type": "2", "file_name": f"{name}.jpg"}
        answer = await http.post("/api/file/upload", params=params, content=make())
        assert answer.status_code in (200, 413, 415, 422), f"{name}: {answer.text}"
        told[name] = answer.json().get("code")
    assert told == {name: code for name, (_, code) in HOSTILE.items() if name not in SLOW}
    assert (await http.get("/healthz")).status_code == 200
    kept = [path for path in (tmp_path / "home" / "uploads").rglob("*") if path.is_file()]
    for path in kept:
        assert b"<script>" not in path.read_bytes()
        assert b"PK\x03\x04" not in path.read_bytes()
    assert {path.suffix for path in kept} == {".jpg", ".png"}
