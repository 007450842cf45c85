"""Videos asked for while Python is ending, or in a forked child, are saved: real processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import end_gateway, environment, run, settings_in
from videogen_nb.settings import Settings

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
VIDEO = "duration=1, resolution='480p', seed=1"

AT_EXIT = f"""
import atexit
from videogen_nb import generate
atexit.register(lambda: print("saved", generate("sea", {VIDEO}).path.name, flush=True))
"""
BEFORE_OURS = f"""
import atexit
def last():
    from videogen_nb import generate
    print("saved", generate("sea", {VIDEO}).path.name, flush=True)
atexit.register(last)
import videogen_nb.blocking.call
videogen_nb.generate("sea", {VIDEO})
"""
THREAD = f"""
import threading
from videogen_nb import generate
def work():
    threading.main_thread().join()
    print("saved", generate("sea", {VIDEO}).path.name, flush=True)
threading.Thread(target=work).start()
"""
USED_BEFORE = THREAD.replace("def work", f"generate('sea', {VIDEO})\ndef work")
IMPORTS_LATE = f"""
import threading
def work():
    threading.main_thread().join()
    from videogen_nb import generate
    print("saved", generate("sea", {VIDEO}).path.name, flush=True)
threading.Thread(target=work).start()
"""
TWO_THREADS = f"""
import threading
from videogen_nb import generate
def work(prompt):
    threading.main_thread().join()
    print("saved", generate(prompt, {VIDEO}).path.name, flush=True)
for prompt in ("sea", "forest"):
    threading.Thread(target=work, args=(prompt,)).start()
"""
OWN_LOOP = f"""
import asyncio, os, pathlib, threading
from videogen_nb import connect, VideoClient
at = connect()
token = at.headers["Authorization"].removeprefix("Bearer ")
async def make():
    output = pathlib.Path(os.environ["VIDEOGEN_OUTPUT"])
    async with VideoClient(at.url, token=token, output=output) as videos:
        return await videos.generate("sea", {VIDEO})
def work():
    threading.main_thread().join()
    print("saved", asyncio.run(make()).path.name, flush=True)
threading.Thread(target=work).start()
"""
POOL = f"""
from concurrent.futures import ThreadPoolExecutor, thread
import time
from videogen_nb import generate
def work():
    while not thread._shutdown:  # the main thread is about to wait for this one
        time.sleep(0.01)
    print("saved", generate("sea", {VIDEO}).path.name, flush=True)
ThreadPoolExecutor(1).submit(work)
"""

FORKED = f"""
import os, sys
from videogen_nb import connect, generate
videos = connect()
videos.generate("sea", {VIDEO}).result()
begun = videos.generate("forest", {VIDEO})
child = os.fork()
if child == 0:
    print("saved", videos.generate("mountain", {VIDEO}).result().path.name, flush=True)
    try:
        begun.result()
    except Exception as error:
        print("parent's:", error.code, flush=True)
    sys.exit(7)
print("saved", begun.result().path.name, flush=True)
print("saved", videos.generate("city", {VIDEO}).result().path.name, flush=True)
print("child", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
MULTIPROCESSING = f"""
import multiprocessing
from videogen_nb import generate
def make(prompt):
    return generate(prompt, {VIDEO}).path.name
if __name__ == "__main__":
    generate("sea", {VIDEO})
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for name in pool.map(make, ["forest", "city"]):
            print("saved", name)
    print("saved", make("mountain"))
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> Iterator[Settings]:
    settings = settings_in(tmp_path_factory.mktemp("ending"))
    yield settings
    end_gateway(settings)


def ended(settings: Settings, code: str) -> tuple[list[str], subprocess.CompletedProcess[str]]:
    """The names of the videos that a program says it saved."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code],
        env=environment(settings, VIDEOGEN_PROGRESS="off"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    lines = done.stdout.splitlines()
    return [line.split()[1] for line in lines if line.startswith("saved ")], done


def check_saved(settings: Settings, names: list[str], count: int) -> None:
    assert len(set(names)) == count
    for name in names:
        assert (settings.output / name).stat().st_size > 1000
    assert not list(Path(settings.output).glob(".videogen-*"))


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(AT_EXIT, id="atexit"),
        pytest.param(BEFORE_OURS, id="atexit-after-our-loop-has-ended"),
        pytest.param(THREAD, id="thread"),
        pytest.param(USED_BEFORE, id="thread-with-a-loop-that-runs"),
        pytest.param(IMPORTS_LATE, id="thread-that-imports-late"),
        pytest.param(OWN_LOOP, id="thread-with-a-loop-of-its-own"),
        pytest.param(POOL, id="thread-pool"),
    ],
)
def test_a_video_asked_for_while_python_ends_is_saved(own, code):
    names, done = ended(own, code)
    assert done.stderr == ""
    assert done.returncode == 0
    check_saved(own, names, 1)


def test_so_are_those_of_two_threads(own):
    names, done = ended(own, TWO_THREADS)
    assert (done.returncode, done.stderr) == (0, "")
    check_saved(own, names, 2)


def test_a_gateway_named_by_its_host_is_reached_while_python_ends(own):
    """Names are resolved in a thread pool, which takes no more work by then."""
    find = "from videogen_nb.local.discovery import ensure_gateway\na = ensure_gateway()\n"
    said = run(own, "-c", f"{find}print(a.url, a.token)").stdout.split()
    url = said[0].replace("127.0.0.1", "localhost")
    code = THREAD.replace("generate(", f"connect({url!r}, {said[1]!r}).generate(", 1)
    code = code.replace("import generate", "import connect").replace("}).path", "}).result().path")
    code = code.replace("seed=1).path", "seed=1).result().path")
    names, done = ended(own, code)
    assert (done.returncode, done.stderr) == (0, "")
    check_saved(own, names, 1)


@needs_fork
def test_parent_and_forked_child_both_go_on(own):
    names, done = ended(own, FORKED)
    assert "parent's: forked" in done.stdout, done.stderr
    assert "child 7" in done.stdout
    assert done.stderr == ""
    check_saved(own, names, 3)


@needs_fork
def test_a_pool_of_forked_processes_makes_videos(own):
    names, done = ended(own, MULTIPROCESSING)
    assert (done.returncode, done.stderr) == (0, "")
    check_saved(own, names, 3)
