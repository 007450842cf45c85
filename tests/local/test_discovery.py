"""Finding, starting, replacing and ending the local gateway: real processes."""

import contextlib
import json
import os
import re
import signal
import sqlite3
import stat
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil
import pytest

from tests.gateway.trial_engine import install
from tests.local.test_info_file import make_info
from tests.processes import end_gateway, run, settings_in, wait_until_gone
from videogen_nb.errors import LocalGatewayError
from videogen_nb.local import discovery, folder_lock
from videogen_nb.local.discovery import GatewayAddress, ensure_gateway, find_gateway, stop_gateway
from videogen_nb.local.info_file import (
    info_path,
    log_path,
    process_started,
    read_info,
    same_process,
    write_info,
)
from videogen_nb.settings import Settings

PRINT_ADDRESS = (
    "from videogen_nb.local.discovery import ensure_gateway\n"
    "a = ensure_gateway(say=print)\n"
    "print(a.pid, a.url, a.token)"
)


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    monkeypatch.setenv("VIDEOGEN_LANG", "en")
    monkeypatch.setattr(discovery, "_told", set())


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Iterator[Settings]:
    """A folder whose gateway the tests that change nothing share."""
    settings = settings_in(tmp_path_factory.mktemp("shared"))
    yield settings
    end_gateway(settings)


@pytest.fixture
def own(tmp_path) -> Iterator[Settings]:
    """A folder of a test's own, with no gateway yet."""
    settings = settings_in(tmp_path)
    yield settings
    end_gateway(settings)


def ask(address: GatewayAddress, method: str, path: str, **kwargs) -> httpx.Response:
    headers = {"Authorization": f"Bearer {address.token}"} if address.token else {}
    with httpx.Client(base_url=address.url, headers=headers, trust_env=False) as client:
        return client.request(method, path, **kwargs)


def create(address: GatewayAddress, **parameters) -> str:
    body = {"prompt": "sea", "duration": 1, "resolution": "480p", **parameters}
    answer = ask(address, "POST", "/api/video-gen/generate", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["message_id"])


def rewrite(path: Path, **changes) -> None:
    info = read_info(path)
    assert info is not None
    write_info(path, info.model_copy(update=changes))


def wait_for_end(address: GatewayAddress) -> None:
    wait_until_gone(address.pid, address.process_started)


def test_two_that_start_at_once_get_one_gateway(shared):
    with ThreadPoolExecutor(2) as both:
        runs = [both.submit(run, shared, "-c", PRINT_ADDRESS) for _ in range(2)]
        ended = [r.result() for r in runs]
    assert [e.returncode for e in ended] == [0, 0], [e.stderr for e in ended]
    addresses = {e.stdout.splitlines()[-1] for e in ended}
    assert len(addresses) == 1
    assert sum("Starting a local gateway" in e.stdout for e in ended) == 1
    assert sum("Reusing the gateway on port" in e.stdout for e in ended) == 1


def test_it_outlives_who_started_it_and_is_reused(shared):
    said: list[str] = []
    first = run(shared, "-c", PRINT_ADDRESS).stdout.splitlines()[-1].split()
    address = ensure_gateway(shared, say=lambda text: said.append(str(text)))
    assert [str(address.pid), address.url, address.token] == first
    assert address.reused
    told = f"Reusing the gateway on port {httpx.URL(address.url).port} (process {address.pid})"
    assert len(said) == 1
    assert re.fullmatch(rf"{re.escape(told)}, started (just now|\d+ min ago)\.", said[0])


def test_a_kernel_hears_once_which_gateway_it_uses(shared):
    said: list[object] = []
    for _ in range(3):
        ensure_gateway(shared, say=said.append)
    assert len(said) <= 2  # started or reused, once


def test_its_info_file_is_private_and_names_everything(shared):
    address = ensure_gateway(shared)
    path = info_path(shared.data_folder)
    facts = json.loads(path.read_text())
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(shared.data_folder.stat().st_mode) == 0o700
    assert facts["url"] == address.url
    assert facts["environment"] == sys.prefix
    assert facts["process_started"] == process_started(facts["pid"])
    assert datetime.fromisoformat(facts["started_at"]) <= datetime.now(UTC)


