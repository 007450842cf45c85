"""Watching over a gateway: liveness, readiness, metrics, log lines."""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.processes import environment, settings_in
from tests.upstreams.ark import Ark
from videogen_nb.errors import BadParameter
from videogen_nb.gateway.http.access.auth import asking
from videogen_nb.gateway.jobs.cluster.dask_logging import log_line, use_our_handlers
from videogen_nb.gateway.limits import quotas
from videogen_nb.gateway.server.log import JsonLine, Line, is_news, write_log
from videogen_nb.local.info_file import info_path, read_info
from videogen_nb.protocol.models import TaskId

from .conftest import Api, Opener, write_people
from .remote_engines import Sleeps, ark_in

TOKENS = {name: f"the-token-of-{name}" for name in ("anna", "teacher", "prometheus")}


def moment(told: str) -> float:
    return datetime.fromisoformat(told).timestamp()


async def read(api: Api, who: str | None = None) -> dict[tuple[str, ...], float]:
    """All samples of ``/metrics``: by name and the values of their labels, sorted by label."""
    headers = {"Authorization": f"Bearer {TOKENS[who]}"} if who else None
    answer = await api.http.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name, *(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in families
        for sample in family.samples
    }


async def test_metrics_count_what_ends_and_tell_what_waits(api: Api, tmp_path: Path):
    assert ("videogen_tasks", "trial", "pending") not in await read(api)
    done = await api.finished(await api.create("quick"))
    assert (await api.finished(await api.create("error")))["status"] == "failed"
    gate = tmp_path / "gate"
    held = await api.create("gate", extra={"gate": str(gate)})
    await api.until(held, lambda task: task["status"] == "processing")
    waiting = await api.create("quick")
    told = await read(api)
    assert told["videogen_tasks_ended_total", "", "trial", "completed"] == 1
    assert sum(told[name] for name in told if name[0] == "videogen_tasks_ended_total") == 2
    assert told["videogen_tasks", "trial", "processing"] == 1
    assert told["videogen_tasks", "trial", "pending"] == 1
    assert told["videogen_workers",] == api.gateway.settings.workers
    assert told["videogen_free_bytes",] > 0
    [video] = (api.gateway.settings.data_folder / "videos").glob("*.mp4")
    assert told["videogen_video_bytes_total", "trial"] == video.stat().st_size
    assert told["videogen_task_duration_seconds_count", "trial"] == 1
    assert told["videogen_task_duration_seconds_bucket", "trial", "+Inf"] == 1
    whole_s = moment(done["finished_at"]) - moment(done["created_at"])
    assert 0 < told["videogen_task_duration_seconds_sum", "trial"] <= whole_s + 0.01
    gate.touch()
    await api.finished(held)
    await api.finished(waiting)
    assert not [name for name in await read(api) if name[0] == "videogen_tasks"]


async def test_metrics_tell_what_was_spent(opened: Opener, gateway_home: Path):
    with ark_in(gateway_home, Ark(), price=10, per="million_tokens"):
        async with opened(sleep=Sleeps()) as api:
            await api.finished(await api.create("a", engine="ark", duration=5))
            told = await read(api)
    [spent] = [value for name, value in told.items() if name[:2] == ("videogen_spend_total", "CNY")]
    assert spent > 0


async def test_metrics_are_not_for_students(opened: Opener, gateway_home: Path):
    write_people(gateway_home, TOKENS, teacher="teacher", prometheus="service")
    async with opened() as api:
        assert (await api.http.get("/metrics")).status_code == 401
        student = {"Authorization": f"Bearer {TOKENS['anna']}"}
        refused = await api.http.get("/metrics", headers=student)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_for_students")
        assert await read(api, "teacher")
        assert await read(api, "prometheus")
        for path_ in ("/livez", "/readyz"):
            assert (await api.http.get(path_)).json() == {"status": "ok"}


