"""Nobody exhausts what everyone shares: small floods, and a second person who is served meanwhile.

The large ones are a command: ``python -m tests.hardening.floods``.
"""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from videogen_nb.gateway.http.openai.parse import MAX_CREATE
from videogen_nb.gateway.limits import quotas
from videogen_nb.gateway.outgoing import resolver
from videogen_nb.gateway.outgoing.resolver import Resolver
from videogen_nb.gateway.workers.media_checker import CheckingProcess
from videogen_nb.media.images import MAX_BYTES

from .conftest import Api, Opener, image_bytes, write_people

GENERATE = "/api/video-gen/generate"
UPLOAD = "/api/file/upload"
ANNA = {"Authorization": f"Bearer {'a' * 20}"}
BEN = {"Authorization": f"Bearer {'b' * 20}"}
PATIENCE_S = 30


@pytest.fixture
async def shared(opened: Opener, tmp_path: Path) -> AsyncIterator[Api]:
    """A gateway of two people."""
    write_people(tmp_path / "home", {"anna": "a" * 20, "ben": "b" * 20})
    async with opened() as api:
        yield api


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(0.005)


async def ben_is_served(api: Api) -> bool:
    """Ben's list, upload and create, while Anna's requests are pending."""
    async with asyncio.timeout(PATIENCE_S):
        answers = [
            await api.http.get("/api/video-gen/list", headers=BEN),
            await api.http.post(UPLOAD, content=image_bytes(), headers=BEN),
            await api.http.post(GENERATE, json={"prompt": "quick", "engine": "trial"}, headers=BEN),
        ]
    return [answer.status_code for answer in answers] == [200] * 3


