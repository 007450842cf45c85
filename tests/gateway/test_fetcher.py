"""Downloads of user-given URLs: hostile ones lead nowhere, good ones arrive, within bounds."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest

from videogen_nb.errors import BadImage, BadParameter, VideogenError
from videogen_nb.gateway.http.errors import STATUS
from videogen_nb.gateway.outgoing.fetcher import MAX_REDIRECTS, Fetcher, read_url
from videogen_nb.gateway.outgoing.resolver import system_lookup
from videogen_nb.gateway.refusals import Refusal
from videogen_nb.media.images import MAX_BYTES

from .conftest import Opener, image_bytes

LOOPBACK = "127.0.0.0/8"
IMAGE = image_bytes()

Reply = Callable[[str, asyncio.StreamWriter], Awaitable[None]]


class Dns:
    """A name server of our own: names to addresses, and a count of the questions."""

    def __init__(self, names: Mapping[str, Sequence[str] | Sequence[Sequence[str]]]) -> None:
        self._names = names
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        if host not in self._names:
            raise OSError("unknown name")
        answers = self._names[host]
        if isinstance(answers[0], str):
            return [str(answer) for answer in answers]
        turn = min(self.asked.count(host), len(answers)) - 1  # answers that change
        return list(answers[turn])


class Origin:
    """A web server on loopback whose replies are written byte by byte by the test."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.replies: dict[str, Reply] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def serve(self, path: str, body: bytes, *headers: str, status: str = "200 OK") -> str:
        async def reply(_: str, writer: asyncio.StreamWriter) -> None:
            writer.write(head(status, f"Content-Length: {len(body)}", *headers) + body)

        self.replies[path] = reply
        return self.url(path)

    def redirect(self, path: str, location: str, status: str = "302 Found") -> str:
        return self.serve(path, b"", f"Location: {location}", status=status)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            path = lines[0].split()[1]
            headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
            self.requests.append((path, headers))
            await self.replies[path](path, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the guard hung up, as it should
        finally:
            writer.close()


def head(status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1")


@asynccontextmanager
async def serving() -> AsyncIterator[Origin]:
    origin: Origin
    answering: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        answering.add(task)
        await origin.handle(reader, writer)

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    origin = Origin(server.sockets[0].getsockname()[1])
    try:
        yield origin
    finally:
        server.close()
        for task in answering:  # one may still wait for what its guard never reads
            task.cancel()
        await asyncio.gather(*answering, return_exceptions=True)
        await server.wait_closed()


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    async with serving() as origin:
        yield origin


async def refused(fetcher: Fetcher, url: str) -> VideogenError:
    with pytest.raises((Refusal, BadImage)) as caught:
        await fetcher.fetch(url)
    assert caught.value.text.render("en")
    assert caught.value.text.render("zh")
    if isinstance(caught.value, Refusal):
        assert 400 <= STATUS.get(caught.value.code, 422) < 500
    return caught.value


#: Ways to write an address that is not public; the system's own resolver understands many.
NOTATIONS = """
http://127.0.0.1/ http://2130706433/ http://0x7f000001/ http://0x7f.1/ http://0177.0.0.1/
http://127.1/ http://127.0.1/ http://0/ http://0.0.0.0/ http://017700000001/
http://127.0.0.1./ http://0x7f.0x0.0x0.0x1/ http://127.0.0.1:8000/ http://[::1]/ http://[::]/
http://[::ffff:127.0.0.1]/ http://[::ffff:7f00:1]/ http://[0:0:0:0:0:ffff:127.0.0.1]/
http://[64:ff9b::7f00:1]/ http://[2002:7f00:1::]/ http://[2001:0:7f00:1::]/ http://[fe80::1]/
http://[fe80::1%25eth0]/ http://[fc00::1]/ http://[fd00:ec2::254]/
http://169.254.169.254/latest/meta-data/ http://100.100.100.200/ http://192.168.1.1/
http://10.0.0.1/ http://172.16.0.1/ http://198.18.0.5/ http://１２７.０.０.１/ http://127。0。0。1/
http://①②⑦.⓪.⓪.①/ http://%31%32%37.0.0.1/ http://127.0.0.1%00.example.com/
http://127.0.0.1%2f.example.com/ http://0x7f000001:80/ http://localhost/ http://LOCALHOST/
http://localhost./ http://4294967297/ http://256.256.256.256/ http://1.2.3/ http://1.2.3.4.5/
http://0x/ http://1.2.3.08/ http://0xA9FEA9FE/ http://0xA9.0xFE.0xA9.0xFE/ http://2852039166/
http://0251.0376.0251.0376/ http://169.254.43518/ http://0300.0250.0.1/ http://3232235521/
http://[::ffff:a9fe:a9fe]/ http://[64:ff9b::a9fe:a9fe]/ http://[2002:a9fe:a9fe::]/ http://[::7f00:1]/
http://[64:ff9b:1::a9fe:a9fe]/ http://[::ffff:0:7f00:1]/ http://[2001:0:0:0::a9fe:a9fe]/
http://[fec0::1]/ http://[ff02::1]/ http://[::1%25lo]/ http://[::1]:80/ http://[0::0:1]/
http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/ http://localhost。/ http://loc­alhost/ http://𝟏𝟐𝟕.0.0.1/ http://١٢٧.0.0.1/
http://127.0.0.1%09/ http://127.0.0.1%23.example.com/ http://127.0.0.1;example.com/
http://0177.0.0.01/ http://00000177.1/ http://127.0.0.1.:80/ http://127.00.00.01/ http://1/
http://239.255.255.250/ http://255.255.255.255/ http://168.63.129.16/ http://192.0.0.192/
http://[fd00:ec2::254]:80/latest/ http://100.64.0.1/ http://[100::1]/ http://[5f00::1]/
"""


@pytest.mark.parametrize("url", NOTATIONS.split())
async def test_no_notation_leads_inside(url: str):
    error = await refused(Fetcher(total_s=5), url)
    assert error.code in ("url_not_public", "url_invalid", "url_failed")
    if error.code == "url_failed":  # only where there is no such name at all
        assert "was not found" in str(error.text.render("en"))


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="empty"),
        pytest.param("example.com/a.jpg", id="no-scheme"),
        pytest.param("//example.com/a.jpg", id="scheme-relative"),
        pytest.param("file:///etc/passwd", id="file"),
        pytest.param("ftp://example.com/a.jpg", id="ftp"),
        pytest.param("gopher://example.com/", id="gopher"),
        pytest.param("data:image/png;base64,AAAA", id="data"),
        pytest.param("javascript:alert(1)", id="javascript"),
        pytest.param("http+unix://%2Fvar%2Frun%2Fdocker.sock/", id="unix"),
        pytest.param("http://", id="no-host"),
        pytest.param("http:///a.jpg", id="no-host-with-path"),
        pytest.param("http://user@example.com/", id="user"),
        pytest.param("http://user:password@example.com/", id="password"),
        pytest.param("http://example.com@127.0.0.1/", id="host-as-user"),
        pytest.param("http://@example.com/", id="empty-user"),
        pytest.param("http://example.com\\@127.0.0.1/", id="backslash"),
        pytest.param("http://example.com/a b.jpg", id="space"),
        pytest.param("http://exa\nmple.com/", id="newline"),
        pytest.param("http://example.com/\x00", id="nul"),
        pytest.param("http://example.com/\ud800", id="half-character"),
        pytest.param("http://example.com/\r\nHost: 127.0.0.1", id="header-injection"),
        pytest.param("http://example.com:0/", id="port-0"),
        pytest.param("http://example.com:22/", id="ssh-port"),
        pytest.param("http://example.com:25/", id="mail-port"),
        pytest.param("http://example.com:1023/", id="last-port-of-services"),
        pytest.param("http://example.com:65536/", id="port-too-large"),
        pytest.param("http://example.com:http/", id="port-a-word"),
        pytest.param("http://[::1/", id="open-bracket"),
        pytest.param("http://" + "a" * 3000, id="too-long"),
    ],
)
async def test_what_is_no_plain_url_is_refused_unasked(url: str):
    dns = Dns({"example.com": ["93.184.216.34"]})
    error = await refused(Fetcher(lookup=dns, total_s=5), url)
    assert error.code == "url_invalid"
    assert dns.asked == []


