"""A data folder has one owner: the gateway that holds the lock in it."""

import os
import subprocess
import sys
import time

import pytest

from tests.local.test_info_file import make_info
from videogen_nb.errors import LocalGatewayError
from videogen_nb.local import file_lock, folder_lock
from videogen_nb.local.folder_lock import BEAT_S, FolderLock, beat, moves
from videogen_nb.local.info_file import info_path, this_machine, write_info

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has one kind of lock")


def leave_info(folder, *, age_s=0.0, machine="elsewhere"):
    path = info_path(folder)
    write_info(path, make_info(machine=machine))
    moment = time.time() - age_s
    os.utime(path, (moment, moment))
    return path


def lock(folder):
    return FolderLock(folder, timeout_s=0)


def take(folder):
    """Own it and leave it."""
    with lock(folder):
        pass


def test_a_second_gateway_is_told_who_owns_the_folder(tmp_path):
    with lock(tmp_path):
        with pytest.raises(LocalGatewayError, match="which is starting or stopping") as caught:
            take(tmp_path)
        assert caught.value.code == "folder_in_use"
        leave_info(tmp_path, machine=this_machine())
        told = rf"process id {os.getpid()} on {this_machine()}"
        with pytest.raises(LocalGatewayError, match=told):
            take(tmp_path)
    take(tmp_path)


def test_it_is_waited_for(tmp_path, monkeypatch):
    first = lock(tmp_path)
    first.__enter__()
    monkeypatch.setattr(time, "sleep", lambda s: first.__exit__(None, None, None))
    with FolderLock(tmp_path, timeout_s=5) as second:
        assert second.keep()


def test_the_lock_goes_with_a_process_that_is_killed(tmp_path):
    code = (
        "import os, sys; from pathlib import Path\n"
        "from videogen_nb.local.folder_lock import FolderLock\n"
        "with FolderLock(Path(sys.argv[1]), timeout_s=0):\n"
        "    print('owned', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"owned\n"
        with pytest.raises(LocalGatewayError):
            take(tmp_path)
        owner.kill()
    take(tmp_path)


def test_a_folder_that_is_missing_with_all_above_it_is_made(tmp_path):
    folder = tmp_path / "a" / "b" / "home"
    with lock(folder) as owner:
        assert owner.keep()
    assert folder.is_dir()


def test_a_folder_that_cannot_be_written_says_what_to_do(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalGatewayError, match="VIDEOGEN_HOME") as caught:
        take(tmp_path / "file" / "home")
    assert caught.value.code == "folder_unusable"


def test_a_lock_file_that_a_cleaner_removed_is_put_back(tmp_path):
    with lock(tmp_path) as owner:
        (tmp_path / "gateway.lock").unlink()
        assert owner.keep()
        with pytest.raises(LocalGatewayError):
            take(tmp_path)


def test_a_lock_that_another_took_meanwhile_is_lost(tmp_path):
    with lock(tmp_path) as owner:
        (tmp_path / "gateway.lock").unlink()
        with lock(tmp_path):
            assert not owner.keep()


@pytest.mark.parametrize("again", [False, True], ids=["removed", "replaced"])
def test_a_folder_that_disappears_is_lost(tmp_path, again):
    folder = tmp_path / "home"
    with lock(folder) as owner:
        folder.rename(tmp_path / "moved")
        if again:
            folder.mkdir()
        assert not owner.keep()


def without(monkeypatch, *names):
    """A file system that has no locks of these kinds."""

    def none(*_):
        raise OSError(37, "No locks available")

    for name in names:
        monkeypatch.setattr(f"fcntl.{name}", none)
        monkeypatch.setattr(file_lock, "_NO_LOCKS", {37})


@posix
def test_where_there_is_one_kind_of_lock_it_is_used(tmp_path, monkeypatch):
    without(monkeypatch, "flock")
    code = (
        "import sys; from pathlib import Path\n"
        "from videogen_nb.local.folder_lock import FolderLock\n"
        "import fcntl; fcntl.flock = fcntl.lockf\n"
        "with FolderLock(Path(sys.argv[1]), timeout_s=0): pass"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with lock(tmp_path):
        refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "is in use by another gateway" in refused.stderr
    assert subprocess.run(command, check=False).returncode == 0


@posix
def test_where_there_are_no_locks_at_all_it_is_said(tmp_path, monkeypatch):
    without(monkeypatch, "flock", "lockf")
    told = "on a file system without file locks .No locks available."
    with pytest.raises(LocalGatewayError, match=told) as caught:
        take(tmp_path)
    assert caught.value.code == "no_locks"


def test_another_machines_gateway_keeps_the_folder_although_its_lock_is_not_seen(
    tmp_path, monkeypatch
):
    leave_info(tmp_path)
    monkeypatch.setattr(folder_lock, "moves", lambda folder: True)
    with pytest.raises(LocalGatewayError, match="another machine, elsewhere"):
        take(tmp_path)
    monkeypatch.setattr(folder_lock, "moves", lambda folder: False)
    with lock(tmp_path):
        assert not info_path(tmp_path).exists()


def test_an_owner_that_gives_signs_of_life_moves(tmp_path):
    path = leave_info(tmp_path, age_s=2)
    slept = []

    def sleep(seconds):
        slept.append(seconds)
        if len(slept) == 3:
            beat(tmp_path)

    assert moves(tmp_path, sleep=sleep)
    assert path.exists()
    assert sum(slept) <= 3 * BEAT_S


def test_one_that_gives_none_does_not(tmp_path):
    leave_info(tmp_path)
    slept: list[float] = []
    assert not moves(tmp_path, sleep=slept.append)
    assert sum(slept) >= 2 * BEAT_S  # a beat may come late


def test_one_from_long_ago_is_not_waited_for(tmp_path):
    leave_info(tmp_path, age_s=3_600)
    assert not moves(tmp_path, sleep=lambda s: pytest.fail("waited"))


def test_one_that_leaves_does_not_move(tmp_path):
    path = leave_info(tmp_path)
    assert not moves(tmp_path, sleep=lambda s: path.unlink(missing_ok=True))
