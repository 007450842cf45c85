"""Every client goes the way the environment asks for, and knows whether anything was sent."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import trustme

from tests.engines.remote_engine_helpers import engine_of, job_of
from tests.network.proxies import proxy, speaking_tls
from videogen_nb.client import VideoClient
from videogen_nb.engines.ark import ArkEngine
from videogen_nb.engines.gateway import GatewayEngine
from videogen_nb.engines.http_client import Caller
from videogen_nb.engines.openai import OpenAIVideosEngine
from videogen_nb.errors import (
    GatewayTimeout,
    GatewayUnreachable,
    UpstreamAway,
    UpstreamRefused,
    UpstreamUnsure,
)
from videogen_nb.local.address_probe import neighbour
from videogen_nb.network import client, report
from videogen_nb.protocol.polling import RetryPolicy, Timeouts
from videogen_nb.testing import OlderGateway

ENGINES = [ArkEngine, OpenAIVideosEngine, GatewayEngine]
ONCE = RetryPolicy(attempts=1)
BRIEF = Timeouts(connect_s=5, silence_s=1, create_s=1, answer_s=1)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """One that ``SSL_CERT_FILE`` names."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", f"{tmp_path / 'authority.pem'} ")
    return authority


@pytest.fixture
def older() -> Iterator[int]:
    """The port of a gateway."""
    with OlderGateway().serve() as url:
        yield int(url.rpartition(":")[2])


@pytest.mark.parametrize(
    ("kind", "value"),
    [("http", "http://{}"), ("http", "{}"), ("socks5", "socks5://{}"), ("socks5", "socks5h://{}"),
     ("socks5", "socks://{}/")],
)  # fmt: skip
async def test_a_gateway_elsewhere_is_asked_through_the_proxy(kind, value, older, monkeypatch):
    with proxy(kind, older) as between:
        monkeypatch.setenv("all_proxy", value.format(between.address))
        async with VideoClient("http://videos.example:81") as videos:
            assert (await videos.list_tasks()).total == 0
        assert neighbour("http://videos.example:81").kind == "older"  # as doctor asks
    assert between.asked
    assert all("videos.example:81" in asked for asked in between.asked)


