"""A gateway whose own code is deleted says so, loses nothing and ends: real processes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import videogen_nb
from tests.processes import end_gateway, environment, run, settings_in, wait_until_gone
from videogen_nb.local.discovery import ensure_gateway
from videogen_nb.local.info_file import GatewayInfo, info_path, read_info
from videogen_nb.settings import Settings

GATEWAY = """
import sys
from videogen_nb.gateway.server import server
server._GONE_S = 3.0
from videogen_nb.gateway.__main__ import main
sys.exit(main(["--embedded"]))
"""
VIDEO = ("generate", "sea", "--duration", "1", "--resolution", "480p", "--json")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Settings]:
    settings = settings_in(tmp_path)
    yield settings
    end_gateway(settings)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of the package that is about to be deleted."""
    package = Path(videogen_nb.__file__).parent
    shutil.copytree(package, tmp_path / "clone" / "videogen_nb")
    return tmp_path / "clone"


@pytest.fixture
def gateway(own: Settings, clone: Path) -> Iterator[subprocess.Popen[str]]:
    """A gateway from that copy."""
    with subprocess.Popen(
        [sys.executable, "-P", "-c", GATEWAY],
        env=environment(own, PYTHONPATH=str(clone)),
        cwd="/",
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def started(own: Settings, process: subprocess.Popen[str]) -> GatewayInfo:
    while (info := read_info(info_path(own.data_folder))) is None:
        assert process.poll() is None
    assert info.pid == process.pid
    return info


def create(info: GatewayInfo, body: dict[str, object]) -> httpx.Response:
    return httpx.post(
        f"{info.url}/api/video-gen/generate",
        json=body,
        headers={"Authorization": f"Bearer {info.token}"},
        trust_env=False,
    )


def test_it_says_so_and_ends_and_the_next_start_begins_a_new_one(own, clone, gateway):
    info = started(own, gateway)
    done = run(own, "-m", "videogen_nb", *VIDEO)
    assert done.returncode == 0, done.stderr
    clone.rename(clone.with_name("elsewhere"))
    answer = create(info, {"prompt": "rain", "duration": 1})
    assert (answer.status_code, answer.json()["code"]) == (503, "installation_gone")
    assert str(clone / "videogen_nb") in answer.json()["detail"]
    assert gateway.wait(30) == 1
    assert gateway.stderr is not None
    assert "was deleted or moved" in gateway.stderr.read()
    assert read_info(info_path(own.data_folder)) is None
    assert ensure_gateway(own).pid != info.pid
    done = run(own, "-m", "videogen_nb", "list", "--json")
    assert done.stdout.count('"completed"') == 1, "what was made is kept"


def test_a_task_under_way_is_made_by_the_next(own, clone, gateway):
    info = started(own, gateway)
    made = create(info, {"prompt": "sea", "duration": 2, "resolution": "480p"}).json()
    shutil.rmtree(clone)
    wait_until_gone(info.pid, info.process_started, 30)
    task = f"{made['conversation_id']}-{made['message_id']}"
    done = run(own, "-m", "videogen_nb", "wait", task, "--json")
    assert done.returncode == 0, done.stderr
    assert '"completed"' in done.stdout