async def test_it_is_not_ready_while_it_cannot_accept_tasks(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patch:
        patch.setattr(quotas, "_free", lambda folder: 1)
        answer = await api.http.get("/readyz", headers={"Accept-Language": "zh"})
        assert answer.status_code == 503
        assert "磁盘已满" in answer.json()["problem"]
    assert (await api.http.get("/readyz")).status_code == 200

    async def locked(*_: Any) -> None:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(api.gateway.database, "write", locked)
    answer = await api.http.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    assert (await api.http.get("/livez")).status_code == 200


def record_of(*arguments: Any, message: str = "%s %s %s %s %s", **facts: Any) -> logging.LogRecord:
    record = logging.LogRecord("uvicorn.access", logging.INFO, "", 1, message, arguments, None)
    if facts:
        record.facts = facts
    return record


def request(method: str, path: str, status: int) -> logging.LogRecord:
    """What uvicorn logs of a request."""
    return record_of("127.0.0.1:5", method, path, "1.1", status)


@pytest.mark.parametrize(
    ("path", "written"),
    [
        pytest.param("/list?token=abc", "/list?token=…", id="token"),
        pytest.param("/list?a=1&api_key=abc&b=2", "/list?a=1&api_key=…&b=2", id="key"),
        pytest.param("/list?limit=3", "/list?limit=3", id="harmless"),
    ],
)
def test_a_line_about_a_request_names_the_person_and_no_secret(path: str, written: str):
    before = asking.set("anna")
    line = Line().format(request("GET", path, 200))
    told = json.loads(JsonLine().format(request("GET", path, 200)))
    asking.reset(before)
    assert line.split(" ", 2)[2] == f"INFO 200 GET {written} (anna)"
    assert told.pop("time").endswith("+00:00")
    assert told == {
        "level": "INFO",
        "logger": "uvicorn.access",
        "message": f"200 GET {written}",
        "method": "GET",
        "path": written,
        "status": 200,
        "person": "anna",
    }


def test_a_line_about_a_task_names_it():
    about = record_of(TaskId("1" * 17, "2" * 17), "\x1b[31mbad", message="Task %s: %s")
    assert "\x1b" not in Line().format(about)
    assert json.loads(JsonLine().format(about))["task"] == "2" * 17


@pytest.mark.parametrize(
    ("method", "path", "status", "news"),
    [
        pytest.param("GET", "/api/video-gen/status?message_id=1", 200, False, id="poll"),
        pytest.param("GET", "/api/video-gen/status?message_id=1", 404, True, id="in-vain"),
        pytest.param("GET", "/healthz", 200, False, id="who-are-you"),
        pytest.param("GET", "/readyz", 503, True, id="not-ready"),
        pytest.param("GET", "/api/video-gen/list", 200, True, id="list"),
        pytest.param("POST", "/api/video-gen/generate", 200, True, id="create"),
    ],
)
def test_the_log_leaves_out_the_polling(method: str, path: str, status: int, news: bool):
    assert is_news(request(method, path, status)) is news


def test_what_dask_logs_has_the_format_of_the_log(monkeypatch: pytest.MonkeyPatch):
    """Dask's own handler is gone, and the scheduler's process hands its records over."""
    written = io.StringIO()
    dask, root = logging.getLogger("distributed"), logging.getLogger()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLine())
    monkeypatch.setattr(root, "handlers", [handler])
    monkeypatch.setattr(dask, "handlers", [logging.StreamHandler(written)])
    monkeypatch.setattr(dask, "propagate", False)
    use_our_handlers()
    logging.getLogger("distributed.core").error("Lost %s", "a comm")
    script = (
        "import distributed, logging, sys\n"
        "from videogen_nb.gateway.jobs.cluster.dask_logging import write_records\n"
        "write_records()\n"
        "logging.getLogger('distributed.comm').warning('100%% of %s', 'TLS')\n"
        "print('{no record', file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    for line in ran.stderr.splitlines():
        log_line(line)
    told = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [(one["logger"], one["level"], one["message"]) for one in told] == [
        ("distributed.core", "ERROR", "Lost a comm"),
        ("distributed.comm", "WARNING", "100% of TLS"),
        ("distributed.scheduler", "WARNING", "{no record"),
    ]


def test_an_unknown_format_is_told():
    with pytest.raises(BadParameter, match="VIDEOGEN_LOG_FORMAT: 'xml'"):
        write_log("xml", access=False)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGHUP")
def test_serve_in_the_background_logs_json_and_outlives_sighup(tmp_path: Path):
    settings = settings_in(tmp_path)
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "videogen_nb", "serve", "--port", "0", "--log-format", "json"],
            env=environment(settings),
            stdout=subprocess.DEVNULL,
            stderr=output,
            start_new_session=True,  # as a service manager does: without a terminal
        )
    try:
        deadline = time.monotonic() + 60
        while (info := read_info(info_path(settings.data_folder))) is None:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGHUP)
        script = (
            "from videogen_nb import connect\n"
            f"videos = connect({info.url!r})\n"
            "task = videos.create_task('sea', duration=1, resolution='480p').result()\n"
            "print(videos.wait(task).result().status)"
        )
        done = subprocess.run(
            [sys.executable, "-c", script],
            env=environment(settings),
            capture_output=True,
            text=True,
        )
        assert done.stdout == "completed\n", done.stderr
    finally:
        process.terminate()
        assert process.wait(60) == 0, log.read_text()
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    [ended] = [line for line in lines if line["logger"] == "videogen_nb.gateway.tasks"]
    assert (ended["engine"], ended["status"], ended["level"]) == ("sketch", "completed", "INFO")
    assert ended["task"].isdigit()
    assert any(line.get("path") == "/api/video-gen/generate" for line in lines)
