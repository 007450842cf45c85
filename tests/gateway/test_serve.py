"""Serving: who may reach it, what a taken port says, taking over, ending in good order."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest

from tests.processes import end_gateway, environment, run, settings_in, wait_until_gone
from videogen_nb.errors import LocalGatewayError
from videogen_nb.gateway.server.listener import PortTaken, listen, local_url, url_of, urls_elsewhere
from videogen_nb.gateway.server.registration import Registration
from videogen_nb.local.address_probe import neighbour
from videogen_nb.local.discovery import ensure_gateway, find_gateway, stop_gateway
from videogen_nb.local.info_file import info_path, read_info
from videogen_nb.settings import Settings

from .conftest import write_people


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    monkeypatch.setenv("VIDEOGEN_LANG", "en")


@pytest.fixture
def own(tmp_path) -> Iterator[Settings]:
    settings = settings_in(tmp_path)
    yield settings
    end_gateway(settings)


@contextmanager
def serving(settings: Settings, *options: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``videogen-nb serve --json`` as a process; ready when the block begins."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "videogen_nb", "serve", "--json", *options],
            env=environment(settings),
            stdout=output,
            stderr=output,
        )
    try:
        deadline = time.monotonic() + 30
        while (
            info := read_info(info_path(settings.data_folder))
        ) is None or info.pid != process.pid:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.03)
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def answering(paths: dict[str, object]) -> Iterator[str]:
    """A small server of another kind: JSON at some paths, 404 elsewhere."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(paths.get(self.path, {"detail": "?"})).encode()
            self.send_response(200 if self.path in paths else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args) -> None:
            """Nothing to say."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", ""], ids=["any-v4", "any-v6", "none"])
def test_it_does_not_listen_beyond_this_machine_without_a_token(host):
    if host == "::" and not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    with pytest.raises(LocalGatewayError, match="--token"):
        listen(host, 0, token=None)


def test_with_a_token_it_does_and_says_how_others_reach_it():
    with listen("0.0.0.0", 0, token="secret") as listener:
        port = listener.getsockname()[1]
        assert url_of(listener) == f"http://127.0.0.1:{port}"
        assert all(url.endswith(f":{port}") for url in urls_elsewhere(listener))
        assert url_of(listener) not in urls_elsewhere(listener)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2"])
def test_this_machine_needs_no_token(host):
    with listen(host, 0, token=None) as listener:
        assert urls_elsewhere(listener) == []


def test_a_port_that_is_taken_is_told_with_where_to_ask():
    with listen("127.0.0.1", 0, token=None) as first:
        port = first.getsockname()[1]
        with pytest.raises(PortTaken) as caught:
            listen("127.0.0.1", port, token=None)
    assert caught.value.url == f"http://127.0.0.1:{port}"


def test_an_address_that_is_not_here_says_what_to_do():
    with pytest.raises(LocalGatewayError, match="--host"):
        listen("192.0.2.1", 0, token="secret")  # reserved for documentation


def test_addresses_are_written_as_urls_want_them():
    assert local_url("::1", 80) == "http://[::1]:80"
    assert local_url("::", 80) == "http://[::1]:80"
    assert local_url("0.0.0.0", 80) == "http://127.0.0.1:80"


@pytest.mark.parametrize(
    ("paths", "kind"),
    [
        pytest.param(
            {"/healthz": {"service": "videogen-nb", "version": "9", "pid": 1}}, "ours", id="ours"
        ),
        pytest.param(
            {"/api/video-gen/list": {"success": True, "total": 0, "tasks": []}}, "older", id="older"
        ),
        pytest.param({"/healthz": {"status": "ok"}}, "other", id="other-health"),
        pytest.param({"/api/video-gen/list": ["tasks"]}, "other", id="other-list"),
        pytest.param({}, "other", id="nothing-known"),
    ],
)
def test_a_neighbour_is_recognised(paths, kind):
    with answering(paths) as url:
        assert neighbour(url).kind == kind


def test_a_program_that_keeps_silent_is_there_all_the_same():
    with listen("127.0.0.1", 0, token=None) as silent:
        assert neighbour(url_of(silent), timeout_s=0.1).kind == "other"


def test_nothing_answers_on_a_closed_port():
    with listen("127.0.0.1", 0, token=None) as listener:
        url = url_of(listener)
    assert neighbour(url).kind == "nothing"


@pytest.mark.parametrize(
    ("paths", "told"),
    [
        pytest.param({}, "another program", id="other"),
        pytest.param(
            {"/api/video-gen/list": {"tasks": []}}, "an older video-gen gateway", id="older"
        ),
    ],
)
def test_serve_tells_who_has_its_port_and_how_to_use_that(own, paths, told):
    with answering(paths) as url:
        answer = run(own, "-m", "videogen_nb", "serve", "--port", url.rsplit(":", 1)[1])
    assert answer.returncode == 1
    assert told in answer.stderr
    assert ("VIDEOGEN_URL=" + url in answer.stderr) == ("older" in told)
    assert "serve --port" in answer.stderr


def test_a_refused_serve_leaves_the_running_gateway_alone(own):
    address = ensure_gateway(own)
    answer = run(own, "-m", "videogen_nb", "serve", "--host", "0.0.0.0")
    assert answer.returncode == 3
    assert "--token" in answer.stderr
    found = find_gateway(own)
    assert found is not None
    assert found.pid == address.pid


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such signals")
def test_serve_takes_over_with_all_tasks_and_notebooks_use_it(own, tmp_path):
    first = ensure_gateway(own)
    body = {"prompt": "sea", "duration": 15, "resolution": "1080p"}
    headers = {"Authorization": f"Bearer {first.token}"}
    generate = f"{first.url}/api/video-gen/generate"
    made = httpx.post(generate, json=body, headers=headers, trust_env=False).json()

    log = tmp_path / "serve.log"
    with serving(own, "--port", "0", log=log) as process:
        wait_until_gone(first.pid, first.process_started)
        found = ensure_gateway(own)
        assert (found.pid, found.kind, found.token) == (process.pid, "serve", None)
        httpx.get(f"{found.url}/api/video-gen/list?token=secret", trust_env=False)
        listed = httpx.get(f"{found.url}/api/video-gen/list", trust_env=False).json()
        assert [t["message_id"] for t in listed["tasks"]] == [made["message_id"]]
        with pytest.raises(LocalGatewayError, match="Ctrl-C"):
            stop_gateway(found)
        again = run(own, "-m", "videogen_nb", "serve", "--port", "0")
        assert again.returncode == 1
        assert f"VIDEOGEN_URL={found.url}" in again.stderr

        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    assert find_gateway(own) is None
    written = log.read_text()
    assert json.loads(written[: written.index("}") + 1])["url"] == found.url
    assert "GET /api/video-gen/list?token=…" in written
    assert "secret" not in written
    assert "Traceback" not in written


def test_serve_with_a_token_asks_for_it(own, tmp_path):
    with serving(own, "--port", "0", "--token", "open sesame", log=tmp_path / "log"):
        address = ensure_gateway(own)
        url = f"{address.url}/api/video-gen/list"
        assert httpx.get(url, trust_env=False).status_code == 401
        headers = {"Authorization": f"Bearer {address.token}"}
        assert httpx.get(url, headers=headers, trust_env=False).status_code == 200
        stop_gateway(address, force=True)


def test_an_ordinary_request_cannot_end_a_busy_gateway(own):
    write_people(own.data_folder, {"anna": "a" * 20, "wang": "w" * 20}, wang="teacher")
    address = ensure_gateway(own)
    headers = {"Authorization": f"Bearer {address.token}", "Accept-Language": "zh"}
    with httpx.Client(base_url=address.url, headers=headers, trust_env=False) as client:
        body = {"prompt": "sea", "duration": 15, "resolution": "1080p"}
        client.post("/api/video-gen/generate", json=body)
        refused = client.post("/api/video-gen/shutdown")
        assert (refused.status_code, refused.json()["code"]) == (409, "busy")
        assert "未完成" in refused.json()["detail"]
    for token, status in (("x", 401), ("a" * 20, 403), ("w" * 20, 403)):  # its owner's to end
        refused = httpx.post(
            f"{address.url}/api/video-gen/shutdown?force=true",
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
        )
        assert refused.status_code == status


def test_an_info_file_that_a_cleaner_removed_comes_back(own):
    folder = own.data_folder
    folder.mkdir()
    registration = Registration(
        folder, url="http://127.0.0.1:1", port=1, token=None, kind="embedded", instance="one"
    )
    registration.beat()
    assert read_info(registration.path) is None  # not shown yet
    registration.show()
    registration.path.unlink()
    registration.beat()
    assert read_info(registration.path) == registration.info
    registration.hide()
    registration.beat()
    assert read_info(registration.path) is None
