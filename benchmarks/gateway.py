"""What the gateway itself costs, beside what it is there for. Prints a table.

    python benchmarks/gateway.py

Ratios are taken side by side in one run, from medians of alternating rounds.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil
from fastapi import FastAPI

from videogen_nb.engines import ComputeEngine, Job, Plan, Rendered, load_engine
from videogen_nb.gateway.http.app import create_app
from videogen_nb.gateway.storage.database import FILE
from videogen_nb.gateway.storage.task_record import COLUMNS, TaskRecord, new_id, to_row
from videogen_nb.i18n import Text
from videogen_nb.protocol.models import EngineInfo, TaskStatus
from videogen_nb.settings import Settings

ROUNDS = 15
CALLS = 200
STATUS = "/api/video-gen/status"
VIDEO = "VIDEOGEN_BENCHMARK_VIDEO"


class CopyEngine(ComputeEngine):
    """An engine whose render is a copy: what remains of a task's time is the gateway's."""

    name = "copy"
    title = Text.same("copy")

    def info(self, language: str) -> EngineInfo:
        return EngineInfo(name=self.name, title="copy")

    def plan(self, prompt: str, requested: Any, images: Any = ()) -> Plan:
        return Plan({"duration": 5.0})

    def run(self, job: Job, report: Any, cancelled: Any) -> Rendered:
        began = time.perf_counter()
        video = Path(os.environ[VIDEO])
        shutil.copyfile(video, job.output)
        shutil.copyfile(video.with_suffix(".jpg"), job.poster)
        return Rendered(facts={"run_s": time.perf_counter() - began})


async def call(app: Any, method: str, path: str, body: Any = None, query: bytes = b"") -> bytes:
    """One request straight into an ASGI app: no client and no socket in the figure."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1:8000"), (b"accept-language", b"en")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }
    raw = b"" if body is None else json.dumps(body).encode()
    answer = bytearray()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": raw, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start" and message["status"] != 200:
            raise RuntimeError(f"{path}: HTTP {message['status']}")
        answer.extend(message.get("body", b""))

    await app(scope, receive, send)
    return bytes(answer)


async def rate(ask: Callable[[], Awaitable[Any]]) -> float:
    began = time.perf_counter()
    for _ in range(CALLS):
        await ask()
    return CALLS / (time.perf_counter() - began)


@asynccontextmanager
async def opened(home: Path) -> Any:
    app = create_app(Settings(home=home))
    async with app.router.lifespan_context(app):
        yield app


async def finished(app: Any, created: dict[str, Any]) -> dict[str, Any]:
    while True:
        answer = json.loads(await call(app, "GET", STATUS, query=ids(created)))
        if answer["task"]["finished_at"]:
            return answer["task"]
        await asyncio.sleep(0.002)


def ids(task: dict[str, Any]) -> bytes:
    return urlencode({n: task[n] for n in ("conversation_id", "message_id")}).encode()


async def create(app: Any, **body: Any) -> dict[str, Any]:
    answer = await call(app, "POST", "/api/video-gen/generate", {"prompt": "x", **body})
    return json.loads(answer)


async def status_rate(home: Path) -> list[list[str]]:
    """The status route against a bare FastAPI route that returns the same JSON."""
    async with opened(home) as app:
        task = await finished(app, await create(app, engine="copy"))
        query = ids(task)
        payload = json.loads(await call(app, "GET", STATUS, query=query))
        bare = FastAPI()

        @bare.get("/status")
        async def status() -> Any:
            return payload

        rates: dict[str, list[float]] = {"ours": [], "bare": []}
        for _ in range(ROUNDS):
            rates["bare"].append(await rate(lambda: call(bare, "GET", "/status")))
            rates["ours"].append(await rate(lambda: call(app, "GET", STATUS, query=query)))
        ours, plain = (statistics.median(rates[name]) for name in ("ours", "bare"))
        return [
            [
                "the same app called without a server, against a bare route",
                f"{ours:.0f}/s : {plain:.0f}/s",
                f"{ours / plain:.2f}×",
                "",
            ]
        ]


