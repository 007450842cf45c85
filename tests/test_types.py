"""Slips in a person's own code are caught by ``mypy --strict``."""

import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
from videogen_nb import VideoClient, VideoTask, connect, generate

videos = connect()


async def own(client: VideoClient, task: VideoTask) -> None:
    video = await videos.generate("sea", duration=5, seed=7, engine="sketch")
    print(video.path, video.task.id)
    await client.create_task("sea", ratio="16:9", labels=["a"], extra={"steps": 4})
"""
SLIPS = {
    'generate("x", durationn=5)': 'Unexpected keyword argument "durationn"',
    'videos.generate("x", engin="ark")': 'Unexpected keyword argument "engin"',
    'videos.create_task("x", seed="7")': 'Argument "seed"',
    'videos.generate("x").path': 'has no attribute "path"',
    "videos.cancel(5.0)": "Argument 1",
}


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("types")
    path = folder / "own.py"
    path.write_text(CODE + "\n".join(SLIPS) + "\n", "utf-8")
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(folder / "cache"), str(path)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    return checked.stdout + checked.stderr


def test_good_code_passes(told):
    last = len(CODE.splitlines())
    lines = [line for line in told.splitlines() if "own.py:" in line]
    assert all(int(line.split(":")[1]) > last for line in lines), told


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_caught(told, slip):
    number = len(CODE.splitlines()) + 1 + list(SLIPS).index(slip)
    found = [line for line in told.splitlines() if f"own.py:{number}:" in line]
    assert any(SLIPS[slip] in line for line in found), told
