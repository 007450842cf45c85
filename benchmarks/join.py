"""Join three 4 s clips of 720p with cross-fades and sound, side by side with moviepy.

    python benchmarks/join.py [--rounds 3] [--rival PYTHON_WITH_MOVIEPY]
    python benchmarks/join.py --memory       # ours alone: the peak with 3 clips and with 40

Both get the same files and make the same of them: two cross-fades of half a second, sound kept.
moviepy is run in the Python named (one that has it), its import not counted.
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

import av
import numpy as np

from videogen_nb.media.editing.join import join
from videogen_nb.media.probe import probe

SIZE, FPS, SECONDS, FADE = (1280, 720), 24, 4, 0.5

_MOVIEPY = """
import json, sys, time
job = json.loads(sys.argv[1])
from moviepy import CompositeVideoClip, VideoFileClip, vfx, afx
begun = time.perf_counter()
clips, at = [], 0.0
for number, path in enumerate(job["clips"]):
    clip = VideoFileClip(path)
    effects = [vfx.CrossFadeIn(job["fade"]), afx.AudioFadeIn(job["fade"])] if number else []
    if number + 1 < len(job["clips"]):
        effects.append(afx.AudioFadeOut(job["fade"]))
    clips.append(clip.with_start(at).with_effects(effects))
    at += clip.duration - job["fade"]
joined = CompositeVideoClip(clips)
joined.write_videofile(
    job["target"], fps=job["fps"], codec="libx264", audio_codec="aac", preset=job["preset"],
    threads=3, logger=None,
)
print(time.perf_counter() - begun)
"""


def make_clip(path: Path, seed: int) -> Path:
    """A clip of moving textured bands with a tone: neither trivial nor hopeless to encode."""
    dice = np.random.default_rng(seed)
    texture = dice.integers(0, 60, (SIZE[1], SIZE[0] * 2, 3)).astype(np.uint8)
    texture += np.linspace(40, 180, SIZE[0] * 2).astype(np.uint8)[None, :, None]
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=FPS, options={"crf": "20"})
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        audio = container.add_stream("aac", rate=48_000, layout="stereo")
        for index in range(FPS * SECONDS):
            left = index * 6
            image = np.ascontiguousarray(texture[:, left : left + SIZE[0]])
            container.mux(video.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(video.encode(None))
        time_s = np.arange(48_000 * SECONDS) / 48_000
        tone = np.stack([0.1 * np.sin(2 * np.pi * (300 + 100 * seed) * time_s)] * 2)
        frame = av.AudioFrame.from_ndarray(tone.astype(np.float32), "fltp", "stereo")
        frame.sample_rate = 48_000
        container.mux([*audio.encode(frame), *audio.encode(None)])
    return path


def ours(clips: list[Path], target: Path) -> float:
    """Seconds that our join takes."""
    begun = time.perf_counter()
    join(clips, transition="crossfade", seconds=FADE, path=target)
    return time.perf_counter() - begun


def theirs(python: str, clips: list[Path], target: Path, preset: str) -> float:
    """Seconds that moviepy takes; exits where it is not there."""
    job = {
        "clips": [str(clip) for clip in clips],
        "target": str(target),
        "fade": FADE,
        "fps": FPS,
        "preset": preset,
    }
    done = subprocess.run(
        [python, "-c", _MOVIEPY, json.dumps(job)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr)
    return float(done.stdout.splitlines()[-1])


_PEAK = """
import resource, sys
from videogen_nb import clip, join
parts = [clip(sys.argv[1], 0, 1)] * int(sys.argv[3])
join(parts, transition="crossfade", seconds=0.25, path=sys.argv[2])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def memory(folder: Path) -> None:
    """Print the peak memory of joins of few and of many seconds-long clips."""
    source = make_clip(folder / "clip.mp4", 1)
    for count in (3, 40):
        words = [sys.executable, "-c", _PEAK, str(source), str(folder / "out.mp4"), str(count)]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        print(f"{count:2} clips: {done.stdout.strip()} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rival", default=sys.executable, help="a Python that has moviepy")
    parser.add_argument("--preset", default="medium", help="moviepy's; its default is medium")
    parser.add_argument("--memory", action="store_true", help="measure memory instead of time")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if chosen.memory:
            memory(Path(folder))
            return
        clips = [make_clip(Path(folder) / f"{n}.mp4", n) for n in range(3)]
        own, other = Path(folder) / "ours.mp4", Path(folder) / "theirs.mp4"
        times: dict[str, list[float]] = {"ours": [], "moviepy": []}
        for _ in range(chosen.rounds):  # in turns, so that other work slows both alike
            times["ours"].append(ours(clips, own))
            times["moviepy"].append(theirs(chosen.rival, clips, other, chosen.preset))
        for name, path in (("ours", own), ("moviepy", other)):
            facts, size = probe(path), path.stat().st_size / 1e6
            told = " ".join(f"{s:.2f}" for s in times[name])
            print(f"{name:8} {told} s · {facts.frames} frames · {size:.1f} MB")
        ratio = statistics.median(times["moviepy"]) / statistics.median(times["ours"])
        print(f"{ratio:.2f}× faster (medians)")


if __name__ == "__main__":
    main()