def test_its_token_is_asked_for_and_never_in_its_arguments(shared):
    address = ensure_gateway(shared)
    assert address.token
    assert len(address.token) >= 40
    assert ask(address, "GET", "/api/video-gen/list").status_code == 200
    nobody = httpx.get(f"{address.url}/api/video-gen/list", trust_env=False)
    assert nobody.status_code == 401
    process = psutil.Process(address.pid)
    assert address.token not in " ".join(process.cmdline())
    assert address.token not in " ".join(process.environ().values())


def test_another_gateways_token_and_address_are_not_passed_on(own, monkeypatch):
    monkeypatch.setenv("VIDEOGEN_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("VIDEOGEN_TOKEN", "of another gateway")
    monkeypatch.setenv("VIDEOGEN_HOST", "0.0.0.0")
    address = ensure_gateway(own)
    passed = psutil.Process(address.pid).environ()
    assert not {"VIDEOGEN_URL", "VIDEOGEN_TOKEN", "VIDEOGEN_HOST"} & passed.keys()
    assert address.url.startswith("http://127.0.0.1:")


@pytest.mark.skipif(os.name != "posix", reason="sessions are a POSIX thing")
def test_it_is_out_of_reach_of_the_terminals_signals(shared):
    address = ensure_gateway(shared)
    assert os.getsid(address.pid) != os.getsid(0)


def test_another_runtime_folder_finds_the_same_gateway(shared, tmp_path):
    address = ensure_gateway(shared)
    elsewhere = settings_in(tmp_path, home=shared.home)
    found = ensure_gateway(elsewhere)
    assert (found.pid, found.token, found.reused) == (address.pid, address.token, True)


def test_nothing_is_started_by_looking(own):
    assert find_gateway(own) is None
    assert not own.data_folder.exists()


def test_a_stale_file_is_swept(own):
    write_dead(own)
    assert find_gateway(own) is None
    assert not info_path(own.data_folder).exists()


def test_a_file_whose_process_number_now_is_anothers_is_swept(own):
    path = write_dead(own)
    rewrite(path, pid=os.getpid())  # alive, but no gateway
    assert find_gateway(own) is None
    assert not path.exists()


def test_another_machines_file_is_neither_believed_nor_swept(own):
    path = write_dead(own)
    rewrite(path, machine="elsewhere")
    assert find_gateway(own, answering=False) is None
    assert path.exists()


def test_a_folder_that_another_machine_uses_is_noticed(own, monkeypatch):
    leave_foreign(own)
    monkeypatch.setattr(folder_lock, "moves", lambda folder: True)
    with pytest.raises(LocalGatewayError, match="another machine, elsewhere"):
        ensure_gateway(own)


def test_what_another_machine_left_behind_is_swept(own, monkeypatch):
    leave_foreign(own, age_s=3_600)
    said: list[str] = []
    assert find_gateway(own, say=lambda text: said.append(str(text))) is None
    assert "elsewhere" in said[0]
    assert not info_path(own.data_folder).exists()


def test_one_that_nobody_is_told_of_is_swept_too(own):
    leave_foreign(own, age_s=3_600)
    assert find_gateway(own) is None
    assert not info_path(own.data_folder).exists()


def test_a_setting_that_the_running_gateway_does_not_follow_is_reported_once(own, monkeypatch):
    ensure_gateway(own)
    monkeypatch.setattr(discovery, "_told", set())
    monkeypatch.setenv("VIDEOGEN_WORKERS", "3")
    said: list[str] = []
    for _ in range(2):
        ensure_gateway(replace(own, workers=3), say=lambda text: said.append(str(text)))
    told = [text for text in said if "VIDEOGEN_WORKERS=3 has no effect yet" in text]
    assert len(told) == 1
    assert "started with 1" in told[0]
    assert "VIDEOGEN_IDLE_MINUTES" not in " ".join(said)


def test_a_killed_gateway_is_followed_by_one_with_the_same_tasks(own):
    first = ensure_gateway(own)
    made = create(first)
    psutil.Process(first.pid).kill()
    wait_for_end(first)
    second = ensure_gateway(own)
    assert not second.reused
    assert second.pid != first.pid
    listed = ask(second, "GET", "/api/video-gen/list").json()
    assert [t["message_id"] for t in listed["tasks"]] == [made]


def test_an_idle_gateway_of_another_version_is_replaced(own):
    first = ensure_gateway(own)
    rewrite(info_path(own.data_folder), version="0.0.1")
    said: list[str] = []
    second = ensure_gateway(own, say=lambda text: said.append(str(text)))
    assert second.pid != first.pid
    assert said[0].startswith("Replacing the idle gateway of version 0.0.1")


def test_a_busy_one_of_another_version_is_kept_and_told_and_can_be_forced(own):
    first = ensure_gateway(own)
    create(first, duration=15, resolution="1080p")
    rewrite(info_path(own.data_folder), version="0.0.1")
    said: list[str] = []
    kept = ensure_gateway(own, say=lambda text: said.append(str(text)))
    assert kept.pid == first.pid
    assert "busy with 1 task," in said[0]
    with pytest.raises(LocalGatewayError, match="1 unfinished"):
        stop_gateway(kept)
    stop_gateway(kept, force=True)
    assert not same_process(kept.pid, kept.process_started)
    assert find_gateway(own) is None


def test_it_ends_itself_when_idle_but_not_while_a_task_is_unfinished(tmp_path, monkeypatch):
    idle_s = 5.0  # enough to be asked in, on a busy machine too
    places = (install(tmp_path / "site"), Path(__file__).parents[2])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, places)))
    settings = settings_in(tmp_path, idle_minutes=idle_s / 60)
    gate = tmp_path / "gate"
    try:
        address = ensure_gateway(settings)
        create(address, prompt="gate", engine="trial", extra={"gate": str(gate)})
        time.sleep(1.5 * idle_s)
        assert same_process(address.pid, address.process_started)
        gate.touch()
        wait_until_gone(address.pid, address.process_started, 60)
        assert stored_statuses(settings) == ["completed"]
        assert not info_path(settings.data_folder).exists()
    finally:
        end_gateway(settings)


