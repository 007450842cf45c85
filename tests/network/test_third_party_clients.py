"""A library that brings its own client, of httpx's form, goes the way that all of ours go."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.network.proxies import proxy
from videogen_nb.network import client_of

LIBRARIES = ("httpx", "httpx2")


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> Any:
    """What huggingface_hub 1 and 2 ask with; openai brings the second one along."""
    return pytest.importorskip(request.param)


@pytest.fixture
def client(library: Any) -> Iterator[Any]:
    def hook(request: Any) -> None:
        request.headers["X-Hook"] = "here"

    with client_of(library, event_hooks={"request": [hook]}, timeout=5) as ours:
        yield ours


class Server(BaseHTTPRequestHandler):
    """Sends back what it got, compressed; or less of it than it has announced."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        got = self.rfile.read(int(self.headers["Content-Length"]))
        told = gzip.compress(got + self.headers["X-Hook"].encode())
        self.send_response(201)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "9")
        self.end_headers()
        self.wfile.write(b"cut")
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.mark.parametrize("kind", ["http", "socks5"])
def test_it_goes_through_the_proxy(
    kind: str, library: Any, client: Any, port: int, monkeypatch: pytest.MonkeyPatch
):
    with proxy(kind, port) as between:
        monkeypatch.setenv("all_proxy", f"{kind}://{between.address}")
        answer = client.post("http://hub.example:81/x", content=b"sent, ")
        client.close()
    assert isinstance(answer, library.Response)
    assert (answer.status_code, answer.text) == (201, "sent, here")
    assert "hub.example:81" in between.asked[0]


@pytest.fixture
def dead_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))


def test_this_machine_is_asked_directly(dead_ends: None, client: Any, port: int):
    assert client.post(f"http://127.0.0.1:{port}/", content=b"").text == "here"


def test_what_fails_fails_as_the_library_knows_it(
    library: Any, client: Any, port: int, monkeypatch: pytest.MonkeyPatch
):
    with pytest.raises(library.RemoteProtocolError):
        client.get(f"http://127.0.0.1:{port}/")
    with pytest.raises(library.ConnectError):
        client.get("http://127.0.0.1:1/")
    monkeypatch.setenv("https_proxy", "gopher://x")
    with pytest.raises(library.ConnectError, match="https_proxy is 'gopher://x'"):
        client.get("https://hub.example/")
