"""Look at a scene: three seeds by three instants on one sheet, and its cost a frame.

python benchmarks/contact_sheet.py sea --out /tmp/sea.png [--ratio 9:16] [--night --snow …]
"""

from __future__ import annotations

import argparse
import statistics
import time

import cv2
import numpy as np
from PIL import Image

from videogen_nb.engines.sketch.catalogue import SCENE_NAMES, Mood
from videogen_nb.engines.sketch.scenes import scene_class
from videogen_nb.engines.sketch.scenes.video import Grade


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scene", choices=SCENE_NAMES)
    parser.add_argument("--out", required=True)
    parser.add_argument("--size", default="1280x720", help="rendered size")
    parser.add_argument("--tile", type=int, default=640, help="width of a tile on the sheet")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--times", default="0.2,2.5,4.8")
    parser.add_argument("--time", choices=("day", "dusk", "night"))
    for flag in ("snow", "rain", "mist", "wind", "flowers"):
        parser.add_argument(f"--{flag}", action="store_true")
    parser.add_argument("--prompt", default="")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    width, height = map(int, args.size.split("x"))
    mood = Mood(args.time, args.snow, args.rain, args.mist, args.wind, args.flowers, args.prompt)
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
    Image.fromarray(np.vstack(rows)).save(args.out)


if __name__ == "__main__":
    main()