@pytest.mark.parametrize("port", [80, 443, 1024, 65535])
def test_ports_that_serve_pages_are_taken(port: int):
    assert read_url(f"http://example.com:{port}/a.jpg")


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param(["127.0.0.1"], id="loopback"),
        pytest.param(["93.184.216.34", "127.0.0.1"], id="mixed"),
        pytest.param(["93.184.216.34", "::1"], id="mixed-families"),
        pytest.param(["::ffff:10.0.0.1"], id="mapped"),
        pytest.param(["64:ff9b::a9fe:a9fe"], id="nat64-metadata"),
        pytest.param(["2002:7f00:1::"], id="6to4"),
        pytest.param(["fe80::1%eth0"], id="zone"),
        pytest.param(["198.18.0.7"], id="fake-ip"),
    ],
)
async def test_a_name_with_any_inner_answer_is_refused(answers: list[str]):
    error = await refused(Fetcher(lookup=Dns({"evil.test": answers})), "http://evil.test/a.jpg")
    assert error.code == "url_not_public"
    assert "evil.test" in error.text.render("en")
    assert "VIDEOGEN_ALLOW_NETWORKS" in error.text.render("en")


async def test_a_name_is_resolved_once_and_that_answer_is_connected_to(origin: Origin):
    """An answer that changes between the question and the connection finds no second question."""
    dns = Dns({"rebind.test": [["127.0.0.1"], ["127.0.0.2"]]})
    origin.serve("/a.jpg", IMAGE)
    fetcher = Fetcher("127.0.0.1/32", lookup=dns)
    assert await fetcher.fetch(origin.url("/a.jpg", "rebind.test")) == IMAGE
    assert dns.asked == ["rebind.test"]
    error = await refused(fetcher, origin.url("/a.jpg", "rebind.test"))
    assert error.code == "url_not_public"


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://[::1]/",
        "http://2130706433/",
        "//192.168.0.1/",
        "http://inner.test/",
        "file:///etc/passwd",
        "http://user:pw@example.com/",
        "ftp://example.com/",
        "http://example.com:25/",
        "http://[",
    ],
)
async def test_every_redirect_is_judged_anew(origin: Origin, location: str):
    url = origin.redirect("/start", location)
    fetcher = Fetcher("127.0.0.1/32", lookup=Dns({"inner.test": ["10.9.8.7"]}))
    error = await refused(fetcher, url)
    assert error.code in ("url_not_public", "url_invalid")
    assert len(origin.requests) == 1


