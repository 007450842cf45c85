"""``videogen-nb mcp`` as an agent's host runs it: a process asked over stdin and stdout."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import mcp
import pytest
from PIL import Image

from tests.processes import end_gateway, environment, settings_in
from videogen_nb.cli.agents.command import skill_text
from videogen_nb.gateway.http.app import create_app
from videogen_nb.gateway.http.mcp.catalogue import TOOLS
from videogen_nb.media.probe import probe
from videogen_nb.settings import Settings
from videogen_nb.testing.serving import served

TOKEN = "a-token-of-tests"


@asynccontextmanager
async def host(settings: Settings, folder: Path, **env: str) -> AsyncIterator[mcp.Client]:
    command = mcp.StdioServerParameters(
        command=sys.executable,
        args=["-m", "videogen_nb", "mcp", "--folder", str(folder)],
        env=environment(settings, **env),
        cwd=folder,
    )
    async with mcp.Client(command, read_timeout_seconds=90) as client:
        yield client


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Settings]:
    settings = settings_in(tmp_path / "own")
    yield settings
    end_gateway(settings)


async def test_an_image_by_its_path_becomes_a_video_with_a_path(own: Settings, tmp_path: Path):
    """At a gateway with a token: what needs this machine's files is done by the process."""
    Image.linear_gradient("L").resize((160, 90)).save(tmp_path / "photo.png")
    with served(create_app(Settings(home=tmp_path / "home"), token=TOKEN)) as url:
        async with host(own, tmp_path, VIDEOGEN_URL=url, VIDEOGEN_TOKEN=TOKEN) as client:
            assert [tool.name for tool in (await client.list_tools()).tools] == list(TOOLS)
            wanted: dict[str, Any] = {"duration": 1, "resolution": "480p"}
            missing = await client.call_tool(
                "create", {"prompt": "in", "key": "k", "image": "no.png", **wanted}
            )
            assert missing.is_error
            assert "no.png" in missing.structured_content["message"]
            made = await client.call_tool(
                "create",
                {"prompt": "zoom in", "key": "k", "image": str(tmp_path / "photo.png"), **wanted},
            )
            assert not made.is_error, made.structured_content
            named = {"id": made.structured_content["id"]}
            ended = await client.call_tool("wait", named)
            assert ended.structured_content["status"] == "completed", ended.structured_content
            shown = await client.call_tool("video", named)
    path = Path(shown.structured_content["path"])
    assert path.parent == tmp_path
    assert probe(path).duration_s == pytest.approx(1, abs=0.2)
    assert [part.type for part in shown.content] == ["text", "image"]
    assert str(path) in str(shown.content[0])


async def test_it_starts_a_gateway_and_finds_it_again(own: Settings, tmp_path: Path):
    async with host(own, tmp_path) as client:
        first = await client.call_tool("engines")
        end_gateway(own)
        second = await client.call_tool("engines")
    for answer in (first, second):
        assert not answer.is_error, answer.structured_content
        assert answer.structured_content["default"] == "sketch"


async def test_a_gateway_that_is_not_there_is_told(own: Settings, tmp_path: Path):
    async with host(own, tmp_path, VIDEOGEN_URL="http://127.0.0.1:9") as client:
        answer = await client.call_tool("engines")
    assert answer.is_error
    assert answer.structured_content["error"] == "gateway_unreachable"


def test_the_skill_names_every_tool_and_no_other():
    text = skill_text()
    for name in TOOLS:
        assert f"`{name}`" in text
    assert "untrusted_text" in text
    assert text.startswith("---\nname: videogen-nb\n")
