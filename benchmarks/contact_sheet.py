"""Look at what the built-in engine draws, on one sheet.

python -m benchmarks.contact_sheet sea --out /tmp/sea.png [--size 1280x720] [--mood night,snow …]
python -m benchmarks.contact_sheet --moves --out docs/images/camera-moves.jpg
python -m benchmarks.contact_sheet --prompts en --out docs/images/prompts-en.jpg

A scene: three seeds by three instants, and its cost a frame. ``--moves``: camera moves and weather,
each as three frames of its finished video, decoded. ``--prompts``: 20 ordinary prompts of a
language, each as its video's poster.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from benchmarks.move_sheet import moves
from benchmarks.prompt_sheet import PROMPTS, prompts
from videogen_nb.engines.sketch.catalogue import SCENE_NAMES, Mood
from videogen_nb.engines.sketch.drawing.noise import Array
from videogen_nb.engines.sketch.scenes import scene_class
from videogen_nb.engines.sketch.scenes.video import Grade

_JPEG_BYTES = 250_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scene", nargs="?", choices=SCENE_NAMES)
    parser.add_argument("--moves", action="store_true", help="25 camera moves instead of a scene")
    parser.add_argument("--prompts", choices=PROMPTS, help="20 prompts instead of a scene")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--size", default="1280x720", help="rendered size")
    parser.add_argument("--tile", type=int, default=640, help="width of a tile on the sheet")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--times", default="0.2,2.5,4.8")
    parser.add_argument("--mood", default="", help="such as night,snow")
    parser.add_argument("--prompt", default="")
    args = parser.parse_args()
    if args.moves:
        with tempfile.TemporaryDirectory() as folder:
            sheet = moves(Path(folder))
    elif args.prompts:
        with tempfile.TemporaryDirectory() as folder:
            sheet = prompts(args.prompts, Path(folder))
    elif args.scene:
        sheet = _scene(args)
    else:
        parser.error("name a scene, --moves or --prompts")
    _save(sheet, args.out)


def _scene(args: argparse.Namespace) -> Array:
    cv2.setNumThreads(1)
    width, height = map(int, args.size.split("x"))
    mood = Mood(prompt=args.prompt, **dict(_said(name) for name in args.mood.split(",") if name))
    rows, costs = [], []
    for seed in map(int, args.seeds.split(",")):
        began = time.thread_time()
        scene = scene_class(args.scene)(width, height, seed, mood)
        prepared = time.thread_time() - began
        grade = Grade(width, height, seed, scene.exposure)
        row = []
        for i, t in enumerate(map(float, args.times.split(","))):
            began = time.thread_time()
            image = scene.frame(t)
            mid = time.thread_time()
            rgb = grade.rgb(image, i)
            costs.append((mid - began, time.thread_time() - mid))
            small = (args.tile, round(args.tile * height / width))
            row.append(cv2.resize(rgb, small, interpolation=cv2.INTER_AREA))
        rows.append(np.hstack(row))
        print(f"seed {seed}: prepared in {prepared:.2f} s of CPU")
    draw, tone = (statistics.median(c) * 1e3 for c in zip(*costs, strict=True))
    print(f"{args.scene} {width}x{height}: {draw:.1f} ms + grade {tone:.1f} ms of CPU a frame")
    return np.vstack(rows)


def _said(name: str) -> tuple[str, Any]:
    """A field of the mood, and what it is: ``night`` or ``snow``."""
    return ("time", name) if name in ("day", "dusk", "night") else (name, True)


def _save(sheet: Array, path: Path) -> None:
    """Save it; a JPEG in the best quality that keeps it small enough for the docs."""
    image = Image.fromarray(sheet)
    if path.suffix != ".jpg":
        image.save(path)
        return
    for quality in range(88, 30, -4):
        image.save(path, quality=quality, optimize=True)
        if path.stat().st_size <= _JPEG_BYTES:
            return


if __name__ == "__main__":
    main()
