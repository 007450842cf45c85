"""A real JupyterHub, its real proxy, and people who make videos on real notebook servers.

``.ci/hub`` runs this: it installs what nobody else needs.
"""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

CONFIG = Path(__file__).parent / "config_for_tests.py"
PATIENCE_S = 100.0

MAKE = """
from videogen_nb import connect
videos = connect()
video = videos.generate("a red ball over the sea", duration=1, resolution="480p",
                        progress=False).result()
tasks = videos.list_tasks().result().tasks
print(videos.url, video.path.is_file(), [task.prompt for task in tasks])
"""


def needed() -> str | None:
    """What is missing for these tests; None = nothing."""
    if importlib.util.find_spec("jupyterhub") is None:
        return "needs JupyterHub: pip install -e '.[hub]', or .ci/hub"
    if shutil.which("configurable-http-proxy") is None:
        return "needs JupyterHub's proxy: npm install -g configurable-http-proxy, or .ci/hub"
    return None


def free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@dataclass
class Hub:
    """A running hub, and the test's hand on it."""

    url: str
    http: httpx.Client

    def token_of(self, user: str) -> str:
        answer = self.http.post(f"hub/api/users/{user}/tokens", json={"expires_in": 600})
        token: str = answer.raise_for_status().json()["token"]
        return token

    def start(self, user: str) -> None:
        """Start a person's notebook server and wait until it is ready."""
        self.http.post(f"hub/api/users/{user}/server").raise_for_status()
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            servers = self.http.get(f"hub/api/users/{user}").json()["servers"]
            if servers.get("", {}).get("ready"):
                return
            time.sleep(0.25)
        raise AssertionError(f"the server of {user} did not start")

    def run(self, user: str, code: str) -> str:
        """Run a cell on a person's server; what it printed. What it raised fails the test."""
        self.start(user)
        token = self.token_of(user)
        base = f"{self.url}user/{user}/"
        head = {"Authorization": f"token {token}"}
        with httpx.Client(base_url=base, headers=head, timeout=60, trust_env=False) as http:
            kernel = http.post("api/kernels", json={"name": "python3"}).raise_for_status().json()
            return execute(f"{base}api/kernels/{kernel['id']}/channels", head, code)


def execute(url: str, headers: dict[str, str], code: str) -> str:
    """Send one cell to a kernel over its socket, and read until it is idle again."""
    from tornado.httpclient import HTTPRequest
    from tornado.ioloop import IOLoop
    from tornado.websocket import websocket_connect

    asked = uuid.uuid4().hex

    async def talk() -> str:
        address = f"{url}?session_id={uuid.uuid4().hex}".replace("http", "ws", 1)
        channel = await websocket_connect(HTTPRequest(address, headers=headers))
        content = {"code": code, "silent": False, "allow_stdin": False, "stop_on_error": True}
        header = {
            "msg_id": asked,
            "msg_type": "execute_request",
            "session": asked,
            "version": "5.3",
        }
        header |= {"username": "test", "date": ""}
        await channel.write_message(
            json.dumps(
                {"header": header, "parent_header": {}, "metadata": {}, "channel": "shell",
                 "content": content, "buffers": []}
            )
        )  # fmt: skip
        printed: list[str] = []
        while True:
            raw = await channel.read_message()
            if isinstance(raw, bytes):  # a widget's
                continue
            assert raw is not None, "the kernel is gone"
            message: dict[str, Any] = json.loads(raw)
            if message["parent_header"].get("msg_id") != asked:
                continue
            kind, content = message["msg_type"], message["content"]
            assert kind != "error", f"{content['ename']}: {content['evalue']}"
            if kind == "stream":
                printed.append(content["text"])
            if kind == "status" and content["execution_state"] == "idle":
                channel.close()
                return "".join(printed)

    result: str = IOLoop(make_current=False).run_sync(talk, timeout=PATIENCE_S)
    return result


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    if missing := needed():
        if os.environ.get("CI_HUB"):
            pytest.fail(missing)
        pytest.skip(missing)
    place = tmp_path_factory.mktemp("hub")
    public, inner, api, gateway = free_ports(4)
    url = f"http://127.0.0.1:{public}/"
    token = secrets.token_hex(16)
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("VIDEOGEN_", "JUPYTER"))},
        "HUB_PLACE": str(place),
        "HUB_PORTS": f"{public},{inner},{api}",
        "HUB_TEST_TOKEN": token,
        "PUBLIC_URL": url,
        "VIDEOGEN_LISTEN": f"http://127.0.0.1:{gateway}",
        "VIDEOGEN_HOME": str(place / "gateway"),
    }
    log = (place / "log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterhub", "-f", str(CONFIG)],
        cwd=place,
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        head = {"Authorization": f"token {token}"}
        with httpx.Client(base_url=url, headers=head, timeout=60, trust_env=False) as http:
            wait_for(http, process, place / "log")
            yield Hub(url, http)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        log.close()


def wait_for(http: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            if http.get("services/videogen/healthz").json().get("status") == "ok":
                return
        except (httpx.HTTPError, ValueError):
            pass
        time.sleep(0.25)
    raise AssertionError(log.read_text()[-3000:])


@pytest.mark.timeout(300)
def test_people_make_videos_and_see_their_own(hub: Hub):
    with ThreadPoolExecutor() as pool:
        told = list(pool.map(lambda user: hub.run(user, MAKE), ("ann", "bob")))
    for printed in told:
        assert printed.strip() == f"{hub.url}services/videogen True ['a red ball over the sea']"


def ask(hub: Hub, token: str, path: str = "api/video-gen/list", **params: str) -> httpx.Response:
    url = f"{hub.url}services/videogen/{path}"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.get(url, params=params, headers=headers, trust_env=False, timeout=30)


@pytest.mark.timeout(300)
def test_the_hub_says_who_may(hub: Hub):
    made = ask(hub, hub.token_of("tess"), person="*").json()["tasks"]  # a teacher
    assert {task["person"] for task in made} >= {"ann", "bob"}
    assert ask(hub, hub.token_of("ann"), person="*").status_code == 403
    assert len(ask(hub, hub.token_of("ann")).json()["tasks"]) >= 1
    assert ask(hub, hub.token_of("mal")).status_code == 403  # in no group: no scope
    assert ask(hub, "").status_code == 401
    assert ask(hub, "x" * 32).status_code == 401


@pytest.mark.timeout(300)
def test_links_lead_through_the_proxy(hub: Hub):
    token = hub.token_of("ann")
    body = {"prompt": "a sea", "duration": 1, "resolution": "480p"}
    url = f"{hub.url}services/videogen/api/video-gen/generate"
    head = {"Authorization": f"Bearer {token}"}
    made = httpx.post(url, json=body, headers=head, trust_env=False, timeout=30).json()
    names = {name: made[name] for name in ("conversation_id", "message_id")}
    deadline = time.monotonic() + PATIENCE_S
    while True:
        task = ask(hub, token, "api/video-gen/status", **names).json()["task"]
        if task["status"] == "completed":
            break
        assert time.monotonic() < deadline, task
        time.sleep(0.1)
    link = task["video_urls"][0]
    assert link.startswith(f"{hub.url}services/videogen/api/video-gen/videos/")
    part = httpx.get(link, headers={"Range": "bytes=0-9"}, trust_env=False)
    assert (part.status_code, len(part.content)) == (206, 10)
    assert ask(hub, "", "docs").status_code == 200