SERVE = """
import sys, uvicorn
from pathlib import Path
if sys.argv[1] == "ours":
    from videogen_nb.gateway.http.app import create_app
    from videogen_nb.settings import Settings
    app = create_app(Settings(home=Path(sys.argv[2])))
else:
    import json
    from fastapi import FastAPI
    app, payload = FastAPI(), json.loads(Path(sys.argv[2]).read_text())
    @app.get("/api/video-gen/status")
    async def status(conversation_id: str, message_id: str):
        return payload
uvicorn.run(app, port=0, access_log=False)
"""


@contextmanager
def served(kind: str, what: Path) -> Iterator[int]:
    """The port of a server process."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, kind, str(what)], stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        line = next(line for line in process.stderr if "http://127.0.0.1:" in line)
        yield int(line.partition("http://127.0.0.1:")[2].split()[0])
    finally:
        process.terminate()
        process.wait()


def asked(port: int, query: bytes) -> tuple[float, bytes]:
    """Requests a second over one kept connection, and the last body."""
    request = b"GET %s?%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % (STATUS.encode(), query, port)
    with socket.create_connection(("127.0.0.1", port)) as wire, wire.makefile("rb") as answers:
        began = time.perf_counter()
        for _ in range(CALLS):
            wire.sendall(request)
            head = iter(answers.readline, b"\r\n")
            size = next(int(line[15:]) for line in head if line[:15].lower() == b"content-length:")
            for _rest in head:
                pass
            body = answers.read(size)
        return CALLS / (time.perf_counter() - began), body


def served_rate(home: Path) -> list[list[str]]:
    """The same two over a socket, as a client sees them: each in a process of its own."""
    folder = home / "ours"

    async def make() -> bytes:
        async with opened(folder) as app:
            return ids(await finished(app, await create(app, engine="copy")))

    query = asyncio.run(make())
    with served("ours", folder) as ours:
        (home / "answer.json").write_bytes(asked(ours, query)[1])
        with served("bare", home / "answer.json") as bare:
            rates = [(asked(ours, query)[0], asked(bare, query)[0]) for _ in range(ROUNDS)]
    fast, plain = (statistics.median(one) for one in zip(*rates, strict=True))
    ratio = f"{fast / plain:.2f}×"
    what = "status over a socket, against a bare route with the same parameters"
    return [[what, f"{fast:.0f}/s : {plain:.0f}/s", ratio, "≥ 0.7×"]]


async def overhead(home: Path) -> list[list[str]]:
    """From the create's arrival to the task being done, less the engine's own time."""
    async with opened(home) as app:
        await finished(app, await create(app, engine="copy"))  # the worker is warm from here on
        costs = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            created = await create(app, engine="copy")
            await finished(app, created)
            record = app.state.gateway.store.cached(created["message_id"])
            costs.append(time.perf_counter() - began - record.facts["run_s"])
        median, worst = statistics.median(costs) * 1000, max(costs) * 1000
        return [
            [
                "create to done, beyond the render",
                f"{median:.0f} ms (worst {worst:.0f})",
                "",
                "≤ 100 ms",
            ]
        ]


def fill(home: Path, count: int) -> None:
    """Completed tasks straight into the table, through its triggers."""
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    sql = f"INSERT INTO tasks ({names}) VALUES ({', '.join(':' + name for name in COLUMNS)})"
    parameters = {"duration": 5.0, "fps": 24, "width": 1280, "height": 720, "scene": "sea"}
    rows = (
        to_row(
            TaskRecord(
                message_id=new_id(), conversation_id=new_id(), section_id=new_id(), owner="",
                status=TaskStatus.COMPLETED, created_at=1e9 + n, updated_at=1e9 + n,
                prompt="海边日落", engine="copy", video=new_id(), requested={},
                parameters=parameters,
                started_at=1e9 + n, finished_at=1e9 + n + 4, video_s=5.0, sha256="0" * 64,
                notes=(Text.same("Scene: Sea, at dusk, from the word “海边”."),),
            )
        )
        for n in range(count)
    )  # fmt: skip
    connection = sqlite3.connect(home / FILE)
    with connection:
        connection.executemany(sql, rows)
    connection.close()


async def list_page(home: Path) -> list[list[str]]:
    """A page of the list and its total, with 1,000 and with 100,000 tasks."""
    times: dict[int, dict[str, float]] = {}
    for count in (1_000, 100_000):
        folder = home / str(count)
        async with opened(folder):
            pass  # makes the schema
        fill(folder, count)
        began = time.perf_counter()
        async with opened(folder) as app:
            times[count] = {"open": time.perf_counter() - began}
            for name, query in (
                ("page of 50", {"limit": 50}),
                ("page of 50, by status", {"limit": 50, "status": "completed"}),
                ("page in the middle", {"limit": 50, "offset": count // 2}),
            ):
                spent = []
                for _ in range(ROUNDS):
                    began = time.perf_counter()
                    await call(app, "GET", "/api/video-gen/list", query=urlencode(query).encode())
                    spent.append(time.perf_counter() - began)
                times[count][name] = statistics.median(spent)
    few, many = times.values()
    return [
        [
            f"list, {name}, 100,000 tasks : 1,000",
            f"{many[name] * 1000:.1f} ms : {few[name] * 1000:.1f} ms",
            f"{many[name] / few[name]:.2f}×",
            "does not grow" if name.startswith("page of") else "",
        ]
        for name in few
        if name != "open"
    ] + [["opening with 100,000 tasks", f"{many['open'] * 1000:.0f} ms", "", ""]]


def idle_memory(home: Path) -> list[list[str]]:
    """Resident memory of a gateway process and its children, after a video and the idle time."""
    code = (
        "import sys, uvicorn\n"
        "from pathlib import Path\n"
        "from videogen_nb.gateway.workers import media_checker\n"
        "from videogen_nb.gateway.http.app import create_app\n"
        "from videogen_nb.settings import Settings\n"
        "media_checker.IDLE_S = 1.0\n"
        "uvicorn.run(create_app(Settings(home=Path(sys.argv[1]))), port=0, access_log=False)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(home)], stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        url = next(line for line in process.stderr if "http://" in line)
        base = "http://" + url.partition("http://")[2].split()[0]
        import httpx

        with httpx.Client(base_url=base, trust_env=False) as http:
            body = {"prompt": "海边日落", "duration": 1, "resolution": "480p"}
            made = http.post("/api/video-gen/generate", json=body).json()
            while not http.get(f"{STATUS}?{ids(made).decode()}").json()["task"]["finished_at"]:
                time.sleep(0.05)
            while psutil.Process(process.pid).children(True):
                time.sleep(0.1)
        idle = resident(psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait()
    return [["idle gateway, resident", f"{idle:.0f} MB", "", "≤ 100 MB"]]


def resident(process: psutil.Process) -> float:
    return process.memory_info().rss / 2**20


def install_copy_engine(folder: Path) -> None:
    """Register the copying engine as an outside package's would be, for workers too."""
    info = folder / "benchmark_engine-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: benchmark-engine\nVersion: 1.0\n")
    entry = "[videogen_nb.engines]\ncopy = gateway:CopyEngine\n"
    (info / "entry_points.txt").write_text(entry)
    sys.path[:0] = [str(folder), str(Path(__file__).parent)]


def make_video(folder: Path) -> None:
    """The video that is copied: 5 s of 720p by the built-in engine."""
    engine = load_engine("sketch")
    assert isinstance(engine, ComputeEngine)
    plan = engine.plan("海边日落", {"duration": 5, "resolution": "720p", "seed": 1})
    video = folder / "video.mp4"
    job = Job("1", "海边日落", plan, video, video.with_suffix(".jpg"))
    engine.run(job, lambda progress, stage: None, lambda: False)
    os.environ[VIDEO] = str(video)


def main() -> None:
    logging.disable(logging.ERROR)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        install_copy_engine(folder / "site")
        make_video(folder)
        rows = [
            *served_rate(folder / "served"),
            *asyncio.run(status_rate(folder / "status")),
            *asyncio.run(overhead(folder / "overhead")),
            *asyncio.run(list_page(folder / "list")),
            *idle_memory(folder / "idle"),
        ]
    print("| what | measured | ratio | goal |\n|---|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
