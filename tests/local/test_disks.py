"""Disks that are really full or read-only: told in words, nothing lost, and it goes on afterwards.

A small file system is mounted in a mount namespace of the test's own, which ends with it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ..processes import end_gateway, environment, settings_in

#: Gateways are started three times and make two videos.
pytestmark = pytest.mark.timeout(300)

MOUNTED = 'mount -t tmpfs -o size=160m tmpfs "$1" && mount -t tmpfs -o size=1m tmpfs "$2"'
IN_A_NAMESPACE = ("unshare", "--mount", "--propagation", "private", "sh", "-ec")

STEPS = """
import json, subprocess, sys
from pathlib import Path
from videogen_nb import connect
from videogen_nb.errors import VideogenError
from videogen_nb.local.discovery import find_gateway, stop_gateway
from videogen_nb.settings import Settings

data, output = map(Path, sys.argv[1:])
short = {"duration": 1, "resolution": "480p"}
told = {}

def fill(folder):
    with (folder / "filler").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(65536)):
                pass
        except OSError:
            pass

def free(folder):
    (folder / "filler").unlink()

def remount(how):
    subprocess.run(["mount", "-o", f"remount,{how}", str(data)], check=True)

def refused(step, work):
    try:
        work()
        told[step] = None
    except VideogenError as error:
        told[step] = str(error)

def stop():
    stop_gateway(find_gateway(Settings.from_environment()))

def listed():
    return sorted((task.prompt, task.status) for task in videos.list_tasks().result(60).tasks)

fill(data)
refused("start on a full disk", lambda: connect().list_tasks().result(60))
free(data)
videos = connect()
videos.generate("sea", **short).result(120)
fill(data)
refused("create on a full disk", lambda: videos.create_task("rain", **short).result(60))
told["listed while full"] = listed()
[task] = videos.list_tasks().result(60).tasks
videos.download(task, output / "again.mp4").result(60)
(output / "again.mp4").unlink()
free(data)
fill(output)
refused("save on a full disk", lambda: videos.generate("stars", **short).result(120))
told["left there"] = sorted(path.suffix for path in output.iterdir())
free(output)
saved = [videos.download(task).result(60) for task in videos.list_tasks().result(60).tasks]
told["saved with room"] = sorted(video.task.prompt for video in saved if video.path.is_file())
stop()
remount("ro")
refused("start where nothing can be written", lambda: connect().list_tasks().result(60))
remount("rw")
videos = connect()
told["listed in the end"] = listed()
stop()
print(json.dumps(told))
"""


def _cannot() -> str | None:
    """Why no file system can be mounted here; None where one can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "mounting a file system needs Linux and root"
    if shutil.which("unshare") is None:
        return "not installed: unshare (util-linux)"
    tried = [*IN_A_NAMESPACE, "mount -t tmpfs tmpfs /mnt"]
    done = subprocess.run(tried, capture_output=True, text=True, check=False)
    return f"not allowed here: {done.stderr.strip()}" if done.returncode else None


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a person sees, step by step."""
    if reason := _cannot():
        pytest.skip(reason)
    folder: Path = tmp_path_factory.mktemp("disks")
    settings = settings_in(folder)
    places = [settings.data_folder, settings.output]
    for place in places:
        place.mkdir()
    script = f'{MOUNTED} && exec "$0" -c "$3" "$1" "$2"'
    try:
        done = subprocess.run(
            [*IN_A_NAMESPACE, script, sys.executable, *map(str, places), STEPS],
            env=environment(settings),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
    finally:
        end_gateway(settings)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("start on a full disk", "database or disk is full. Make it writable, free some space"),
        ("create on a full disk", "The gateway's disk is full. Delete videos"),
        ("save on a full disk", "No space left on device"),
        ("start where nothing can be written", "Read-only file system. Set VIDEOGEN_HOME"),
    ],
)
def test_it_is_told_in_words(told: dict[str, Any], step: str, words: str):
    assert words in (told[step] or "")


def test_nothing_is_lost_and_it_goes_on_when_there_is_room(told: dict[str, Any]):
    assert told["listed while full"] == [["sea", "completed"]]
    assert told["left there"] == ["", ".mp4"]  # the filler and the video before: no half one
    assert told["saved with room"] == ["sea", "stars"]
    assert told["listed in the end"] == [["sea", "completed"], ["stars", "completed"]]