async def test_no_redirect_leads_inside_in_any_notation(origin: Origin):
    """Also relative to a scheme, and in every notation of the list above."""
    fetcher = Fetcher("127.0.0.1/32", total_s=5)  # only this very address is let through
    for place, target in enumerate(NOTATIONS.split()):
        if await leads_to_us(target):
            continue
        for location in (target, target.removeprefix("http:")):
            url = origin.redirect(f"/{place}", location)
            error = await refused(fetcher, url)
            assert error.code in ("url_not_public", "url_invalid", "url_failed"), location
    assert {path for path, _ in origin.requests} <= set(origin.replies)


async def leads_to_us(target: str) -> bool:
    """Whether a notation means 127.0.0.1, which the test has let through for its own server."""
    with contextlib.suppress(VideogenError):
        host = read_url(target).host
        with contextlib.suppress(OSError, UnicodeError):
            return "127.0.0.1" in str(await asyncio.to_thread(system_lookup, host, 80))
    return False


async def test_redirects_are_counted(origin: Origin):
    for place in range(MAX_REDIRECTS):
        origin.redirect(f"/{place}", f"/{place + 1}")
    origin.serve(f"/{MAX_REDIRECTS}", IMAGE)
    fetcher = Fetcher(LOOPBACK)
    assert await fetcher.fetch(origin.url("/0")) == IMAGE
    origin.redirect("/loop", "/loop")
    assert (await refused(fetcher, origin.url("/loop"))).code == "url_redirects"


