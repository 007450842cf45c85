"""Image → video against encoding alone, ffmpeg's zoompan and moviepy: time and jitter.

python -m benchmarks.image_video [--rounds 7] [--python PATH]

``--python`` is an interpreter that has moviepy and imageio-ffmpeg. All contenders take turns in
each round, so that a busy machine slows all alike; what is printed are medians of the rounds'
ratios.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
from PIL import Image

from benchmarks.rivals import Missing, ffmpeg, moviepy, zoompan
from tests.engines.sketch.camera.marks import WIDTH, found, mark_chart, mark_places
from videogen_nb.engines import InputImage, Job
from videogen_nb.engines.rendering.decoding import read_rgb
from videogen_nb.engines.rendering.encode import Reel, encode
from videogen_nb.engines.sketch import SketchEngine
from videogen_nb.engines.sketch.camera.moves import MOVES, Shot, Stage
from videogen_nb.engines.sketch.camera.video import ImageVideo
from videogen_nb.engines.sketch.drawing.noise import Array
from videogen_nb.media.yuv import plane

SAMPLE = Path("videogen_nb/gateway/samples/lake.jpg")
REEL = Reel(1280, 720, 24, 120)
SIZE = (REEL.width, REEL.height)
ZOOM = 1.16  # how far the engine pushes in within 5 s


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--python", default=sys.executable)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        image = _sixteen_by_nine(Path(folder))
        contenders, absent = _contenders(image, Path(folder), args.python)
        times = _take_turns(contenders, args.rounds)
        jitter = _jitters(Path(folder), args.python)
    print(
        f"\nImage → video, {SIZE[0]}×{SIZE[1]}, {REEL.fps} fps, 5 s, push in; medians of "
        f"{args.rounds} rounds; encoding alone took {statistics.median(times[_ALONE]):.2f} s\n"
    )
    print("| | time against encoding alone | jitter after H.264, px |")
    print("|---|---|---|")
    for name, seconds in times.items():
        ratio = statistics.median(s / e for s, e in zip(seconds, times[_ALONE], strict=True))
        print(f"| {name} | {ratio:.2f} | {jitter.get(name, '')} |")
    for name, why in absent.items():
        print(f"| {name} | left out: {why} | |")


_ALONE, _OURS = "encoding ready-made frames", "sketch engine, file to video and poster"
_ZOOMPAN, _ENLARGED = "ffmpeg zoompan", "zoompan, image enlarged to 8000 px first"
_MOVIEPY = "moviepy, resized() and centred"


def _sixteen_by_nine(folder: Path) -> Path:
    """The sample image cut to 16:9, so that all see the same part."""
    image = Image.open(SAMPLE)
    cut = image.height - image.width * 9 // 16
    path = folder / "image.png"
    image.crop((0, cut // 2, image.width, image.height - (cut - cut // 2))).save(path)
    return path


def _contenders(
    image: Path, folder: Path, python: str
) -> tuple[dict[str, Callable[[], float]], dict[str, str]]:
    """Each as a function that makes the video and gives the seconds it took."""
    video, ready = folder / "video.mp4", _ready_frames(image)
    same = {"size": SIZE, "frames": REEL.frames, "fps": REEL.fps, "zoom": ZOOM}
    found: dict[str, Callable[[], float]] = {
        _ALONE: lambda: _timed(lambda: _encode(ready.__getitem__, video)),
        _OURS: lambda: _timed(lambda: _sketch(image, video)),
    }
    absent = {}
    try:
        program = ffmpeg(python)
        found[_ZOOMPAN] = lambda: _timed(lambda: zoompan(program, image, video, **same))
        found[_ENLARGED] = lambda: _timed(
            lambda: zoompan(program, image, video, enlarged=8000, **same)
        )
    except Missing as error:
        absent[_ZOOMPAN] = str(error)
    try:
        moviepy(python, image, video, **{**same, "frames": 2})
        found[_MOVIEPY] = lambda: moviepy(python, image, video, **same)
    except Missing as error:
        absent[_MOVIEPY] = str(error)
    return found, absent


def _take_turns(contenders: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    for make in contenders.values():
        make()  # once unmeasured: files cached, libraries loaded
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(rounds):
        for name, make in contenders.items():
            times[name].append(make())
        print(f"round {turn + 1}: " + ", ".join(f"{t[-1]:.2f} s" for t in times.values()))
    return times


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _sketch(image: Path, video: Path) -> None:
    engine = SketchEngine()
    with Image.open(image) as opened:
        size = opened.size
    source = InputImage(image, hashlib.sha256(image.read_bytes()).hexdigest(), *size)
    plan = engine.plan("push in", {"ratio": "16:9", "seed": 1}, [source])
    job = Job("1-1", "push in", plan, video, video.with_suffix(".jpg"), (source,))
    engine.run(job, lambda progress, stage: None, lambda: False)


def _encode(draw: Callable[[int], av.VideoFrame], video: Path) -> None:
    encode(draw, REEL, video, metadata={}, on_frame=lambda done: None, cancelled=lambda: False)


def _video_over(rgb: Array) -> tuple[ImageVideo, Shot]:
    stage = Stage(rgb.shape[1], rgb.shape[0], SIZE[0] / SIZE[1], (0.5, 0.5), 5.0, 1)
    shot = MOVES["push_in"].shot(stage)
    return ImageVideo(rgb, shot, REEL, 1), shot


def _ready_frames(image: Path) -> list[av.VideoFrame]:
    cv2.setNumThreads(1)
    with Image.open(image) as opened:
        rgb = read_rgb(image, *opened.size, enough=1440)
    video, _ = _video_over(rgb)
    return [video.frame(i) for i in range(REEL.frames)]


# Jitter: the second difference of how far all marks together are from where they should be ------


def _jitters(folder: Path, python: str) -> dict[str, str]:
    places = mark_places()
    chart = mark_chart(places)
    image, video = folder / "chart.png", folder / "chart.mp4"
    Image.fromarray(chart).save(image)
    ours, shot = _video_over(chart)
    _encode(ours.frame, video)
    zooms = [chart.shape[1] / shot.view(i / (REEL.frames - 1)).width for i in range(REEL.frames)]
    measured = {_OURS: _jitter(video, places, zooms)}
    smooth = [1 + (ZOOM - 1) * _quintic(i / (REEL.frames - 1)) for i in range(REEL.frames)]
    same = {"size": SIZE, "frames": REEL.frames, "fps": REEL.fps, "zoom": ZOOM}
    try:
        program = ffmpeg(python)
        for name, enlarged in ((_ZOOMPAN, None), (_ENLARGED, 8000)):
            zoompan(program, image, video, enlarged=enlarged, **same)
            measured[name] = _jitter(video, places, smooth)
        moviepy(python, image, video, **same)
        shown = [1 + (ZOOM - 1) * _quintic(i / REEL.frames) for i in range(REEL.frames)]
        measured[_MOVIEPY] = _jitter(video, places, shown)
    except Missing:
        pass  # told in the table of times
    return {name: f"{pixels:.4f}" for name, pixels in measured.items()}


def _quintic(u: float) -> float:
    return u**3 * (u * (6 * u - 15) + 10)


def _jitter(video: Path, places: Array, zooms: list[float]) -> float:
    """Root mean square over the video, in pixels of the frame, of the whole image's shaking."""
    away = []
    with av.open(str(video)) as container:
        for frame, zoom in zip(container.decode(video=0), zooms, strict=True):
            luma = plane(frame, 0)
            scale = SIZE[0] / WIDTH * zoom
            middle = (places + 0.5 - [WIDTH / 2, WIDTH * 9 / 32]) * scale
            expected = middle + np.array([SIZE[0] / 2 - 0.5, SIZE[1] / 2 - 0.5])
            away.append(found(luma, expected) - expected)
    steps = np.array(away)
    steps = steps[:, ~np.isnan(steps).any(axis=(0, 2))]
    shake = (steps[2:] - 2 * steps[1:-1] + steps[:-2]).mean(axis=1)
    return float(np.sqrt((shake**2).mean()))


if __name__ == "__main__":
    main()
