"""No key or token gets out again, whatever an upstream or a gateway says."""

import json
import logging

import httpx
import pytest

from tests.engines.remote_engine_helpers import engine_of, job_of
from tests.security.test_redaction import ENCODINGS, KEY, tells
from videogen_nb.client import VideoClient
from videogen_nb.engines.ark import ArkEngine
from videogen_nb.engines.gateway import GatewayEngine
from videogen_nb.engines.instances import read_instances
from videogen_nb.engines.keys import Keyring
from videogen_nb.engines.openai import OpenAIVideosEngine
from videogen_nb.errors import BadParameter, VideogenError
from videogen_nb.protocol.polling import RetryPolicy

ANSWERS = {
    "json": lambda said: (json.dumps({"error": {"code": "no", "message": said}}), {}),
    "ours": lambda said: (json.dumps({"detail": said, "code": said}), {}),
    "page": lambda said: (f"<html><title>{said}</title></html>", {}),
    "header": lambda said: ("", {"location": f"https://a.example/?key={said}"}),
    "retry": lambda said: ("{}", {"retry-after": said}),
}


def echoing(how, encode, status, code="utf-8"):
    """A server that gives back what it was sent."""

    def answer(request: httpx.Request) -> httpx.Response:
        key = request.headers["authorization"].partition(" ")[2]
        body, headers = ANSWERS[how](encode(key).replace("\r\n", " "))
        headers = {n: v.encode("ascii", "replace").decode() for n, v in headers.items()}
        return httpx.Response(status, content=body.encode(code), headers=headers)

    return httpx.MockTransport(answer)


@pytest.mark.parametrize("how", ANSWERS)
@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("status", [302, 401, 429, 500])
async def test_the_client_tells_no_token(how, name, status):
    transport = echoing(how, ENCODINGS[name], status, "utf-16" if status == 500 else "utf-8")
    once = RetryPolicy(attempts=1)
    async with VideoClient(
        "http://a.example", token=KEY, transport=transport, retry=once
    ) as videos:
        with pytest.raises(VideogenError) as caught:
            await videos.list_tasks()
        assert KEY not in repr(videos)
    for told in (str(caught.value), repr(caught.value), str(vars(caught.value))):
        assert not tells(told, KEY)


@pytest.mark.parametrize("kind", [ArkEngine, OpenAIVideosEngine, GatewayEngine])
@pytest.mark.parametrize("how", ANSWERS)
@pytest.mark.parametrize("name", ["plain", "json escapes", "html numbers", "percent", "a login"])
@pytest.mark.parametrize("status", [302, 401, 429, 500])
async def test_engines_tell_no_key(kind, how, name, status, monkeypatch):
    engine = engine_of(kind, "http://a.example/v1", key=KEY, model="m")
    engine.calls._transport = echoing(how, ENCODINGS[name], status)
    with pytest.raises(VideogenError) as caught:
        await engine.start(job_of(engine), "key-1")
    assert not tells(str(caught.value), KEY)
    assert not tells(str(vars(caught.value)), KEY)
    await engine.aclose()


async def test_a_password_in_an_address_goes_into_a_header_and_nowhere_else(caplog):
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((str(request.url), request.headers["authorization"]))
        return httpx.Response(500, json={"detail": "Wrong: hunter22222"})

    caplog.set_level(logging.DEBUG)
    url = "https://me:hunter22222@a.example/base"
    once = RetryPolicy(attempts=1)
    transport = httpx.MockTransport(answer)
    async with VideoClient(url, transport=transport, retry=once) as videos:
        assert videos.url == "https://a.example/base"
        with pytest.raises(VideogenError) as caught:
            await videos.list_tasks()
    ((where, header),) = asked
    assert header == httpx.BasicAuth("me", "hunter22222")._auth_header
    for told in (where, str(caught.value), str(vars(caught.value)), caplog.text):
        assert "hunter22222" not in told


def test_an_address_that_is_refused_is_quoted_without_its_password(tmp_path):
    with pytest.raises(BadParameter) as caught:
        VideoClient("ftp://me:hunter22222@a.example")
    assert "hunter22222" not in str(caught.value)
    for password in ("hunter2", "hunter2/#?", "hunter2 b", "hunter2" * 20):
        environment = {"VIDEOGEN_ENGINE_OPENAI_URL": f"http://me:{password}@a.example"}
        told = read_instances(tmp_path, ["openai"], environment)["openai"]
        assert "hunter2" not in str(told)


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_key_that_an_editor_of_windows_saved_is_the_key(code, tmp_path):
    ring = Keyring(tmp_path, {})
    path = ring.write("ark", f"\ufeff{KEY} \r\n")
    assert ring.read("ark") == KEY
    path.write_bytes(f"{KEY}\r\n".encode(code))
    assert ring.read("ark") == KEY
    assert Keyring(None, {"VIDEOGEN_KEY_ARK": f"\ufeff{KEY}\r"}).read("ark") == KEY


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16"])
def test_so_are_the_settings_of_engines(code, tmp_path):
    (tmp_path / "engines.toml").write_bytes('[openai]\r\nurl = "http://a/v1"\r\n'.encode(code))
    found = read_instances(tmp_path, ["openai"], {})["openai"]
    assert getattr(found, "url", None) == "http://a/v1"
