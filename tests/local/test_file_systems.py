"""Folders that vanish while a gateway runs, and file systems without locks: real processes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.processes import end_gateway, environment, run, settings_in, wait_until_gone
from videogen_nb.errors import LocalGatewayError
from videogen_nb.local.discovery import ensure_gateway, find_gateway, stop_gateway
from videogen_nb.local.info_file import log_path
from videogen_nb.settings import Settings

posix = pytest.mark.skipif(os.name != "posix", reason="Windows removes no folder that is in use")
CLI = ("-m", "videogen_nb")
VIDEO = ("generate", "sea", "--duration", "1", "--resolution", "480p")


@pytest.fixture
def own(tmp_path) -> Iterator[Settings]:
    settings = settings_in(tmp_path)
    yield settings
    end_gateway(settings)


def gateways(settings: Settings) -> list[int]:
    """The local gateways that serve this folder, found among all processes."""
    found = []
    for process in psutil.process_iter():
        try:
            if "videogen_nb.gateway" not in process.cmdline():
                continue
            if process.environ().get("VIDEOGEN_HOME") == str(settings.data_folder):
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


@posix
def test_without_its_runtime_folder_a_gateway_is_found_and_stopped(own):
    first = ensure_gateway(own)
    shutil.rmtree(own.runtime)
    found = ensure_gateway(own)
    assert (found.pid, found.reused) == (first.pid, True)
    assert gateways(own) == [first.pid]
    shutil.rmtree(own.runtime)
    assert str(first.pid) in run(own, *CLI, "stop").stdout
    assert gateways(own) == []
    assert "No local gateway" in run(own, *CLI, "stop").stdout


@posix
def test_a_gateway_whose_data_folder_vanishes_ends_and_says_so(own):
    first = ensure_gateway(own)
    shutil.rmtree(own.data_folder)
    wait_until_gone(first.pid, first.process_started, 10)
    assert "was removed or replaced" in log_path(own).read_text()
    second = ensure_gateway(own)
    assert second.pid != first.pid
    assert gateways(own) == [second.pid]


@posix
def test_a_folder_that_is_made_anew_has_one_gateway_in_the_end(own):
    first = ensure_gateway(own)
    own.data_folder.rename(own.data_folder.with_name("moved"))
    second = ensure_gateway(own)
    wait_until_gone(first.pid, first.process_started, 10)
    assert gateways(own) == [second.pid]
    assert (own.data_folder / "tasks.sqlite3").exists()


@posix
def test_serving_goes_on_where_the_working_folder_vanishes(own, tmp_path):
    place = tmp_path / "place"
    place.mkdir()
    serve = [sys.executable, *CLI, "serve", "--port", "0", "--json"]
    variables = environment(own)
    with subprocess.Popen(serve, env=variables, cwd=place, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline().strip() == b"{"
            place.rmdir()
            done = run(own, *CLI, *VIDEO, "--json")
            assert done.returncode == 0, done.stderr
            assert list(own.output.glob("*.mp4"))
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
        finally:
            process.kill()


def test_one_that_was_quicker_is_used_and_no_second_waits_behind_it(own, monkeypatch):
    first = ensure_gateway(own)
    elsewhere = settings_in(own.home.parent / "elsewhere", home=own.home)
    monkeypatch.setattr("videogen_nb.local.discovery._find", lambda *_: None)
    assert ensure_gateway(elsewhere).pid == first.pid
    deadline = time.monotonic() + 20  # the one that came too late is killed, which takes a moment
    while gateways(own) != [first.pid] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert gateways(own) == [first.pid]


def test_stop_says_that_a_gateway_does_not_end(own, monkeypatch):
    address = ensure_gateway(own)
    monkeypatch.setattr("videogen_nb.local.discovery._ended", lambda *_: False)
    with pytest.raises(LocalGatewayError, match="could not be stopped"):
        stop_gateway(address)


NO_LOCKS = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
static int lacks(const char *kind) {
  const char *all = getenv("LACKS");
  return all != NULL && strstr(all, kind) != NULL;
}
int flock(int file, int what) {
  if (lacks("flock")) { errno = ENOLCK; return -1; }
  return ((int (*)(int, int))dlsym(RTLD_NEXT, "flock"))(file, what);
}
static int record(const char *name, int file, int what, void *more) {
  int locks = what == F_SETLK || what == F_SETLKW || what == F_OFD_SETLK;
  if (locks && lacks("record")) { errno = ENOLCK; return -1; }
  return ((int (*)(int, int, void *))dlsym(RTLD_NEXT, name))(file, what, more);
}
int fcntl(int file, int what, ...) {
  va_list rest; va_start(rest, what); void *more = va_arg(rest, void *); va_end(rest);
  return record("fcntl", file, what, more);
}
int fcntl64(int file, int what, ...) {
  va_list rest; va_start(rest, what); void *more = va_arg(rest, void *); va_end(rest);
  return record("fcntl64", file, what, more);
}
"""


@pytest.fixture(scope="module")
def no_locks(tmp_path_factory) -> Path:
    """A library under which files cannot be locked, in the ways that LACKS names."""
    if sys.platform != "linux" or shutil.which("cc") is None:
        pytest.skip("needs Linux and a C compiler")
    folder: Path = tmp_path_factory.mktemp("library")
    (folder / "no_locks.c").write_text(NO_LOCKS)
    library = folder / "no_locks.so"
    compiled = ["cc", "-shared", "-fPIC", "-o", f"{library}", f"{folder}/no_locks.c", "-ldl"]
    subprocess.run(compiled, check=True)
    return library


@pytest.mark.parametrize("lacks", ["flock", "record"])
def test_where_one_kind_of_lock_is_missing_it_works(own, no_locks, lacks):
    done = run(own, *CLI, *VIDEO, LD_PRELOAD=str(no_locks), LACKS=lacks)
    assert done.returncode == 0, done.stderr
    assert list(own.output.glob("*.mp4"))
    assert find_gateway(own) is not None


def test_where_both_are_missing_it_is_refused_in_one_true_sentence(own, no_locks):
    done = run(own, *CLI, *VIDEO, LD_PRELOAD=str(no_locks), LACKS="flock,record")
    assert done.returncode == 3
    assert "is on a file system without file locks (No locks available)" in done.stderr
    assert "in use" not in done.stderr
    assert "Traceback" not in done.stderr
    assert gateways(own) == []
