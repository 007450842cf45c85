"""The same camera move by other means: ffmpeg's zoompan and moviepy's usual recipe.

Both take a 16:9 image and push in from 1 to ``zoom`` on its middle, eased, at the size, rate and
x264 settings of the sketch engine. They run in another interpreter, which needs moviepy and
imageio-ffmpeg; without them they are left out with a reason.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

X264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-threads", "3")
_MOVIEPY = r"""
import json, sys, time
from moviepy import CompositeVideoClip, ImageClip
job = json.loads(sys.argv[1])
seconds = job["frames"] / job["fps"]
def ease(u):
    return u * u * u * (u * (6 * u - 15) + 10)
began = time.perf_counter()
size = (job["width"], job["height"])
clip = ImageClip(job["image"], duration=seconds).resized(size)
clip = clip.resized(lambda t: 1 + (job["zoom"] - 1) * ease(t / seconds)).with_position("center")
CompositeVideoClip([clip], size=size).write_videofile(
    job["video"], fps=job["fps"], codec="libx264", preset="veryfast", audio=False, threads=3,
    ffmpeg_params=["-crf", "20", "-pix_fmt", "yuv420p"], logger=None,
)
print(time.perf_counter() - began)
"""


class Missing(Exception):
    """A rival that is not installed; says what it needs."""


def ffmpeg(python: str) -> str:
    """The path of an ffmpeg program. Raises Missing."""
    code = "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing("needs imageio-ffmpeg (pip install imageio-ffmpeg)")
    return done.stdout.strip()


def zoompan(
    program: str,
    image: Path,
    video: Path,
    *,
    size: tuple[int, int],
    frames: int,
    fps: int,
    zoom: float,
    enlarged: int | None = None,
) -> None:
    """Write the video; ``enlarged`` is the width of the pre-scaling that many recipes add."""
    u = f"(on/{frames - 1})"
    eased = f"({u}*{u}*{u}*({u}*(6*{u}-15)+10))"
    scale = f"scale={enlarged}:-1:flags=lanczos," if enlarged else ""
    move = (
        f"{scale}zoompan=z='1+{zoom - 1}*{eased}':x='(iw-iw/zoom)/2':y='(ih-ih/zoom)/2'"
        f":d={frames}:s={size[0]}x{size[1]}:fps={fps},format=yuv420p"
    )
    subprocess.run(
        [
            program,
            "-y",
            "-v",
            "error",
            "-i",
            str(image),
            "-vf",
            move,
            "-frames:v",
            str(frames),
            *X264,
            "-movflags",
            "+faststart",
            str(video),
        ],
        check=True,
    )


def moviepy(
    python: str,
    image: Path,
    video: Path,
    *,
    size: tuple[int, int],
    frames: int,
    fps: int,
    zoom: float,
) -> float:
    """Write the video and give the seconds it took, imports not counted. Raises Missing."""
    job = {
        "image": str(image),
        "video": str(video),
        "width": size[0],
        "height": size[1],
        "frames": frames,
        "fps": fps,
        "zoom": zoom,
    }
    done = subprocess.run(
        [python, "-c", _MOVIEPY, json.dumps(job)], capture_output=True, text=True, check=False
    )
    if "No module named 'moviepy'" in done.stderr:
        raise Missing("needs moviepy (pip install moviepy)")
    if done.returncode:
        sys.exit(done.stderr)
    return float(done.stdout.splitlines()[-1])
