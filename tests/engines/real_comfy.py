"""Small graphs on a real ComfyUI, for ``.ci/comfy``: what is seen there, not in a stand-in.

A node of ours counts steps; everything else are ComfyUI's own nodes that need no model.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from videogen_nb.engines.comfy import ComfyEngine
from videogen_nb.engines.remote import Upstream
from videogen_nb.media.probe import probe
from videogen_nb.media.video_from_images import write_sequence

from .remote_engine_helpers import engine_of, job_of

_START_S: Final = 300.0
_NODE: Final = """
import time, torch, comfy.utils

class CountedSteps:
    INPUT_TYPES = classmethod(lambda cls: {"required": {
        "images": ("IMAGE",), "text": ("STRING", {}), "seed": ("INT", {"max": 2**63})}})
    RETURN_TYPES, FUNCTION, CATEGORY = ("IMAGE",), "run", "test"

    def run(self, images, text, seed):
        bar = comfy.utils.ProgressBar(5)
        for _ in range(5):
            time.sleep(1)
            bar.update(1)
        return (images * torch.linspace(0.1, 1, len(images)).reshape(-1, 1, 1, 1),)

NODE_CLASS_MAPPINGS = {"CountedSteps": CountedSteps}
"""
_START: Final[dict[str, Any]] = {
    "1": {
        "class_type": "EmptyImage",
        "inputs": {"width": 64, "height": 48, "batch_size": 9, "color": 16777215},
    },
    "2": {
        "class_type": "CountedSteps",
        "inputs": {"images": ["1", 0], "text": "saved", "seed": 1},
        "_meta": {"title": "Count"},
    },
}


def _saved(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": {"filename_prefix": "it", **inputs}}


_PLAYED: Final = {"class_type": "CreateVideo", "inputs": {"images": ["2", 0], "fps": 8.0}}
_MP4: Final = {"format": "mp4", "codec": "h264"}
#: The nodes that end the graph, by what they save.
ENDS: Final[dict[str, dict[str, Any]]] = {
    "mp4": {"3": _PLAYED, "4": _saved("SaveVideo", video=["3", 0], **_MP4)},
    "webm": {"4": _saved("SaveWEBM", images=["2", 0], fps=8.0, codec="vp9", crf=32.0)},
    "webp": {
        "4": _saved(
            "SaveAnimatedWEBP",
            images=["2", 0],
            fps=8.0,
            lossless=True,
            quality=80,
            method="default",
        )
    },
    "apng": {"4": _saved("SaveAnimatedPNG", images=["2", 0], fps=8.0, compress_level=4)},
    "frames": {"4": _saved("SaveImage", images=["2", 0])},
}


async def main(own: str, proxied: str, folder: Path) -> None:
    """Make a video of each kind, directly and through the proxy, and one of a video."""
    for url in (own, proxied):
        for kind, nodes in ENDS.items():
            seconds = await made(url, folder, f"{kind}.json", {**_START, **nodes})
            assert abs(seconds - 9 / (16 if kind == "frames" else 8)) < 0.05, seconds


async def made(url: str, folder: Path, name: str, graph: dict[str, Any]) -> float:
    """Run a graph; return the seconds of its video."""
    (folder / name).write_text(json.dumps(graph), "utf-8")
    named = {"prompt": "2.text"}
    engine = engine_of(ComfyEngine, url, workflow=str(folder / name), inputs=named)
    began, path = time.monotonic(), folder / f"of-{name}.mp4"
    handle = await engine.start(job_of(engine, name), os.urandom(16).hex())
    told = [await engine.poll(handle)]
    while told[-1].where in ("queued", "running"):
        await asyncio.sleep(0.3)
        told.append(await engine.poll(handle))
    assert told[-1].where == "succeeded", told[-1]
    facts = await engine.fetch(handle, path)
    if images := facts.get("images"):
        write_sequence([Path(one) for one in images], path, facts["images_fps"])
    await engine.aclose()
    check_progress(told, steps=not url.endswith("v2"))
    seen = probe(path)
    print(f"{url} {name}: {time.monotonic() - began:.1f} s, {seen}")
    return seen.duration_s


def check_progress(told: list[Upstream], *, steps: bool) -> None:
    """Check that progress was told, never less than before, and with the node and its steps.

    comfy-api-proxy 0.1.6 tells steps in its events only, which are not listened to.
    """
    shares = [one.progress for one in told if one.progress is not None]
    assert shares, told
    assert shares == sorted(shares), shares
    if not steps:
        return
    stages = {str(one.stage) for one in told if one.stage is not None}
    assert len(set(shares)) > 2, shares
    assert any("2" in stage or "3" in stage for stage in stages), stages


@contextmanager
def comfyui(folder: Path) -> Iterator[tuple[str, str]]:
    """Start ComfyUI and comfy-api-proxy; give both addresses."""
    python, port, other = os.environ["COMFYUI_PYTHON"], _free_port(), _free_port()
    for name in ("custom_nodes", "input", "output", "temp", "user", "models", "web"):
        (folder / name).mkdir()
    (folder / "custom_nodes" / "steps.py").write_text(_NODE, "utf-8")
    (folder / "web" / "index.html").write_text("", "utf-8")
    run = os.environ.get("COMFYUI_RUN", "main.py")
    places = ["--base-directory", str(folder), "--front-end-root", str(folder / "web")]
    own = [python, run, "--cpu", "--port", str(port), "--disable-api-nodes", *places]
    url = f"http://127.0.0.1:{port}"
    proxy = [str(Path(python).parent / "comfy-api-proxy"), "run", "--port", str(other)]
    server = subprocess.Popen(own, cwd=os.environ["COMFYUI"])
    try:
        _wait_for(f"{url}/system_stats")
        before = subprocess.Popen([*proxy, "--comfyui", url])
        try:
            _wait_for(f"http://127.0.0.1:{other}/api/v2/jobs")
            yield url, f"http://127.0.0.1:{other}/api/v2"
        finally:
            before.terminate()
            before.wait()
    finally:
        server.terminate()
        server.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        try:
            httpx.get(url, timeout=5, trust_env=False)
        except httpx.HTTPError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
        else:
            return


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        place = Path(home).resolve()
        with comfyui(place) as (direct, through):
            asyncio.run(main(direct, through, place))