@pytest.mark.parametrize("value", ["http://127.0.0.1:9", "socks5://127.0.0.1:9", "gopher://x"])
async def test_one_on_this_machine_is_asked_directly(value, older, monkeypatch, tmp_path):
    for name in ("http_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
    async with VideoClient(f"http://127.0.0.1:{older}") as videos:
        assert (await videos.list_tasks()).total == 0
    assert neighbour(f"http://localhost:{older}").kind == "older"


@pytest.mark.parametrize("kind", ENGINES)
async def test_so_is_an_engines_server(kind, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with proxy("rude") as server:  # not as a proxy: as the upstream itself
        engine = engine_of(kind, f"http://{server.address}/v1", key="sk-something", model="m")
        with pytest.raises((UpstreamRefused, UpstreamUnsure)):
            await engine.start(job_of(engine), "key-1")
        await engine.aclose()
    assert server.asked


@pytest.mark.parametrize("kind", ["http", "socks5"])
async def test_tls_goes_through_the_proxy_to_the_end(kind, authority, older, monkeypatch):
    with (
        speaking_tls(authority.issue_cert("videos.example"), older) as port,
        proxy(kind, port) as between,
    ):
        scheme = "socks5" if kind == "socks5" else "http"
        monkeypatch.setenv("https_proxy", f"{scheme}://{between.address}")
        async with VideoClient("https://videos.example") as videos:
            assert (await videos.list_tasks()).total == 0
    assert between.asked == ["videos.example:443"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("https_proxy", "socks4://127.0.0.1:1"), ("no_proxy", "10.0.0.0/99"),
     ("SSL_CERT_FILE", "/nowhere/ca.pem"), ("SSL_CERT_FILE", __file__), ("SSL_CERT_FILE", "/"),
     ("SSL_CERT_DIR", "/nowhere")],
)  # fmt: skip
class TestAVariableThatIsNoUse:
    @pytest.fixture(autouse=True)
    def _set(self, name, value, monkeypatch):
        monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
        monkeypatch.setenv(name, value)

    async def test_is_told_by_the_client(self, name):
        async with VideoClient("https://videos.example") as videos:
            with pytest.raises(GatewayUnreachable, match=f"^{name} ") as caught:
                await videos.create_task("sea")
        assert not caught.value.sent
        assert caught.value.code == "bad_environment"
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize("kind", ENGINES)
    async def test_is_told_by_engines_and_nothing_was_made(self, kind, name):
        engine = engine_of(kind, "https://videos.example/v1", key="sk-something", model="m")
        with pytest.raises((UpstreamRefused, UpstreamAway), match=f"{name} ") as caught:
            await engine.start(job_of(engine), "key-1")
        first_asks = kind is GatewayEngine  # for its list: nothing was sent, so it is tried again
        assert caught.value.code == ("upstream_away" if first_asks else "bad_environment")
        with pytest.raises(UpstreamAway, match=f"{name} "):  # what was made before is not given up
            await Caller(lambda: "https://videos.example", lambda: None).ask("GET", "/x")

    def test_is_found_by_doctor(self, name):
        assert [error.variable for error in report().unusable] == [name]


@pytest.mark.parametrize("scheme", ["http", "socks5"])
@pytest.mark.parametrize("fault", ["mute", "rude", "garbled", "closed"])
class TestNothingLeftBeforeTheWayWasOpen:
    @pytest.fixture(autouse=True)
    def between(self, scheme, fault, monkeypatch):
        if fault == "closed":
            monkeypatch.setenv("https_proxy", f"{scheme}://127.0.0.1:9")
            yield
            return
        with proxy(fault) as between:
            monkeypatch.setenv("https_proxy", f"{scheme}://{between.address}")
            yield
            assert between.asked

    async def test_of_a_create(self):
        calls = Caller(lambda: "https://ark.example", lambda: "sk-something", timeouts=BRIEF)
        with pytest.raises(UpstreamAway):
            await calls.ask("POST", "/tasks", acts=True, json={"prompt": "sea"})
        await calls.aclose()

    async def test_as_the_client_tells(self):
        async with VideoClient("https://v.example", retry=ONCE, timeouts=BRIEF) as videos:
            with pytest.raises((GatewayUnreachable, GatewayTimeout)) as caught:
                await videos.create_task("sea")
        assert not caught.value.sent  # and so no OutcomeUnknown


async def test_the_proxy_and_its_variable_are_named(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://me:s3cret@127.0.0.1:9")
    async with VideoClient("https://v.example", retry=ONCE) as videos:
        with pytest.raises(GatewayUnreachable) as caught:
            await videos.list_tasks()
    assert "proxy http://127.0.0.1:9, which is set in https_proxy" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_create_that_was_sent_stays_unsure():
    with proxy("garbled") as server, client() as web, pytest.raises(httpx.RemoteProtocolError):
        web.post(f"http://{server.address}/", json={})


@pytest.mark.parametrize("usable", [True, False])
def test_an_authority_of_the_environment_does_not_count_on_this_machine(
    usable, authority, older, monkeypatch
):
    if not usable:
        monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    with (
        speaking_tls(authority.issue_cert("localhost"), older) as port,
        client() as web,
        pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        web.get(f"https://localhost:{port}/")


def test_every_client_is_made_here():
    """So that the policy is in one place; those of notebooks ask this machine only."""
    root = Path(__file__).parents[2]
    made = re.compile(
        r"httpx2?\.(Async)?Client\(|HTTPTransport\(|httpx2?\.(get|post|stream|request)\(|urlopen\("
        r"|\n *(import|from) (requests|aiohttp|urllib3)\b"
    )
    for path in (root / "videogen_nb").rglob("*.py"):
        if path.parent.name != "network":
            assert not made.search(path.read_text("utf-8")), path
    for path in (root / "notebooks").rglob("*.ipynb"):
        for line in path.read_text("utf-8").splitlines():
            assert not made.search(line) or "trust_env=False" in line, path
