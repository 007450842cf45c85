"""Without a token nothing tells of the machine: no process id, no path, no inner address."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from videogen_nb.gateway.workers.worker import _without_folders

from .conftest import Api, Opener

GENERATE = "/api/video-gen/generate"
INNER = "10.20.30.40"
URL = "https://example.com/v1/videos/x"


def of_the_machine(answer: Any, home: Path) -> list[str]:
    """What an answer tells of the machine."""
    words = ("pid", f": {os.getpid()},", f":{os.getpid()},", INNER, "127.0.0.1", str(home.parent))
    told = answer.text + str(dict(answer.headers))
    return [word for word in words if word in told]


async def test_healthz_tells_what_it_is_and_no_more(opened: Opener, gateway_home: Path):
    gateway_home.mkdir()
    (gateway_home / "tasks.sqlite3").write_bytes(b"no database" * 1000)  # so that there is a notice
    async with opened(token="s" * 20) as api:
        answer = await api.http.get("/healthz")
        assert of_the_machine(answer, gateway_home) == []
        health = answer.json()
        assert health["instance"] == api.gateway.instance
        assert "tasks.damaged-" in health["notice"]
        assert set(health) == {
            *("status", "service", "version", "instance", "started_at", "unfinished", "notice")
        }


def generate(**body: Any) -> dict[str, Any]:
    return {"json": {"prompt": "a", **body}}


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        pytest.param("GET", "/api/video-gen/list", {"headers": {"Host": "evil"}}, id="host"),
        pytest.param("GET", "/api/video-gen/list", {"headers": {"Origin": "http://e"}}, id="page"),
        pytest.param("GET", f"/api/video-gen/videos/{'0' * 32}.mp4", {}, id="video"),
        pytest.param("GET", "/samples/..%2f..%2fgateway%2fapp.py", {}, id="sample"),
        pytest.param("GET", "/nothing", {}, id="nothing"),
        pytest.param("POST", GENERATE, {"content": b"{"}, id="no-json"),
        pytest.param("POST", GENERATE, generate(engine="none"), id="engine"),
        pytest.param("POST", GENERATE, generate(engine="broken"), id="broken"),
        pytest.param("POST", GENERATE, generate(image_url="http://in.test/"), id="inner"),
        pytest.param("POST", GENERATE, generate(image_url="http://out.test:1025/"), id="nobody"),
        pytest.param("POST", "/api/file/upload", {"content": b"no image"}, id="no-image"),
    ],
)
@pytest.mark.parametrize("token", [None, "s" * 20], ids=["no-token-asked", "token-asked"])
async def test_errors_tell_nothing_of_the_machine(
    opened: Opener, gateway_home: Path, token: str | None, method: str, path: str, sent: Any
):
    def lookup(host: str, port: int) -> list[str]:
        return [INNER] if host == "in.test" else ["127.0.0.1"]

    async with opened(token=token, lookup=lookup, allow_networks="127.0.0.0/8") as api:
        answer = await api.http.request(method, path, **sent)
        assert 400 <= answer.status_code < 500
        assert answer.json()["detail"]
        assert of_the_machine(answer, gateway_home) == []


@pytest.mark.parametrize("error", [OSError("disk /data/home/tasks.sqlite3"), KeyError("/srv/x")])
async def test_nor_does_a_fault_of_its_own(
    api: Api, monkeypatch: pytest.MonkeyPatch, error: Exception
):
    async def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(api.gateway.store, "page", fail)
    answer = await api.http.get("/api/video-gen/list")
    assert answer.status_code in (500, 503)
    assert "/" not in answer.json()["detail"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param("No such file: '/srv/data/a.png'", "No such file: '…/a.png'", id="posix"),
        pytest.param(r"cannot open C:\Users\me\a.png", "cannot open …/a.png", id="windows"),
        pytest.param(f"HTTP 500 at {URL}", f"HTTP 500 at {URL}", id="url"),
        pytest.param("1/2 of 3/4", "1/2 of 3/4", id="numbers"),
    ],
)
def test_an_engines_fault_is_told_without_folders(words: str, told: str):
    assert _without_folders(words) == told
