"""How keys are sent, and where nothing is sent to: real servers on this machine."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from videogen_nb.engines.authentication import Scheme
from videogen_nb.engines.http_client import Caller
from videogen_nb.engines.result_addresses import check_host, check_path, lives_inside
from videogen_nb.errors import EngineError, UpstreamAway, UpstreamGone
from videogen_nb.testing.serving import served

KEY = "key-4711-secret"


class Echo:
    """Remembers what it was sent; ``/on`` leads elsewhere; says its key back in every answer."""

    def __init__(self) -> None:
        self.seen: list[Request] = []
        self.elsewhere = ""
        everything = Route("/{path:path}", self._answer, methods=["GET", "POST", "DELETE"])
        self.app = Starlette(routes=[everything])

    async def _answer(self, request: Request) -> Response:
        self.seen.append(request)
        if request.url.path.endswith("/on"):
            return RedirectResponse(self.elsewhere)
        told = {**request.headers, **request.query_params}
        return JSONResponse({"told": told})


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def url(echo: Echo) -> Iterator[str]:
    with served(echo.app) as base:
        yield f"{base}/api"


SCHEMES = [
    pytest.param(Scheme(), {"authorization": f"Bearer {KEY}"}, {}, id="bearer"),
    pytest.param(Scheme(value="Key {key}"), {"authorization": f"Key {KEY}"}, {}, id="word"),
    pytest.param(Scheme(header="x-api-key", value="{key}"), {"x-api-key": KEY}, {}, id="header"),
    pytest.param(Scheme(query="key"), {}, {"key": KEY}, id="query"),
]


@pytest.mark.parametrize(("scheme", "headers", "query"), SCHEMES)
async def test_a_key_goes_where_it_belongs_and_comes_back_nowhere(
    echo: Echo,
    url: str,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
    scheme: Scheme,
    headers: dict[str, str],
    query: dict[str, str],
):
    caplog.set_level(logging.DEBUG)
    calls = Caller(lambda: url, lambda: KEY, scheme=scheme)
    answer = await calls.ask("POST", "/tasks", json={"a": 1}, params={"page": "1"})
    await calls.download("/video", tmp_path / "video")
    for request in echo.seen:
        assert {n: request.headers[n] for n in headers} == headers
        own = {n: v for n, v in request.query_params.items() if n != "page"}
        assert own == query
        assert ("authorization" in request.headers) == ("authorization" in headers)
    assert echo.seen[0].query_params["page"] == "1"
    assert KEY not in answer.body.decode()
    assert KEY not in answer.url
    assert KEY not in caplog.text
    await calls.aclose()


@pytest.mark.parametrize(("scheme", "headers", "query"), SCHEMES)
async def test_another_origin_gets_no_key(
    echo: Echo, url: str, tmp_path: Path, scheme: Scheme, headers: Any, query: Any
):
    other = Echo()
    calls = Caller(lambda: url, lambda: KEY, scheme=scheme)
    with served(other.app) as elsewhere:
        echo.elsewhere = f"{elsewhere}/video"
        await calls.download("/on", tmp_path / "video")
        with pytest.raises(UpstreamGone):
            await calls.ask("GET", f"{elsewhere}/tasks/1")
    [request] = other.seen
    assert KEY not in str([request.headers.raw, request.url])
    await calls.aclose()


def test_a_token_is_signed_and_says_until_when():
    secrets = Scheme(signed=True).credential("ak-1:sk-2", now=1000.0)
    token = secrets.headers["Authorization"].removeprefix("Bearer ")
    head, claims, mark = token.split(".")

    def read(part: str) -> bytes:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))

    assert json.loads(read(head)) == {"alg": "HS256", "typ": "JWT"}
    assert json.loads(read(claims)) == {"iss": "ak-1", "exp": 2800, "nbf": 995}
    wanted = hmac.new(b"sk-2", f"{head}.{claims}".encode(), hashlib.sha256).digest()
    assert read(mark) == wanted
    assert set(secrets.secrets) == {"ak-1:sk-2", "sk-2", token}
    assert "sk-2" not in repr(secrets)
    assert token not in repr(secrets)


async def test_half_a_key_is_told_before_anything_is_sent(echo: Echo, url: str):
    scheme = Scheme(signed=True)
    with pytest.raises(EngineError, match="ACCESS_KEY:SECRET_KEY"):
        scheme.credential("only-one-half")
    calls = Caller(lambda: url, lambda: "only-one-half", scheme=scheme)
    with pytest.raises(UpstreamAway, match="ACCESS_KEY:SECRET_KEY"):
        await calls.ask("POST", "/tasks", acts=True)
    assert not echo.seen


@pytest.mark.parametrize(
    "path", ["/tasks/..", "/tasks/../keys", "/tasks/%2e%2e/keys", "/tasks/.", "/a#b", "/a\\b"]
)
async def test_a_path_stays_below_its_base(echo: Echo, url: str, path: str):
    calls = Caller(lambda: url, lambda: KEY)
    with pytest.raises(UpstreamGone):
        await calls.ask("DELETE", path)
    assert not echo.seen
    check_path("/tasks/a..b/%2F/.hidden")  # these are names


@pytest.mark.parametrize("outside", ["/x", "redirect"])
async def test_a_public_upstream_does_not_lead_inside(
    echo: Echo, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outside: str
):
    """The upstream counts as public here: nothing on this machine may be asked for it."""

    async def public(_: str) -> bool:
        return False

    inner = Echo()
    monkeypatch.setattr("videogen_nb.engines.http_client.lives_inside", public)
    calls = Caller(lambda: url, lambda: KEY)
    with served(inner.app) as inside:
        for link in (inside, inside.replace("127.0.0.1", "localhost"), inside + "/on"):
            echo.elsewhere = link
            start = link if outside == "/x" else "/on"
            with pytest.raises(UpstreamGone):
                await calls.download(start, tmp_path / "video")
    assert not inner.seen
    await calls.aclose()


async def test_a_name_that_leads_inside_is_seen_on_the_connection(
    echo: Echo, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A name server may answer anything: what counts is the address of the connection."""

    async def public(_: str) -> bool:
        return False

    monkeypatch.setattr("videogen_nb.engines.http_client.lives_inside", public)
    monkeypatch.setattr("videogen_nb.engines.http_client.check_host", lambda _: None)
    calls = Caller(lambda: url, lambda: KEY)
    inner = Echo()
    with served(inner.app) as inside:
        port = inside.rpartition(":")[2]
        with pytest.raises(UpstreamGone, match="127"):
            await calls.download(f"http://localhost:{port}/x", tmp_path / "video")
    assert not inner.seen
    await calls.aclose()


async def test_where_an_upstream_lives():
    assert await lives_inside("http://127.0.0.1:8000/api")
    assert await lives_inside("https://192.168.1.4/api")
    assert not await lives_inside("https://1.1.1.1/api")


@pytest.mark.parametrize(
    "host",
    [
        "2130706433", "0x7f000001", "127.1", "017700000001", "169.254.169.254", "::ffff:10.0.0.1",
        "metadata.google.internal", "metadata.google.internal.", "router", "printer.local",
        "x.localhost", "fd00::1", "fe80::1%eth0",
    ],
)  # fmt: skip
def test_a_host_that_a_proxy_would_look_up_inside_is_refused(host: str):
    with pytest.raises(UpstreamGone, match="inside this network"):
        check_host(host)
    for good in ("cdn.example.com", "1.1.1.1", "2606:4700::1111", "7.example"):
        check_host(good)
