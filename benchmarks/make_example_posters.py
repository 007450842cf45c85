"""Draw the small posters on the examples under a prompt: one frame of each scene.

python benchmarks/make_example_posters.py [--out videogen_nb/panels/static/posters]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
from PIL import Image

from videogen_nb.engines.rendering.encode import Reel
from videogen_nb.engines.sketch.catalogue import SCENES
from videogen_nb.engines.sketch.planning import mood_of, settle
from videogen_nb.engines.sketch.scenes.video import SceneVideo

SIZE = (208, 117)
SEED = 7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("videogen_nb/panels/static/posters"))
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for name in SCENES:
        path = out / f"{name}.webp"
        draw(name).save(path, quality=58, method=6)
        print(f"{path.name}: {path.stat().st_size / 1000:.1f} kB")


def draw(name: str) -> Image.Image:
    """One frame from the middle of the scene that its example gives."""
    prompt = SCENES[name].example.en
    wanted = {"resolution": "480p", "seed": SEED, "extra": {"scene": name}}
    parameters = settle(prompt, wanted, ()).parameters
    reel = Reel.of(parameters)
    video = SceneVideo(name, mood_of(parameters, prompt), reel, SEED)
    image = video.frame(reel.frames // 2).to_ndarray(format="rgb24")
    return Image.fromarray(cv2.resize(image, SIZE, interpolation=cv2.INTER_AREA))


if __name__ == "__main__":
    main()