class SlowBodies:
    """Bodies of which the first bytes come at once, and the others when they may."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.begun = 0

    async def body(self, data: bytes) -> AsyncIterator[bytes]:
        self.begun += 1
        yield data[:3]
        await self.go_on.wait()
        yield data[3:]


@pytest.mark.parametrize(
    ("path", "length", "at_once"),
    [
        pytest.param(UPLOAD, None, quotas.IN_FLIGHT_EACH // MAX_BYTES, id="upload"),
        pytest.param(UPLOAD, 9 * 2**20, 3, id="upload-of-told-length"),
        pytest.param("/v1/videos", None, quotas.IN_FLIGHT_EACH // MAX_CREATE, id="create"),
    ],
)
async def test_bytes_in_flight_of_one_person_are_bounded_before_they_are_read(
    shared: Api, path: str, length: int | None, at_once: int
):
    slow = SlowBodies()
    headers = {**ANNA, **({"Content-Length": str(length)} if length else {})}
    pending = [
        asyncio.create_task(shared.http.post(path, content=slow.body(b"no image"), headers=headers))
        for _ in range(8)
    ]
    in_flight = shared.gateway.quotas.in_flight
    await until(lambda: in_flight.waiting("anna") == 8 - at_once)
    assert slow.begun == at_once
    assert in_flight.held <= quotas.IN_FLIGHT_EACH
    assert await ben_is_served(shared)
    slow.go_on.set()
    assert {(await answer).status_code for answer in pending} <= {400, 415, 422}
    assert (slow.begun, in_flight.held) == (8, 0)


async def test_who_has_too_many_waiting_is_told_to_come_back(
    shared: Api, monkeypatch: pytest.MonkeyPatch
):
    slow = SlowBodies()
    pending = [
        asyncio.create_task(shared.http.post(UPLOAD, content=slow.body(b"-"), headers=ANNA))
        for _ in range(3 + quotas.IN_FLIGHT_WAITING)
    ]
    in_flight = shared.gateway.quotas.in_flight
    await until(lambda: in_flight.waiting("anna") == quotas.IN_FLIGHT_WAITING)
    refused = await shared.http.post(UPLOAD, content=image_bytes(), headers=ANNA)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_much_at_once")
    assert int(refused.headers["retry-after"]) > 0
    assert await ben_is_served(shared)
    slow.go_on.set()
    await asyncio.gather(*pending)
    assert in_flight.held == 0


class Names:
    """A name server that answers for nobody until it may."""

    def __init__(self) -> None:
        self.answer_now = threading.Event()
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        if host.startswith("silent"):
            self.answer_now.wait(PATIENCE_S)
        raise OSError("unknown name")


async def test_names_that_never_answer_keep_nobody_else_waiting(opened: Opener, tmp_path: Path):
    names = Names()
    write_people(tmp_path / "home", {"anna": "a" * 20, "ben": "b" * 20})
    async with opened(lookup=names) as api:

        def create(host: str, headers: dict[str, str]) -> Any:
            body = {"prompt": "a", "engine": "trial", "image_url": f"http://{host}/a.jpg"}
            return api.http.post(GENERATE, json=body, headers=headers)

        pending = [asyncio.create_task(create(f"silent{n}.test", ANNA)) for n in range(20)]
        downloads = quotas.IN_FLIGHT_EACH // MAX_BYTES
        await until(lambda: len(names.asked) == downloads)
        assert await ben_is_served(api)
        answer = await create("unknown.test", BEN)
        assert (answer.status_code, answer.json()["code"]) == (422, "url_failed")
        names.answer_now.set()
        assert {(await answer).status_code for answer in pending} == {422}
        assert api.gateway.quotas.in_flight.held == 0


async def test_lookups_count_as_their_askers_until_their_threads_end():
    names = Names()
    lookups = Resolver(names, answer_s=0.2)
    silent = [lookups.resolve("anna", f"silent{n}.test", 80) for n in range(20)]
    failed = await asyncio.gather(*silent, return_exceptions=True)
    assert {type(error) for error in failed} == {TimeoutError}
    assert len(names.asked) == resolver.THREADS_EACH
    with pytest.raises(TimeoutError):  # her threads have not ended, though nobody waits for them
        await lookups.resolve("anna", "unknown.test", 80)
    with pytest.raises(OSError, match="unknown name"):
        await lookups.resolve("ben", "unknown.test", 80)
    names.answer_now.set()
    async with asyncio.timeout(PATIENCE_S):
        while "free.test" not in names.asked:
            with pytest.raises((TimeoutError, OSError)):
                await lookups.resolve("anna", "free.test", 80)


class SlowChecks:
    """Checks of images that end when they may; whose were begun, in order."""

    def __init__(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go_on = asyncio.Event()
        self.begun: list[str] = []
        ask = CheckingProcess.ask

        async def slow(process: CheckingProcess, request: Any, **options: Any) -> dict[str, Any]:
            size = request.source.stat().st_size
            self.begun.append("anna" if size > 2000 else "ben")
            if size > 2000:
                await self.go_on.wait()
            return await ask(process, request, **options)

        monkeypatch.setattr(CheckingProcess, "ask", slow)


async def test_one_persons_slow_images_keep_nobody_else_waiting(
    shared: Api, monkeypatch: pytest.MonkeyPatch
):
    checks = SlowChecks(shared, monkeypatch)
    large = [image_bytes(600, 400 + n, quality=100) for n in range(3)]
    assert min(map(len, large)) > 2000 > len(image_bytes())
    pending = [
        asyncio.create_task(shared.http.post(UPLOAD, content=data, headers=ANNA)) for data in large
    ]
    await until(lambda: checks.begun == ["anna"])
    assert await ben_is_served(shared)
    assert checks.begun == ["anna", "ben"]
    checks.go_on.set()
    assert {(await answer).status_code for answer in pending} == {200}
    assert checks.begun == ["anna", "ben", "anna", "anna"]


async def test_a_newcomer_waits_for_a_start_and_nobody_else(shared: Api):
    """Each process stays with whom it worked for: a flood takes nobody's warm one."""
    used: list[CheckingProcess] = []
    checker = shared.gateway.uploads._checker
    for owner in ("ben", "anna", "ben", "anna"):
        async with checker.turn(owner) as process:
            used.append(process)
    assert used[0] is used[2] is not used[1] is used[3]


