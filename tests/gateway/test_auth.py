"""Who is let in: host names, web origins, the token; all before any handler runs."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest

from videogen_nb.gateway.http.access.auth import host_name

from .conftest import Api, Opener, ids, image_bytes

TOKEN = "a-secret-token"
LIST = "/api/video-gen/list"
GENERATE = "/api/video-gen/generate"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8000",
        "127.0.0.1",
        "localhost:8000",
        "LOCALHOST:1",
        "[::1]:8000",
        "localhost.:8000",
    ],
)
async def test_loopback_names_are_answered(api: Api, host: str):
    assert (await api.http.get(LIST, headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1.evil.example:8000",
        "evil.example@127.0.0.1",
        "127.0.0.1:8000@evil.example",
        "127.0.0.1, evil.example",
        "192.168.1.5:8000",
        "0.0.0.0:8000",
        "[::]:8000",
        "",
        "localhost:8000:80",
        "localhost/..",
    ],
)
async def test_other_names_are_not(api: Api, host: str):
    """A foreign page that reaches a local server through DNS does so under its own name."""
    answer = await api.http.get(LIST, headers={"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (403, "host_not_allowed")


async def test_two_host_headers_are_not(api: Api):
    headers = [("Host", "127.0.0.1:8000"), ("Host", "evil.example")]
    assert (await api.http.get(LIST, headers=headers)).status_code == 403


async def test_names_of_the_setting_and_of_the_address_are_answered(opened: Opener):
    async with opened(
        host="192.168.1.5",
        allowed_hosts="lab.example, Binder.example",
        base_url="http://10.1.2.3:80",
    ) as api:
        for host in ("192.168.1.5:8000", "lab.example", "binder.example:443", "10.1.2.3"):
            assert (await api.http.get(LIST, headers={"Host": host})).status_code == 200
        assert (await api.http.get(LIST, headers={"Host": "other.example"})).status_code == 403


async def test_a_gateway_on_all_addresses_has_no_such_name(opened: Opener):
    async with opened(host="0.0.0.0", base_url="http://evil.example") as api:
        for host in ("0.0.0.0:8000", "evil.example"):
            assert (await api.http.get(LIST, headers={"Host": host})).status_code == 403


FOREIGN = [
    pytest.param({"Origin": "https://evil.example"}, id="origin"),
    pytest.param({"Origin": "null"}, id="sandboxed-page"),
    pytest.param({"Origin": "http://127.0.0.1:9999"}, id="another-port"),
    pytest.param({"Origin": "http://localhost:8000"}, id="another-name"),
    pytest.param({"Origin": "file://"}, id="file"),
    pytest.param({"Origin": "http://127.0.0.1:8000@evil.example"}, id="lookalike"),
    pytest.param({"Origin": ""}, id="empty"),
    pytest.param({"Origin": "http://["}, id="no-address"),
    pytest.param({"Sec-Fetch-Site": "cross-site"}, id="cross-site"),
    pytest.param({"Sec-Fetch-Site": "same-site"}, id="same-site-another-port"),
]


@pytest.mark.parametrize("headers", FOREIGN)
async def test_foreign_pages_can_neither_read_nor_make(api: Api, headers: dict[str, str]):
    for method, path in (("GET", LIST), ("POST", GENERATE), ("GET", "/api/video-gen/engines")):
        body = {"prompt": "quick", "engine": "trial"} if method == "POST" else None
        answer = await api.http.request(method, path, json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")
        assert "access-control-allow-origin" not in answer.headers
    upload = await api.http.post("/api/file/upload", content=image_bytes(), headers=headers)
    assert upload.status_code == 403
    assert (await api.ok(api.http.get(LIST)))["total"] == 0


async def test_a_link_from_a_notebook_opens_pages_for_people_and_nothing_else(api: Api):
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    window, frame = {"Sec-Fetch-Dest": "document"}, {"Sec-Fetch-Dest": "iframe"}
    for path in ("/", "/docs", "/engines"):
        assert (await api.http.get(path, headers=link | window)).status_code == 200
        assert (await api.http.get(path, headers=link | frame)).status_code == 403
        assert (await api.http.post(path, headers=link | window)).status_code == 403
    assert (await api.http.get(LIST, headers=link | window)).status_code == 403


async def test_a_foreign_pages_body_is_not_read(api: Api):
    sent = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield bytes(65536)

    headers = {"Origin": "https://evil.example"}
    answer = await api.http.post("/api/file/upload", content=body(), headers=headers)
    assert answer.status_code == 403
    assert sent <= 1


async def test_a_foreign_pages_preflight_is_not_answered(api: Api):
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = await api.http.options(GENERATE, headers=headers)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


async def test_our_own_pages_are_let_in(api: Api):
    for headers in (
        {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ):
        assert (await api.http.get(LIST, headers=headers)).status_code == 200


async def test_allowed_origins_are_let_in_with_what_a_browser_asks_for(opened: Opener):
    origin = "https://lab.example"
    async with opened(allowed_origins=f"{origin}/", token=TOKEN) as api:
        preflight = await api.http.options(
            GENERATE,
            headers={
                "Origin": origin,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization, content-type",
            },
        )
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-origin"] == origin
        headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
        headers["Authorization"] = f"Bearer {TOKEN}"
        answer = await api.http.get(LIST, headers=headers)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == origin
        headers["Origin"] = "https://evil.example"
        assert (await api.http.get(LIST, headers=headers)).status_code == 403


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param("Bearer", id="no-token"),
        pytest.param("Bearer wrong", id="wrong"),
        pytest.param(f"Bearer {TOKEN}x", id="longer"),
        pytest.param(f"Bearer {TOKEN[:-1]}", id="shorter"),
        pytest.param(f"Basic {TOKEN}", id="basic"),
        pytest.param(TOKEN, id="bare"),
        pytest.param("Bearer \u00ff\u00fe", id="not-ascii"),
    ],
)
async def test_without_the_token_nothing_is_told(opened: Opener, authorization: str | None):
    async with opened(token=TOKEN) as api:
        headers = []
        if authorization is not None:
            headers.append((b"Authorization", authorization.encode("latin-1")))
        for method, path in (("GET", LIST), ("POST", GENERATE), ("DELETE", "/api/video-gen/task")):
            answer = await api.http.request(method, path, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "token_required")
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert TOKEN not in answer.text


async def test_a_token_in_the_url_is_no_token(opened: Opener):
    async with opened(token=TOKEN) as api:
        answer = await api.http.get(LIST, params={"token": TOKEN, "access_token": TOKEN})
        assert answer.status_code == 401


async def test_with_the_token_all_works_and_videos_need_none(
    opened: Opener, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    async with opened(token=TOKEN, headers={"Authorization": f"bearer {TOKEN}"}) as api:
        task = await api.finished(await api.create("quick"))
        assert TOKEN not in str(task)
        del api.http.headers["Authorization"]
        for path in (task["video_urls"][0], task["thumbnail_url"], "/healthz", "/samples/lake.jpg"):
            assert (await api.http.get(path)).status_code == 200
        for path in ("/", "/docs", "/openapi.json"):
            assert (await api.http.get(path)).status_code == 200
        assert (await api.http.get("/api/video-gen/status", params=ids(task))).status_code == 401
        assert (await api.http.get(f"{LIST}/healthz")).status_code == 401
    assert TOKEN not in caplog.text


async def test_a_video_may_be_shown_in_a_notebook_of_another_origin(api: Api):
    task = await api.finished(await api.create("quick"))
    headers = {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "no-cors",
        "Sec-Fetch-Dest": "video",
    }
    video = await api.http.get(task["video_urls"][0], headers=headers)
    assert video.status_code == 200
    read = await api.http.get(task["video_urls"][0], headers={"Origin": "https://evil.example"})
    assert read.status_code == 403


async def test_refusals_are_in_the_askers_language(api: Api):
    headers = {"Origin": "https://evil.example", "Accept-Language": "zh"}
    assert "不允许" in (await api.http.get(LIST, headers=headers)).json()["detail"]


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("example.com", "example.com"),
        ("Example.com:80", "example.com"),
        ("[::1]:8000", "::1"),
        ("[fe80::1%25eth0]:1", ""),
        ("::1", ""),
        ("a b", ""),
        ("a@b", ""),
        ("", ""),
    ],
)
def test_names_are_read_from_host_headers(host: str, name: str):
    assert host_name(host) == name