@pytest.mark.parametrize("status", ["301 M", "302 F", "303 S", "307 T", "308 P"])
async def test_relative_and_cross_host_redirects_arrive(origin: Origin, status: str):
    origin.serve("/images/lake.jpg", IMAGE)
    origin.redirect("/images/old", "lake.jpg", status)
    origin.redirect("/cross", origin.url("/images/old", "other.test"), status)
    fetcher = Fetcher(LOOPBACK, lookup=Dns({"other.test": ["127.0.0.1"]}))
    assert await fetcher.fetch(origin.url("/cross")) == IMAGE


async def test_an_international_name_arrives(origin: Origin):
    origin.serve("/湖.jpg", IMAGE)
    origin.serve("/%E6%B9%96.jpg?a=%E2%9C%93", IMAGE)
    dns = Dns({"xn--fsq.test": ["127.0.0.1"]})
    url = origin.url("/湖.jpg?a=✓", "例.test")
    assert await Fetcher(LOOPBACK, lookup=dns).fetch(url) == IMAGE
    assert dns.asked == ["xn--fsq.test"]


async def test_of_two_addresses_the_second_is_tried(origin: Origin):
    origin.serve("/a.jpg", IMAGE)
    dns = Dns({"dual.test": ["::1", "127.0.0.1"]})
    fetcher = Fetcher(f"{LOOPBACK}, ::1/128", lookup=dns)
    assert await fetcher.fetch(origin.url("/a.jpg", "dual.test")) == IMAGE


async def test_the_request_tells_little_and_asks_for_plain_bytes(origin: Origin):
    await Fetcher(LOOPBACK).fetch(origin.serve("/a.jpg", IMAGE))
    ((_, headers),) = origin.requests
    assert headers["accept-encoding"] == "identity"
    assert headers["user-agent"].startswith("videogen-nb/")
    assert not {"cookie", "authorization", "referer"} & headers.keys()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("404 Not Found", "404"),
        ("500 Oops", "500"),
        ("204 No Content", "204"),
        ("302 Found", "302"),
    ],
)
async def test_other_answers_are_told(origin: Origin, status: str, words: str):
    error = await refused(Fetcher(LOOPBACK), origin.serve("/a.jpg", b"", status=status))
    assert error.code == "url_failed"
    assert words in error.text.render("en")


async def test_a_web_page_is_not_downloaded_to_its_end(origin: Origin):
    sent = 0

    async def endless(_: str, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(head("200 OK", "Content-Type: image/jpeg"))
        while sent < 64:
            writer.write(b"<html>" + b" " * 65536)
            await writer.drain()
            sent += 1

    origin.replies["/a.jpg"] = endless
    body = await Fetcher(LOOPBACK).fetch(origin.url("/a.jpg"))
    assert body.startswith(b"<html>")
    assert len(body) < 2**20


@pytest.mark.parametrize("told", [True, False])
async def test_too_large_an_image_is_cut_off(origin: Origin, told: bool):
    async def large(path: str, writer: asyncio.StreamWriter) -> None:
        length = [f"Content-Length: {MAX_BYTES + 1}"] if told else []
        writer.write(head("200 OK", *length) + IMAGE)
        if not told:
            for _ in range(MAX_BYTES // 65536 + 1):
                writer.write(bytes(65536))
                await writer.drain()

    origin.replies["/a.jpg"] = large
    assert (await refused(Fetcher(LOOPBACK), origin.url("/a.jpg"))).code == "image_too_large"


async def test_a_drip_ends_at_the_deadline(origin: Origin):
    async def drip(_: str, writer: asyncio.StreamWriter) -> None:
        writer.write(head("200 OK", "Content-Length: 1000") + IMAGE[:20])
        while True:
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.01)

    origin.replies["/a.jpg"] = drip
    error = await refused(Fetcher(LOOPBACK, total_s=0.3), origin.url("/a.jpg"))
    assert error.code == "url_timeout"


async def test_a_slow_name_ends_at_the_deadline():
    answer_now = threading.Event()

    def slow(host: str, port: int) -> list[str]:
        answer_now.wait()
        return []

    error = await refused(Fetcher(lookup=slow, total_s=0.1), "http://slow.test/")
    answer_now.set()
    assert error.code == "url_timeout"


async def test_a_compressed_body_is_not_unfolded(origin: Origin):
    bomb = gzip.compress(bytes(50 * 2**20))
    url = origin.serve("/a.jpg", bomb, "Content-Encoding: gzip")
    assert (await refused(Fetcher(LOOPBACK), url)).code == "url_failed"


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"garbage\r\n\r\n", id="no-http"),
        pytest.param(head("200 OK", "Content-Length: 5000") + IMAGE[:99], id="cut-short"),
        pytest.param(head("200 OK", "Content-Length: -1") + IMAGE, id="negative-length"),
        pytest.param(head("200 OK", "Transfer-Encoding: chunked") + b"zz\r\n", id="bad-chunks"),
    ],
)
async def test_broken_answers_are_told(origin: Origin, reply: bytes):
    async def broken(_: str, writer: asyncio.StreamWriter) -> None:
        writer.write(reply)

    origin.replies["/a.jpg"] = broken
    assert (await refused(Fetcher(LOOPBACK), origin.url("/a.jpg"))).code == "url_failed"


