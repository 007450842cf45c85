"""Small videos whose frames carry their number and beep where they flash; and how to read them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

RATE = 48_000
BITS = 8  # a frame's number as black and white bars


def make_clip(
    path: Path,
    frames: int = 24,
    *,
    first: int = 0,
    size: tuple[int, int] = (160, 90),
    fps: int | Fraction = 12,
    tone: float | None = None,
    level: float = 0.1,
    flash: int | None = None,
    rate: int = RATE,
    turn: int = 0,
    metadata: dict[str, str] | None = None,
) -> Path:
    """A video whose frame ``i`` shows ``first + i`` in bars.

    ``tone`` (Hz) sounds all along; with ``flash`` frame number ``flash`` has a white lower half,
    and a beep sounds exactly while it is shown.
    """
    options = {"movflags": "use_metadata_tags"}
    with av.open(str(path), "w", format="mp4", options=options) as container:
        container.metadata.update(metadata or {})
        video = container.add_stream("libx264", rate=fps, options={"crf": "16"})
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        sounds = tone is not None or flash is not None
        audio = container.add_stream("aac", rate=rate, layout="stereo") if sounds else None
        for index in range(frames):
            image = numbered(first + index, size, white=index == flash)
            frame = av.VideoFrame.from_ndarray(image, format="gray").reformat(format="yuv420p")
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None:
            container.mux(audio.encode(_sound(frames, fps, tone, level, flash, rate)))
            container.mux(audio.encode(None))
    return path


def numbered(number: int, size: tuple[int, int], *, white: bool = False) -> NDArray[np.uint8]:
    width, height = size
    image = np.full((height, width), 90, np.uint8)
    for bit in range(BITS):
        left, right = bit * width // BITS, (bit + 1) * width // BITS
        image[: height // 2, left:right] = 230 if number >> bit & 1 else 25
    image[height // 2 :] = 235 if white else 60
    return image


def _sound(
    frames: int,
    fps: int | Fraction,
    tone: float | None,
    level: float,
    flash: int | None,
    rate: int,
) -> av.AudioFrame:
    count = round(frames * rate / fps)
    time = np.arange(count) / rate
    sound = level * np.sin(2 * np.pi * (tone or 1000) * time)
    if flash is not None:
        shown = (time * float(fps)).astype(int) == flash
        sound = np.where(shown, 0.5 * np.sin(2 * np.pi * 1000 * time), 0 if tone is None else sound)
    frame = av.AudioFrame.from_ndarray(np.stack([sound] * 2).astype(np.float32), "fltp", "stereo")
    frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
    return frame


def images(path: Path) -> list[NDArray[np.uint8]]:
    """All frames, as RGB."""
    with av.open(str(path)) as container:
        return [
            np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
            for frame in container.decode(video=0)
        ]


def grey(path: Path) -> list[NDArray[np.uint8]]:
    """All frames, as their luma."""
    with av.open(str(path)) as container:
        return [
            np.asarray(frame.to_ndarray(format="gray"), np.uint8)
            for frame in container.decode(video=0)
        ]


def numbers(path: Path) -> list[int]:
    """The number that each frame shows."""
    return [_number(image) for image in grey(path)]


def _number(image: NDArray[np.uint8]) -> int:
    height, width = image.shape
    row = image[height // 8 : height * 3 // 8]
    bars = [row[:, int((bit + 0.5) * width / BITS)].mean() > 128 for bit in range(BITS)]
    return sum(1 << bit for bit, on in enumerate(bars) if on)


def sound(path: Path) -> NDArray[np.float32]:
    """The left channel at 48 kHz; its first sample is at time 0."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("fltp", "stereo", RATE)
        blocks = [
            made.to_ndarray()[0]
            for frame in [*container.decode(audio=0), None]
            for made in resampler.resample(frame)
        ]
        start = container.streams.audio[0].start_time or 0
        base = container.streams.audio[0].time_base or Fraction(1, RATE)
    lead = np.zeros(max(0, round(start * base * RATE)), np.float32)
    return np.concatenate([lead, *blocks])


def rms(samples: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0


def strength(samples: NDArray[np.float32], tone: float) -> float:
    """How strong a tone is in it, as an amplitude."""
    time = np.arange(len(samples)) / RATE
    return float(2 * abs(np.mean(samples * np.exp(-2j * np.pi * tone * time))))