@pytest.mark.skipif(os.name != "posix", reason="Windows ends processes without a signal")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_ends_it_in_good_order(own, name):
    address = ensure_gateway(own)
    os.kill(address.pid, getattr(signal, name))
    wait_for_end(address)
    assert not info_path(own.data_folder).exists()
    assert log_path(own).read_text() == ""


def test_a_start_that_fails_shows_its_own_words(own):
    own.data_folder.mkdir(parents=True)
    (own.data_folder / "tasks.sqlite3").mkdir()  # no database can be opened there
    with pytest.raises(LocalGatewayError) as caught:
        ensure_gateway(own)
    assert caught.value.log
    assert caught.value.log in str(caught.value)
    assert str(log_path(own)) in str(caught.value)
    assert not info_path(own.data_folder).exists()


def test_a_start_that_crashes_shows_the_cause_and_no_traceback(own, tmp_path, monkeypatch):
    (tmp_path / "uvicorn.py").write_text("raise ImportError('uvicorn is broken')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(LocalGatewayError, match="ImportError: uvicorn is broken\n") as caught:
        ensure_gateway(own)
    assert "Traceback" in str(caught.value.log)
    assert "Traceback" not in str(caught.value)
    assert "videogen-nb doctor" in str(caught.value)


def test_settings_that_cannot_be_read_are_told_by_the_child(own):
    answer = run(own, "-m", "videogen_nb.gateway", "--embedded", VIDEOGEN_WORKERS="many")
    assert answer.returncode == 1
    assert "VIDEOGEN_WORKERS" in answer.stderr
    assert "Traceback" not in answer.stderr


def write_dead(settings: Settings) -> Path:
    """The info file of a gateway whose process is gone."""
    settings.data_folder.mkdir(parents=True)
    path = info_path(settings.data_folder)
    gone = run(settings, "-c", "import os; print(os.getpid())").stdout.strip()
    write_info(path, make_info(pid=int(gone), process_started=1.0))
    return path


def leave_foreign(settings: Settings, age_s: float = 0.0) -> None:
    """What the gateway of another machine says of itself in a folder that both share."""
    settings.data_folder.mkdir(parents=True)
    path = info_path(settings.data_folder)
    write_info(path, make_info(machine="elsewhere"))
    moment = time.time() - age_s
    os.utime(path, (moment, moment))


def stored_statuses(settings: Settings) -> list[str]:
    """What stands in the database of a gateway that has ended."""
    with contextlib.closing(sqlite3.connect(settings.data_folder / "tasks.sqlite3")) as database:
        return [status for (status,) in database.execute("SELECT status FROM tasks")]
