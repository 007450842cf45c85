"""Words → video: each scene's real-time factor and its worker's memory, size by size.

python -m benchmarks.text_video [scene …] [--resolutions default,720p,1080p] [--duration 5]

Every video is made in a process of its own, as the gateway does, so that its peak memory is its
own; the interpreter's start and imports are not counted in the time, the scene's preparation is.
The real-time factor is the video's length divided by the time it took: 1 or more is real time.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from videogen_nb.engines import Job
from videogen_nb.engines.sketch import SketchEngine
from videogen_nb.engines.sketch.catalogue import SCENE_NAMES, SCENES

_MIB = 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenes", nargs="*", default=list(SCENE_NAMES))
    parser.add_argument("--resolutions", default="default,720p,1080p")
    parser.add_argument("--duration", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(_make(json.loads(args.one))))
        return
    print("| scene | size | real-time factor | CPU s for each s of video | worker's peak MiB |")
    print("|---|---|---|---|---|")
    for scene in args.scenes:
        for resolution in _resolutions(scene, args.resolutions.split(",")):
            print(_row(scene, resolution, args.duration, args.rounds), flush=True)


def _resolutions(scene: str, asked: list[str]) -> list[str]:
    default = SCENES[scene].default_resolution
    return list(dict.fromkeys(default if r == "default" else r for r in asked))


def _row(scene: str, resolution: str, duration: float, rounds: int) -> str:
    runs = [_in_a_process(scene, resolution, duration, seed) for seed in range(1, rounds + 1)]
    factor = statistics.median(duration / run["wall_s"] for run in runs)
    cpu = statistics.median(run["cpu_s"] / duration for run in runs)
    peak = max(run["peak_mib"] for run in runs)
    mark = " (default)" if resolution == SCENES[scene].default_resolution else ""
    size = f"{runs[0]['width']}×{runs[0]['height']}{mark}"
    return f"| {scene} | {size} | {factor:.2f} | {cpu:.2f} | {peak:.0f} |"


def _in_a_process(scene: str, resolution: str, duration: float, seed: int) -> dict[str, float]:
    job = {"scene": scene, "resolution": resolution, "duration": duration, "seed": seed}
    command = [sys.executable, "-m", "benchmarks.text_video", "--one", json.dumps(job)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def _make(job: dict[str, object]) -> dict[str, float]:
    import videogen_nb.engines.sketch.render  # noqa: F401 — imports are not counted

    engine = SketchEngine()
    scene = str(job["scene"])
    requested = {k: job[k] for k in ("resolution", "duration", "seed")}
    words = SCENES[scene].example.en
    plan = engine.plan(words, {**requested, "extra": {"scene": scene}})
    with tempfile.TemporaryDirectory() as folder:
        video = Path(folder) / "video.mp4"
        began, cpu = time.perf_counter(), time.process_time()
        engine.run(
            Job("1-1", words, plan, video, video.with_suffix(".jpg")),
            lambda progress, stage: None,
            lambda: False,
        )
        wall_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu
    return {
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "peak_mib": _peak_bytes() / _MIB,
        "width": plan.parameters["width"],
        "height": plan.parameters["height"],
    }


def _peak_bytes() -> int:
    import resource  # not on Windows, where this benchmark is not run

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    main()