async def test_nobody_listening_is_told(origin: Origin):
    async with serving() as gone:
        url = gone.url("/a.jpg")
    assert (await refused(Fetcher(LOOPBACK), url)).code == "url_failed"


async def test_an_unknown_name_is_told():
    error = await refused(Fetcher(lookup=Dns({})), "http://nowhere.test/a.jpg")
    assert error.code == "url_failed"
    assert "nowhere.test" in error.text.render("en")


def test_networks_that_are_none_are_told_at_once():
    with pytest.raises(BadParameter, match="VIDEOGEN_ALLOW_NETWORKS"):
        Fetcher("not-a-network")


async def test_an_image_url_becomes_the_first_frame(opened: Opener, origin: Origin):
    url = origin.serve("/a.jpg", IMAGE)
    async with opened(allow_networks=LOOPBACK) as api:
        task = await api.finished(await api.create("quick", image_url=url))
        assert task["status"] == "completed"


async def test_an_image_url_that_fails_makes_no_task(opened: Opener, origin: Origin):
    origin.serve("/page", b"<!doctype html><title>no</title>")
    origin.serve("/half", IMAGE[:200])
    origin.serve("/gone", b"", status="404 Not Found")
    async with opened(allow_networks=LOOPBACK) as api:
        for path, status in (("/page", 415), ("/half", 422), ("/gone", 422)):
            body = {"prompt": "quick", "engine": "trial", "image_url": origin.url(path)}
            answer = await api.http.post("/api/video-gen/generate", json=body)
            assert answer.status_code == status, answer.text
            assert answer.json()["code"] in ("image_format", "image_damaged", "url_failed")
        assert (await api.ok(api.http.get("/api/video-gen/list")))["total"] == 0


async def test_a_private_address_is_refused_by_the_gateway(opened: Opener):
    async with opened() as api:
        body = {"prompt": "quick", "engine": "trial", "image_url": "http://127.0.0.1:9999/a.jpg"}
        answer = await api.http.post("/api/video-gen/generate", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "url_not_public")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_our_own_sample_is_let_through(opened: Opener, host: str):
    async with opened() as api:
        url = f"http://{host}:8000/samples/lake.jpg"
        task = await api.finished(await api.create("quick", image_url=url))
        assert task["status"] == "completed"


@pytest.mark.parametrize("name", ["none.jpg", "../healthz", "../gateway/samples/lake.jpg"])
async def test_a_sample_that_there_is_not_is_told(opened: Opener, name: str):
    async with opened() as api:
        url = f"http://127.0.0.1:8000/samples/{name}"
        body = {"prompt": "quick", "engine": "trial", "image_url": url}
        answer = await api.http.post("/api/video-gen/generate", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "url_failed")
        assert "Available: lake.jpg" in answer.json()["detail"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8001/samples/lake.jpg",
        "http://127.0.0.1:8000/%73amples/lake.jpg",
        "http://127.0.0.1:8000/api/video-gen/list",
        "http://a@127.0.0.1:8000/samples/lake.jpg",
    ],
)
async def test_nothing_else_of_ours_is(opened: Opener, url: str):
    async with opened() as api:
        body = {"prompt": "quick", "engine": "trial", "image_url": url}
        answer = await api.http.post("/api/video-gen/generate", json=body)
        assert answer.status_code == 422
        assert answer.json()["code"] in ("url_not_public", "url_invalid")
