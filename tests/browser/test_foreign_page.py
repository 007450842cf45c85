"""A web page of somebody else, in a real browser, beside a gateway that asks for no token.

It can neither make a task, nor leave an image, nor read anything; it may show a video whose link
it was given, as a notebook does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page

from ..gateway.trial_engine import install
from ..hardening.gateway_lives import begin

NASTY = '<img src=x onerror="window.ran=true"><script>window.ran=true</script>'

#: Each gives what it could read, or the error that the browser raised.
ATTEMPTS = """
async (gateway) => {
  const generate = gateway + "/api/video-gen/generate"
  const upload = gateway + "/api/file/upload?file_type=2&file_name=a.jpg"
  const list = gateway + "/api/video-gen/list"
  const order = JSON.stringify({prompt: "quick", engine: "trial"})
  const json = {"Content-Type": "application/json"}
  const post = (url, body, more = {}) => fetch(url, {method: "POST", body, ...more})
  const attempts = {
    read: () => fetch(list),
    readWithoutCors: () => fetch(list, {mode: "no-cors"}),
    readWithCredentials: () => fetch(list, {credentials: "include"}),
    create: () => post(generate, order, {headers: json}),
    createAsText: () => post(generate, order),
    createWithoutCors: () => post(generate, order, {mode: "no-cors"}),
    createAsForm: () => post(generate, new URLSearchParams({prompt: "quick"}), {mode: "no-cors"}),
    beacon: async () => ({text: () => String(navigator.sendBeacon(generate, order) && "")}),
    upload: () => post(upload, new Blob([new Uint8Array([255, 216, 255])]), {mode: "no-cors"}),
    shutdown: () => post(gateway + "/api/video-gen/shutdown?force=true", "", {mode: "no-cors"}),
    forget: () => fetch(gateway + "/api/video-gen/task", {method: "DELETE"}),
  }
  const told = {}
  for (const [name, attempt] of Object.entries(attempts)) {
    try { told[name] = await (await attempt()).text() } catch (error) { told[name] = error.name }
  }
  return told
}
"""
FORM = """
<form method="post" enctype="text/plain" action="{url}/api/video-gen/generate">
<input name='{{"prompt": "quick", "engine": "trial", "labels": ["' value='"]}}'>
<button>Win a prize</button></form>
"""
VIDEO = """
(src) => new Promise((done) => {
  const video = document.createElement("video")
  video.onloadeddata = () => done("shown")
  video.onerror = () => done("not shown")
  video.src = src
  document.body.append(video)
})
"""


@dataclass
class Gateway:
    url: str
    http: httpx.Client

    def tasks(self) -> list[Any]:
        found: list[Any] = self.http.get("/api/video-gen/list").json()["tasks"]
        return found

    def video(self, prompt: str) -> str:
        body = {"prompt": prompt, "engine": "trial"}
        task = self.http.post("/api/video-gen/generate", json=body).json()
        params = {name: task[name] for name in ("conversation_id", "message_id")}
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            told = self.http.get("/api/video-gen/status", params=params).json()["task"]
            if told["video_urls"]:
                return str(told["video_urls"][0])
            time.sleep(0.05)
        raise AssertionError(f"no video: {told}")


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    life = begin(tmp_path / "home", install(tmp_path / "site"), token=None)
    assert life is not None
    try:
        with httpx.Client(base_url=life.url, trust_env=False) as http:
            yield Gateway(life.url, http)
    finally:
        life.kill()


@pytest.fixture
def elsewhere() -> Iterator[dict[str, Any]]:
    """A web server whose pages the test writes: ``{"url": …, "page": …}``."""
    served: dict[str, Any] = {"page": "<p>Hello.</p>"}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = served["page"].encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    served["url"] = f"http://127.0.0.1:{server.server_address[1]}/"
    yield served
    server.shutdown()
    server.server_close()
    thread.join()


def test_it_can_neither_create_nor_read(page: Page, gateway: Gateway, elsewhere: dict[str, Any]):
    gateway.video("quick secret")
    page.goto(elsewhere["url"])
    told = page.evaluate(ATTEMPTS, gateway.url)
    assert not [name for name, words in told.items() if "secret" in words or "success" in words]
    assert told["read"] == told["create"] == told["createAsText"] == "TypeError"
    elsewhere["page"] = FORM.format(url=gateway.url)
    page.goto(elsewhere["url"])
    page.get_by_role("button").click()
    page.wait_for_url(f"{gateway.url}/**")
    assert "origin_not_allowed" in page.content()
    assert [task["prompt"] for task in gateway.tasks()] == ["quick secret"]
    assert gateway.http.get("/healthz").is_success


def test_nor_under_a_name_of_its_own_that_leads_here(page: Page, gateway: Gateway):
    """DNS rebinding: the page's own name is made to mean this machine, so all is one origin."""
    gateway.video("quick secret")
    port = gateway.url.rpartition(":")[2]
    page.goto(f"http://page.rebound.test:{port}/api/video-gen/list")
    assert "host_not_allowed" in page.content()
    told = page.evaluate(ATTEMPTS, f"http://page.rebound.test:{port}")
    assert not [name for name, words in told.items() if "secret" in words or "success" in words]
    assert "host_not_allowed" in told["read"]
    assert len(gateway.tasks()) == 1


def test_it_may_show_a_video_but_not_read_it(
    page: Page, gateway: Gateway, elsewhere: dict[str, Any]
):
    video = gateway.video("quick")
    page.goto(elsewhere["url"])
    assert page.evaluate(VIDEO, video) == "shown"
    read = "(url) => fetch(url).then(() => 'read', (error) => error.name)"
    assert page.evaluate(read, video) == "TypeError"


def test_what_people_write_runs_nowhere(page: Page, gateway: Gateway):
    gateway.video(f"quick {NASTY}")
    for path in (
        "/api/video-gen/list",
        f"/api/video-gen/status?conversation_id={NASTY}&message_id={NASTY}",
        f"/{NASTY}",
        f"/api/video-gen/videos/{NASTY}.mp4",
        "/docs",
    ):
        page.goto(gateway.url + path)
        assert page.evaluate("window.ran === undefined"), path