def data_url(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


LARGE = image_bytes(400, 300, "PNG", compress_level=0)
assert len(data_url(LARGE)) > 64 * 1024


@pytest.mark.parametrize("escaped", [False, True], ids=["plain", "slashes-escaped"])
@pytest.mark.parametrize("form", ["string", "object"])
async def test_a_large_image_may_stand_in_the_json(api: Api, form: str, *, escaped: bool):
    url = data_url(LARGE)
    given = url if form == "string" else {"image_url": url}
    said = 'he said "data:' + "," * 3000
    body = json.dumps({"prompt": said, "model": "trial", "input_reference": given, "seed": 5})
    if escaped:
        body = body.replace("/", "\\/")
    made = await api.ok(
        api.http.post(
            "/v1/videos", content=body.encode(), headers={"Content-Type": "application/json"}
        )
    )
    assert made["prompt"] == said
    again = await api.upload(LARGE, "a.png")
    path = api.gateway.uploads.path(again["key"])
    assert len(list(path.parent.glob("*.png"))) == 1  # the upload is the image that came in JSON


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param(
            b'{"prompt":"quick","model":"trial","a":[%b[]]}' % (b"[]," * 60_000),
            400,
            "not_json",
            id="values",
        ),
        pytest.param(b"[" + b"0," * 4_000_000 + b"0]", 413, "body_too_large", id="large"),
        pytest.param(b'{"prompt":"%b"}' % (b"a" * 300_000), 413, "body_too_large", id="words"),
        pytest.param(
            b'{"prompt":"a","extra":{"mask":"data:%b"}}' % (b"a" * 300_000),
            413,
            "body_too_large",
            id="another-data-url",
        ),
        pytest.param(
            b'{"prompt":"a","input_reference":"data:%b"}' % (b"a" * 300_000),
            400,
            "reference_invalid",
            id="no-base64",
        ),
        pytest.param(b'"data:' * 500_000, 413, "body_too_large", id="many-data-urls"),
        pytest.param(b'{"prompt":"data:' + b"a" * 300_000, 413, "body_too_large", id="unclosed"),
    ],
)
async def test_json_is_bounded_before_it_is_read(api: Api, body: bytes, status: int, code: str):
    answer = await api.http.post("/v1/videos", content=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


MULTIPART = {"Content-Type": "multipart/form-data; boundary=b"}


def part(head: str, data: bytes = b"x") -> bytes:
    return b"--b\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n" % (head.encode(), data)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param(part('name="prompt"') * 300 + b"--b--", 413, "body_too_large", id="parts"),
        pytest.param(
            part('name="prompt"', b"a" * 300_000) + b"--b--", 413, "body_too_large", id="words"
        ),
        pytest.param(part('name="prompt"'), 400, "malformed", id="cut-short"),
        pytest.param(part("", b"x") + b"--b--", 400, "malformed", id="no-name"),
        pytest.param(part('name="prompt"', b"\xff") + b"--b--", 400, "malformed", id="not-utf-8"),
        pytest.param(b"--b\r\n" + b"a" * 20_000, 400, "malformed", id="long-head"),
        pytest.param(b"\r\n" * 2_000_000, 400, "malformed", id="line-ends"),
        pytest.param(b"", 400, "malformed", id="nothing"),
    ],
)
async def test_forms_are_bounded(api: Api, body: bytes, status: int, code: str):
    answer = await api.http.post("/v1/videos", content=body, headers=MULTIPART)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_forms_are_read_as_browsers_and_curl_write_them(api: Api):
    body = b"preamble\r\n" + b"".join(
        (
            part('name="prompt"', "海边 a=b&c\r\nsecond line".encode()),
            part("name=model", b"trial"),
            part('name="empty"', b""),
            part("name=\"input_reference\"; filename*=UTF-8''%E6%B9%96.png", LARGE),
        )
    )
    made = await api.ok(
        api.http.post("/v1/videos", content=body + b"--b--\r\nepilogue", headers=MULTIPART)
    )
    assert (made["prompt"], made["model"]) == ("海边 a=b&c\r\nsecond line", "trial")
    url = data_url(LARGE).encode()
    whole = part('name="prompt"') + part('name="input_reference"', url) + b"--b--"
    await api.ok(api.http.post("/v1/videos", content=whole, headers=MULTIPART))
    plain = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    made = await api.ok(
        api.http.post("/v1/videos", content=b"prompt=%E6%B5%B7+a&model=trial", headers=plain)
    )
    assert made["prompt"] == "海 a"
    for bad in (b"prompt=%ff", b"a=1&" * 300, b"prompt=" + b"a" * 300_000):
        answer = await api.http.post("/v1/videos", content=bad, headers=plain)
        assert answer.status_code in (400, 413), bad[:20]
