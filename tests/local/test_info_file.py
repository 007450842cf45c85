"""The info file: private, whole, and believed only while its process lives."""

import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from tests.processes import settings_in
from videogen_nb.errors import LocalGatewayError
from videogen_nb.local.info_file import (
    GatewayInfo,
    info_path,
    lock_path,
    process_started,
    read_info,
    remove_info,
    runtime_folder,
    same_process,
    this_machine,
    write_info,
)

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has no file modes")


def make_info(**changes) -> GatewayInfo:
    facts = {
        "url": "http://127.0.0.1:4321",
        "machine": this_machine(),
        "port": 4321,
        "pid": os.getpid(),
        "process_started": process_started(os.getpid()),
        "version": "0.1.0",
        "environment": sys.prefix,
        "token": "secret",
        "started_at": datetime.now(UTC),
        "kind": "embedded",
        **changes,
    }
    return GatewayInfo(**facts)


@posix
def test_only_its_owner_can_read_it(tmp_path):
    path = info_path(tmp_path)
    write_info(path, make_info())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_is_read_as_it_was_written(tmp_path):
    path, info = tmp_path / "info.json", make_info()
    write_info(path, info)
    assert read_info(path) == info
    assert [p.name for p in tmp_path.iterdir()] == ["info.json"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(None, id="none"),
        pytest.param(b"", id="empty"),
        pytest.param(b'{"url": "http://127', id="cut-short"),
        pytest.param(b"[]", id="no-object"),
        pytest.param(b'{"url": "http://127.0.0.1:1"}', id="fields-missing"),
    ],
)
def test_what_cannot_be_read_is_none(tmp_path, content):
    path = tmp_path / "info.json"
    if content is not None:
        path.write_bytes(content)
    assert read_info(path) is None


@posix
def test_somebody_elses_file_and_folder_are_not_believed(tmp_path, monkeypatch):
    settings = settings_in(tmp_path)
    path = info_path(tmp_path)
    write_info(path, make_info())
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    assert read_info(path) is None
    with pytest.raises(LocalGatewayError, match="belongs to another user"):
        runtime_folder(settings)


def test_a_successors_file_is_left_alone(tmp_path):
    path = tmp_path / "info.json"
    write_info(path, make_info(port=2))
    remove_info(path, make_info(port=1))
    assert path.exists()
    remove_info(path, make_info(port=2))
    assert not path.exists()


def test_one_folder_has_one_name_however_it_is_written(tmp_path):
    settings = settings_in(tmp_path)
    settings.data_folder.mkdir()
    (tmp_path / "link").symlink_to(settings.data_folder)
    roundabout = settings_in(tmp_path, home=tmp_path / "x" / ".." / "home")
    linked = settings_in(tmp_path, home=tmp_path / "link")
    other = settings_in(tmp_path, home=tmp_path / "other")
    assert lock_path(settings) == lock_path(roundabout) == lock_path(linked) != lock_path(other)


@posix
def test_a_folder_that_others_can_write_to_is_refused(tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    with pytest.raises(LocalGatewayError, match="other users can write"):
        runtime_folder(settings_in(tmp_path, runtime=shared))


def test_a_runtime_folder_that_cannot_be_made_says_what_to_do(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalGatewayError, match="VIDEOGEN_RUNTIME"):
        runtime_folder(settings_in(tmp_path, runtime=tmp_path / "file" / "run"))


def test_a_process_is_known_by_its_number_and_its_beginning():
    started = process_started(os.getpid())
    assert same_process(os.getpid(), started)
    assert not same_process(os.getpid(), started - 60)  # a number that was used before


@pytest.mark.skipif(sys.platform != "linux", reason="only there is it counted from the start")
def test_setting_the_clock_changes_no_process(monkeypatch):
    started = process_started(os.getpid())
    created, booted = psutil.Process().create_time(), psutil.boot_time()
    monkeypatch.setattr(psutil.Process, "create_time", lambda self: created + 3600)
    monkeypatch.setattr(psutil, "boot_time", lambda: booted + 3600)
    assert same_process(os.getpid(), started)


def test_an_ended_process_is_not_alive_even_as_a_zombie():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = process_started(child.pid)
    child.kill()
    psutil_child = psutil.Process(child.pid)
    while os.name == "posix" and psutil_child.status() != psutil.STATUS_ZOMBIE:
        pass
    assert not same_process(child.pid, started)
    child.communicate()
    assert not same_process(child.pid, started)


def test_the_platforms_folder_is_used_where_none_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = runtime_folder(settings_in(tmp_path, runtime=None))
    assert folder.name == "videogen-nb"
    if sys.platform == "linux":
        assert folder.parent == Path(tmp_path)
